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
        """The carrier answered these segments, or no answer will come. The worker commits, then calls `Link.settled`."""
        ...

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:
        """Status reports came. `confirm(True)`, after the commit, answers the carrier; `confirm(False)` asks it to repeat them.

        While the store is away it is asked again, and `confirm` waits with it. If the carrier would not wait so long, the link
        asks for a repeat by itself. The reports are held all the same.
        """
        ...

    def replied(self, parts: Sequence[ReplyPart], confirm: Callable[[bool], None]) -> None: ...

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None:
        """The carrier may not have our answer to these stored replies, and may deliver them again under other names."""
        ...

    async def unreported(self, after: PageCursor, since_ms: int, until_ms: int) -> tuple[list[str], PageCursor | None]:
        """Returns one page of carrier ids of messages sent within a span that have no verdict. The first page is behind (0, 0).

        It also returns the place behind which the next page begins, None at the end. Raises whatever the store raises.
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
        """Returns the number of submits without an answer."""
        ...

    @property
    def trouble(self) -> str:
        """Returns what last went wrong, for people; "" once all is well. It stays the same while the same thing goes wrong."""
        ...

    @property
    def room(self) -> int:
        """Returns how many more segments it wants: what window and rate use in two seconds, less what is queued."""
        ...

    def pdus(self, *, clear: bool = False) -> Sequence[Mapping[str, Any]] | None:
        """Returns the last PDUs of its connections in order of time, without phones and texts; None if the protocol has no
        PDUs.

        Each has `at_ms`, `connection` and `way` (out, in) beside its fields.
        clear: phones and texts in clear, and the octets of each PDU
        """
        ...

    def connections(self) -> Sequence[Mapping[str, Any]]:
        """Returns the state of each connection: `peer`, `state` and `in_air`; empty if the protocol keeps no connections."""
        ...

    def offer(self, segments: Sequence[OutSegment]) -> None:
        """Queue segments. They leave in this order as window and rate allow. Each is reported once by `answered`."""
        ...

    def settled(self, count: int) -> None:
        """Note that `count` answers are committed, so that the link may have as many more segments in the air."""
        ...

    def retune(self, channel: Channel) -> None:
        """Take over a changed window, rate or state of the channel while running. A PAUSED one sends nothing."""
        ...

    def withdraw(self) -> list[OutSegment]:
        """Return what was offered and has not left; none of it will be sent."""
        ...

    async def open(self) -> None: ...

    async def close(self, drain_s: float) -> None:
        """Stop sending, wait up to `drain_s` for answers, log out, close.

        Segments without an answer are reported if the channel holds what is in doubt. If it resends, they are not reported, and
        the next owner of their parcel sends them again.
        """
        ...


LinkMaker = Callable[[Channel, LinkEvents], Link]
