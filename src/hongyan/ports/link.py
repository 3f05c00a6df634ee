"""The connections of a channel, and what they report to their worker."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from hongyan.model.channel import Channel
from hongyan.model.link_counts import LinkCounts
from hongyan.model.rows import PageCursor
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart


class LinkEvents(Protocol):
    """What a link reports to its worker. All are called on the event loop and return at once."""

    def answered(self, answers: Sequence[Answered]) -> None:
        """Answers of the carrier, and segments whose answer will not come; the worker commits, then calls `Link.settled`."""
        ...

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:
        """Status reports. `confirm(True)`, after the commit, answers the carrier; `confirm(False)` asks it to repeat them.

        A store that is away is asked again, and `confirm` waits with it: a link whose carrier waits no longer asks for a repeat
        by itself. The reports are held all the same.
        """
        ...

    def replied(self, parts: Sequence[ReplyPart], confirm: Callable[[bool], None]) -> None: ...

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None:
        """The carrier may not have our answer to these replies, which are stored: it may deliver them once more, under other names."""
        ...

    async def unreported(self, after: PageCursor, since_ms: int, until_ms: int) -> tuple[list[str], PageCursor | None]:
        """The carrier ids of messages that were sent within a span and have no verdict: one page behind a place, (0, 0) at first.

        Returns the next page's place, None at the end. raises: whatever the store says
        """
        ...

    def ready(self) -> None:
        """There is room for more segments."""
        ...

    def changed(self) -> None:
        """`is_up` changed."""
        ...


class Link(Protocol):
    """All connections of one channel, kept up until it is closed."""

    channel: Channel
    counts: LinkCounts

    @property
    def is_up(self) -> bool: ...

    @property
    def in_air(self) -> int:
        """Submits without an answer."""
        ...

    @property
    def trouble(self) -> str:
        """What last went wrong, for people; "" since all is well. It stays the same while the same thing goes wrong."""
        ...

    @property
    def room(self) -> int:
        """How many more segments it wants queued now: what window and rate use in two seconds, less what it has."""
        ...

    def pdus(self, *, clear: bool = False) -> Sequence[Mapping[str, Any]] | None:
        """The last PDUs of its connections in order of time, phones masked and texts left out; None where the protocol has none.

        Each has `at_ms`, `connection` and `way` (out, in) beside its fields.
        clear: phones and texts as they are, and the octets of each PDU
        """
        ...

    def connections(self) -> Sequence[Mapping[str, Any]]:
        """How each of its connections does: `peer`, `state` and `in_air`; none where the protocol keeps none."""
        ...

    def offer(self, segments: Sequence[OutSegment]) -> None:
        """Queue segments; they leave in this order as window and rate allow. Each comes back in one `answered`."""
        ...

    def settled(self, count: int) -> None:
        """Note that `count` answers are committed: the link may have as many more segments in the air."""
        ...

    def retune(self, channel: Channel) -> None:
        """Window, rate or state of the channel changed while running; PAUSED sends nothing."""
        ...

    def withdraw(self) -> list[OutSegment]:
        """Take back what was offered and has not left; nothing of it will be sent."""
        ...

    async def open(self) -> None: ...

    async def close(self, drain_s: float) -> None:
        """Stop sending, wait at most `drain_s` for answers, log out, close.

        Segments without an answer come back as such where the channel holds what is in doubt; where it resends they do not
        come back, and the next owner of their parcel sends them again.
        """
        ...


LinkMaker = Callable[[Channel, LinkEvents], Link]
