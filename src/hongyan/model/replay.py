"""A replay: owing again what was handed out, pushed or parked."""

from dataclasses import dataclass
from typing import Any

from hongyan.model.errors import Invalid
from hongyan.model.fields import Change, described
from hongyan.model.ids import HOUR_MS
from hongyan.model.kinds import MOMENT, decimal, word, word_of
from hongyan.model.owed import OwedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Change):
    """What is owed again: what was made within the last hours, or between two moments."""

    kind: OwedKind | None = described("Reports or replies.", word(OwedKind), usual=OwedKind.REPORT)
    hours: float | None = described("Of the last so many hours.", decimal(0.01, 31 * 24))
    since_ms: int | None = described("What was made from this moment on.", MOMENT)
    until_ms: int | None = described("What was made before this moment.", MOMENT)

    @property
    def owed(self) -> OwedKind:
        """Returns what is owed again; reports where nothing is set."""
        return self.kind or OwedKind.REPORT

    def facts(self, now_ms: int) -> dict[str, Any]:
        """Returns the facts that a job stores. raises: Invalid"""
        since_ms, until_ms = self.span(now_ms)
        return {"owed": word_of(self.owed), "since_ms": since_ms, "until_ms": until_ms}

    def span(self, now_ms: int) -> tuple[int, int]:
        """Returns the beginning and the end of the span. raises: Invalid"""
        if self.hours is not None and self.since_ms is None and self.until_ms is None:
            return now_ms - round(self.hours * HOUR_MS), now_ms + 1
        if self.hours is not None or self.since_ms is None or self.until_ms is None:
            raise Invalid("say of how many hours, or from which moment until which")
        if self.until_ms <= self.since_ms:
            raise Invalid("a span ends after it begins")
        return self.since_ms, self.until_ms
