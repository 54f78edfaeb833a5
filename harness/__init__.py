"""Tomograph: user tasks, driven in a live system, turned into a mandatory access control policy."""
