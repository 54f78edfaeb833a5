"""Binds the faults to pytest. Run by `tests/vm/test_faults.py`, which looks at the record afterwards."""

from pytest_bdd import scenarios

scenarios("faults.feature")
