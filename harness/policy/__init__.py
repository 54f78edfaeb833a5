"""The TOMOYO policy language as values and pure functions."""
