"""What the rules of admission work on: one submission while they judge it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission


class AdmissionContext:
    """The submission, and what the rules have made of it so far.

    text:     the text that is judged now: the submission's, or that of one of its numbers; `content` cleans it
    texts:    a text for each phone, if every number has its own
    read:     what `phones` read in each number as written; None if it is no number
    count:    segments of `text` as it is written; of an MMS one
    phones:   the numbers that are left, in order, each once
    failed:   the numbers that a rule rejected, and why
    facts:    of the first number's own text that was refused, for each cause
    routed:   phone, channel and points a segment, from `route` to `cost`
    phones, channels, segments, points: in the same order, once `cost` has counted
    """

    __slots__ = (
        "channels",
        "count",
        "facts",
        "failed",
        "now_ms",
        "phones",
        "points",
        "read",
        "routed",
        "segments",
        "snapshot",
        "submission",
        "text",
        "texts",
    )

    count: int
    read: Sequence[int | None]
    channels: list[int]
    segments: list[int]
    points: list[int]

    def __init__(self, snapshot: ConfigSnapshot, submission: Submission, now_ms: int, phones: list[int]) -> None:
        self.snapshot, self.submission, self.now_ms = snapshot, submission, now_ms
        self.text = submission.text
        self.texts: dict[int, str] | None = None
        self.phones = phones
        self.failed: dict[int, Code] = {}
        self.facts: dict[Code, dict[str, object]] = {}
        self.routed: list[tuple[int, int, int]] = []

    def reject(self, phone: int, refusal: Refusal) -> None:
        """Reject a number whose own text is refused."""
        self.failed[phone] = refusal.code
        self.facts.setdefault(refusal.code, refusal.facts)

    def batch(self, start: int, end: int) -> "AdmissionContext":
        """Returns the context of some of its numbers, after the rules about the whole have judged."""
        submission = self.submission
        texts = None if submission.texts is None else submission.texts[start:end]
        batch = AdmissionContext(
            self.snapshot, replace(submission, numbers=submission.numbers[start:end], texts=texts), self.now_ms, []
        )
        batch.text = self.text
        if texts is None:
            batch.count = self.count
        return batch


Judge = Callable[[AdmissionContext], None]
"""A rule. It raises Refusal for the submission as a whole, and rejects a number by noting it in `failed`."""
