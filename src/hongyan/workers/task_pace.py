"""How fast large tasks go on: alone in large steps, beside customers in small ones with rests, the longer the longer customers wait."""

from time import monotonic

LONG_S = 0.010
"""Who waits longer for an answer makes large tasks rest more. At half load hardly anybody does."""

REST_LEAST_S, REST_MOST_S = 0.004, 0.100
"""A rest begins with the least. At the most of them a large task still goes on, by 2,000 numbers a second."""

ALONE_S = 1.0
"""A large task is alone when no customer was answered for so long."""

_MORE, _LESS = 1.5, 0.9


class TaskPace:
    """Of one process: those who answer customers write it, those who release tasks and claim messages read it."""

    def __init__(self) -> None:
        self._longest_s = 0.0  # that anybody waited since the last slice
        self._rest_s = 0.0
        self._answered_at = -ALONE_S

    @property
    def is_alone(self) -> bool:
        """Nobody waits who would feel a large step."""
        return monotonic() - self._answered_at >= ALONE_S

    def answered(self, asked_at: float) -> None:
        """A customer was answered who asked at that moment (monotonic)."""
        self._answered_at = now = monotonic()
        self._longest_s = max(self._longest_s, now - asked_at)

    def rest_s(self) -> float:
        """How long to rest behind the slice that was just released."""
        if self._longest_s > LONG_S:
            self._rest_s = min(max(_MORE * self._rest_s, REST_LEAST_S), REST_MOST_S)
        else:
            self._rest_s *= _LESS
            if self._rest_s < REST_LEAST_S / 4:
                self._rest_s = 0.0
        self._longest_s = 0.0
        return self._rest_s
