"""A virtual machine: accelerator, domain, power, memory image."""
