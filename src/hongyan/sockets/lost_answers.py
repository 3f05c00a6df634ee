"""Answers that the peer may not have. Without a socket and without a clock."""

from collections import deque
from collections.abc import Callable

PROOF_S = 2.0
"""Octets of the peer that come this long after an answer of ours show that the answer arrived. Earlier ones may have been sent
before it.
"""


class LostAnswers:
    def __init__(self) -> None:
        self._answers: deque[tuple[float, Callable[[], None]]] = deque()  # when each left, the oldest first

    def add(self, when_lost: Callable[[], None], now: float, heard_at: float) -> None:
        """Note an answer that left now, until something that the peer sends shows that it arrived.

        when_lost: called if it was lost
        heard_at:  when the peer was last heard
        """
        proven = heard_at - PROOF_S
        while self._answers and self._answers[0][0] < proven:
            self._answers.popleft()
        self._answers.append((now, when_lost))

    def end(self, heard_at: float, *, is_orderly: bool) -> None:
        """The connection ended. In order, the peer has read all."""
        proven = heard_at - PROOF_S
        answers, self._answers = self._answers, deque()
        for left_at, when_lost in answers:
            if not is_orderly and left_at >= proven:
                when_lost()
