"""libvirt, imported in one place: how it logs is settled before its first import.

What matters comes as an exception; its log would be written over the progress of a run.
"""

import os

os.environ.setdefault("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null")

import libvirt
import libvirt_qemu

__all__ = ["libvirt", "libvirt_qemu"]
