"""What was read of a peer and is not handled yet, and why it is not read now. Without a socket and without a clock.

The octets of one read are handled in pieces, one in each turn of the event loop, so that a fast peer delays nobody else. Until
all of them are handled, nothing more is read.
"""

from enum import Enum, auto


class Pause(Enum):
    """Why a peer is not read."""

    STUFFED = auto()  # it does not read either: our answers to its requests would pile up
    UNCONFIRMED = auto()  # too many of its deliveries wait for their commit
    RESTING = auto()  # it is made to wait


_OURS = frozenset({Pause.UNCONFIRMED, Pause.RESTING})


class PeerReader:
    def __init__(self) -> None:
        self.octets = b""
        """Of the last read, not handled yet."""
        self._paused: dict[Pause, float] = {}  # since when

    @property
    def is_held(self) -> bool:
        """Returns whether what is read now has to wait."""
        return bool(self.octets or self._paused)

    @property
    def is_ready(self) -> bool:
        """Returns whether a piece waits that may be handled."""
        return bool(self.octets and not self._paused)

    @property
    def is_silence_ours(self) -> bool:
        """Returns whether the peer's silence is our doing: then no time-out of its runs."""
        return not _OURS.isdisjoint(self._paused)

    def is_paused(self, why: Pause) -> bool:
        return why in self._paused

    def pause(self, why: Pause, now: float) -> None:
        """Pause, unless it is paused for this already. Times are seconds of any clock that only moves forward."""
        self._paused.setdefault(why, now)

    def resume(self, why: Pause, now: float) -> float:
        """End the pause for this, while others may last; returns how many seconds it was."""
        return now - self._paused.pop(why, now)

    def take_piece(self, most: int) -> bytes:
        """Returns the next octets to handle: b"" if none may be handled now."""
        if self._paused:
            return b""
        piece, self.octets = self.octets[:most], self.octets[most:]
        return piece
