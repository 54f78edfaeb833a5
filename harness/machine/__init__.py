"""A virtual machine: accelerator, domain, power, memory image."""

import os

# Read when the libvirt module is first imported. What matters comes as an exception; the log would
# be written over the progress of a run.
os.environ.setdefault("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null")
