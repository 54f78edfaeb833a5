"""Binds every feature in this folder to pytest."""

from pytest_bdd import scenarios

scenarios(".")
