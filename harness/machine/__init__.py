"""A virtual machine: accelerator, domain, power, checkpoints."""
