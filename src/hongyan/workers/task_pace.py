"""The pace of large tasks: large steps when they are alone; beside customers small steps with rests, longer when customers wait
longer.
"""

from time import monotonic

LONG_S = 0.010
"""If a customer waits longer for an answer, large tasks rest more. At half load hardly anybody does."""

REST_LEAST_S, REST_MOST_S = 0.004, 0.100
"""The shortest and the longest rest. With the longest a large task still does 2,000 numbers a second."""

ALONE_S = 1.0
"""A large task is alone when no customer was answered for so long."""

_MORE, _LESS = 1.5, 0.9


class TaskPace:
    """The pace of one process. What answers customers writes it; the release and the claims read it."""

    def __init__(self) -> None:
        self._longest_s = 0.0  # the longest that a customer waited since the last slice
        self._rest_s = 0.0
        self._answered_at = -ALONE_S

    @property
    def is_alone(self) -> bool:
        """Returns whether nobody waits who would feel a large step."""
        return monotonic() - self._answered_at >= ALONE_S

    def answered(self, asked_at: float) -> None:
        """Note that a customer was answered who asked at that moment (monotonic)."""
        self._answered_at = now = monotonic()
        self._longest_s = max(self._longest_s, now - asked_at)

    def rest_s(self) -> float:
        """Returns how long to rest behind the slice that was just released."""
        if self._longest_s > LONG_S:
            self._rest_s = min(max(_MORE * self._rest_s, REST_LEAST_S), REST_MOST_S)
        else:
            self._rest_s *= _LESS
            if self._rest_s < REST_LEAST_S / 4:
                self._rest_s = 0.0
        self._longest_s = 0.0
        return self._rest_s
