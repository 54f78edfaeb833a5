"""A Tor network of a scenario's own: directory authorities, relays and an exit, all of them Debian's tor.

The model is the Tor Project's chutney: a network of a few daemons on one host, which votes often and asks for
no reputation (`TestingTorNetwork`). It is not connected with the Tor network of the world.
"""

from harness.services.tor.private import EXITS, TorNetwork

__all__ = ["EXITS", "TorNetwork"]
