"""What a link counts, for metrics and for people; numbers that only grow, and one that shows the moment."""

from collections import Counter
from dataclasses import dataclass, field

from hongyan.model.spread import Spread

_CODES_MOST = 100  # different refusals that are told apart


@dataclass(slots=True)
class LinkCounts:
    submits: int = 0  # written, repeated ones too
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # by the carrier's code
    throttled: int = 0  # answers that said "too fast"
    doubts: int = 0  # segments sent again because no answer came
    unanswered: int = 0  # segments given back without an answer
    receipts: int = 0
    replies: int = 0
    unreadable: int = 0  # deliveries that made no sense
    odd: int = 0  # what the protocol does not foresee
    logins: int = 0
    logins_refused: int = 0
    connects_failed: int = 0
    disconnects: int = 0  # of connections that were up, unasked
    connections_up: int = 0  # now
    durations: Spread = field(default_factory=Spread)  # from a submit to its answer, seconds

    def refuse(self, code: str) -> None:
        self.refused[code if code in self.refused or len(self.refused) < _CODES_MOST else "other"] += 1
