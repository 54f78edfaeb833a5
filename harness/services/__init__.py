"""Servers for a scenario, in the machine's network: a guest reaches them, and they are gone after it.

Those of libraries run in this process, behind sockets that were made in the machine's namespace
(`harness.machine.enclosure`); Debian's own (Dovecot, Prosody, tor) as programs that end with it. A guest
is nobody to trust: no server runs what a guest sends it.
"""

from harness.services.network import Network

__all__ = ["Network"]
