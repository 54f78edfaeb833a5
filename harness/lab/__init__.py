"""The life of a scenario: one machine with its hands, eyes and instruments, from checkpoint to record."""
