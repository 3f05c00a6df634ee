"""Requests of ours that wait for their answers, the oldest first, and the sequences that they have.

Times are seconds of any clock that only moves forward. Silence of the peer that is our doing is not counted.
"""

from math import inf


class Window:
    def __init__(self, sequences: tuple[int, int]) -> None:
        """sequences: the first and the last"""
        self.waiting: dict[int, tuple[object, float]] = {}
        """Token, and when it was sent without the silence that is not counted; by sequence."""
        self._first_seq, self._last_seq = sequences
        self.next_seq = self._first_seq
        self._ignored_s = 0.0

    def take_seq(self) -> int:
        """Returns `next_seq`, and steps on."""
        seq = self.next_seq
        self.next_seq = seq + 1 if seq < self._last_seq else self._first_seq
        return seq

    def add(self, seq: int, token: object, now: float) -> None:
        """Note a request that is sent now."""
        self.waiting[seq] = (token, now - self._ignored_s)

    def take(self, seq: int) -> tuple[object, float] | None:
        """Take out the request that this sequence answers; returns its token and when it was sent, None if nothing waits for it."""
        return self.waiting.pop(seq, None)

    def ignore_silence(self, seconds: float) -> None:
        """Do not count this time, in which the peer was not read."""
        self._ignored_s += seconds

    def next_deadline(self, timeout_s: float) -> float:
        """Returns when the oldest request has waited for this long."""
        for _, sent_at in self.waiting.values():
            return sent_at + self._ignored_s + timeout_s
        return inf

    def expire(self, timeout_s: float, now: float) -> tuple[object, ...]:
        """Take out what has waited for this long, and free its place; returns the tokens."""
        if self.next_deadline(timeout_s) > now:
            return ()
        late = now - self._ignored_s - timeout_s
        expired = [seq for seq, (_, sent_at) in self.waiting.items() if sent_at <= late]
        return tuple(self.waiting.pop(seq)[0] for seq in expired)

    def clear(self) -> tuple[object, ...]:
        """Take out everything; returns the tokens."""
        tokens = tuple(token for token, _ in self.waiting.values())
        self.waiting.clear()
        return tokens
