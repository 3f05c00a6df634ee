"""What a link counts, for metrics and for people: counters that only grow, and one gauge."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hongyan.model.histogram import WAITS, Histogram
from hongyan.model.traffic import Receipt

_CODES_MOST = 100  # the most different refusals with counters of their own
_WAITING_MOST = 1_000


@dataclass(slots=True)
class ReportDelays:
    """Measures the time from a submit to its receipt, for one segment of each read. That is enough for a histogram and costs
    little.
    """

    histogram: Histogram = field(default_factory=lambda: Histogram(WAITS))
    _waiting: dict[str, int] = field(default_factory=dict)  # carrier's id → when its submit was written (ms)

    def expect(self, carrier_id: str, submitted_ms: int) -> None:
        """Begin to measure a segment. carrier_id: of an answer; "" if the carrier did not accept the segment"""
        if not carrier_id:
            return
        if len(self._waiting) >= _WAITING_MOST:  # the oldest one may never come
            del self._waiting[next(iter(self._waiting))]
        self._waiting[carrier_id] = submitted_ms

    def note(self, receipts: Sequence[Receipt]) -> None:
        waiting = self._waiting
        for receipt in receipts:
            if (carrier_id := receipt.carrier_ids[0]) in waiting:
                self.histogram.add(max(0, receipt.received_ms - waiting.pop(carrier_id)) / 1000)


@dataclass(slots=True)
class LinkCounts:
    submits: int = 0  # submits that were written, repeated ones included
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # refusals by the carrier's code
    throttled: int = 0  # answers that said "too fast"
    resubmits: int = 0  # segments that were sent again because no answer came
    unanswered: int = 0  # segments that were returned without an answer
    receipts: int = 0
    replies: int = 0
    unreadable: int = 0  # deliveries that cannot be read
    odd: int = 0  # PDUs that the protocol does not foresee
    logins: int = 0
    logins_refused: int = 0
    connects_failed: int = 0
    disconnects: int = 0  # connections that were up and ended by themselves
    connections_up: int = 0  # connections that are up now
    delays: ReportDelays = field(default_factory=ReportDelays)
    durations: Histogram = field(default_factory=Histogram)  # seconds from a submit to its answer

    def note_receipts(self, receipts: Sequence[Receipt]) -> None:
        self.receipts += len(receipts)
        self.delays.note(receipts)

    def refuse(self, code: str) -> None:
        self.refused[code if code in self.refused or len(self.refused) < _CODES_MOST else "other"] += 1
