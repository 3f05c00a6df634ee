"""The silence of a peer: since when it said nothing, and the heartbeats that were sent meanwhile.

Times are seconds of any clock that only moves forward.
"""

from math import inf


class Silence:
    def __init__(self, now: float) -> None:
        self.since = now
        """When the peer was last heard."""
        self.heartbeats = 0
        """Sent since then."""

    def end(self, now: float) -> None:
        """The peer said something."""
        self.since = now
        self.heartbeats = 0

    def ignore(self, seconds: float) -> None:
        """Do not count this time, in which the peer was not read."""
        self.since += seconds

    def heartbeat_due(self, heartbeat_s: float) -> float:
        """Returns when the next heartbeat is due, one after each such time. heartbeat_s: 0 for a session without heartbeats"""
        return self.since + heartbeat_s * (self.heartbeats + 1) if heartbeat_s else inf

    def lasts_until(self, seconds: float) -> float:
        """Returns when it has lasted for so long. seconds: 0 for never"""
        return self.since + seconds if seconds else inf
