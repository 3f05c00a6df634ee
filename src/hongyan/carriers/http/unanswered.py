"""Questions without an answer: each waits a growing pause for its next turn, and is given up after some silences.

If a platform cannot be reached, that costs a question a pause, and no turn. The number of waiting questions is bounded.
They are forgotten with the process: after a start everything is asked for anew.
"""

from dataclasses import dataclass

FIRST_PAUSE_S, MOST_PAUSE_S = 60.0, 6 * 3600.0
"""Pause before a question is asked again; it doubles each time."""

SILENCES_MOST = 13
"""How often a question is asked without an answer: over a little more than a day in all."""

WAITING_MOST = 5_000
"""The most questions that wait: less than 2 MB of memory."""


@dataclass(slots=True)
class _Waiting:
    due: float = 0.0
    silences: int = 0


class Unanswered:
    """A queue: a question that stays without an answer goes to its end."""

    def __init__(self) -> None:
        self._line: dict[str, _Waiting] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._line

    @property
    def is_full(self) -> bool:
        """Returns whether no other question may be asked before one of these has left."""
        return len(self._line) >= WAITING_MOST

    def due(self, now: float) -> str | None:
        """Returns the first question whose pause is over; it stays until it is answered or given up."""
        return next((name for name, waiting in self._line.items() if waiting.due <= now), None)

    def note(self, name: str, now: float, *, is_silence: bool) -> bool:
        """Note that a question got no answer; returns False if it is given up. is_silence: the platform had the question"""
        waiting = self._line.pop(name, None) or _Waiting()
        waiting.due = now + min(FIRST_PAUSE_S * 2**waiting.silences, MOST_PAUSE_S)
        waiting.silences += is_silence
        if waiting.silences == SILENCES_MOST:
            return False
        self._line[name] = waiting
        return True

    def forget(self, name: str) -> None:
        """Remove a question that has its answer."""
        self._line.pop(name, None)
