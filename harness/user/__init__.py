"""A person's hands and eyes: keyboard, pointer, screen, text console."""
