"""The instruments: what the harness does inside a machine in order to observe it."""
