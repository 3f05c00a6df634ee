"""The Protocols between rooms: what a room needs of another, without naming it."""

from asyncio import Future
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from hongyan.model.account import Account, Balance, Product
from hongyan.model.alarm import Alarm, Telling
from hongyan.model.channel import Channel
from hongyan.model.link_counts import LinkCounts
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, Pushed
from hongyan.model.rows import PageCursor
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.ports.tx import Tx

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Step(Generic[Item, Result]):
    """What a lane runs over a batch.

    run:  takes the transaction and the items, and returns one answer an item; an answer that is an exception is raised to
          the one who asked, and the others are not touched
    rank: steps of a batch run in this order, so that two lanes lock tables in the same order
    is_awaited: a customer waits for its answer; a lane may let other steps wait a little longer, to commit more of them at once
    """

    name: str
    rank: int
    run: Callable[[Tx, Sequence[Item]], Sequence[Result | Exception]]
    is_awaited: bool = False


class StoreAway(Exception):
    """The store does not answer, or cannot be written now. The lane logs that in a line for all; it is no bug of who asked."""


class Lane(Protocol):
    """The way to the store: one writer, group commit."""

    def ask(self, step: Step[Item, Result], item: Item, *, is_urgent: bool = False) -> "Future[Result]":
        """Queue one item; the future is resolved after the commit that holds it. Called on the event loop.

        is_urgent: a link stands still until it is committed; the lane does not wait for more to come
        """
        ...


class Clock(Protocol):
    """Milliseconds since 1970, UTC."""

    def __call__(self) -> int: ...


class CustomerApi(Protocol):
    """What a door may ask of the platform. Every call answers after the commit."""

    @property
    def snapshot(self) -> ConfigSnapshot: ...

    async def accept(self, admission: Admission) -> Accepted:
        """Hold the money and store the messages; raises Refusal (balance, reused reference, internal)."""
        ...

    async def balance(self, account: Account, product: Product) -> Balance: ...

    async def change_secret(self, account: Account, secret: str) -> None:
        """Change the account's API secret. It counts when this returns; the old one counts for a while too."""
        ...

    async def take_reports(self, account: Account, most: int, task_id: int | None) -> list[OwedReport]:
        """Hand out up to `most` reports, of one task if given; they are not handed out again."""
        ...

    async def take_again(self, account: Account, most: int, task_id: int) -> list[OwedReport]:
        """Hand out up to `most` reports of a task, whether they were handed out before or not."""
        ...

    async def take_replies(self, account: Account, most: int, task_id: int | None) -> list[OwedReply]: ...

    async def give_back(self, kind: OwedKind, owed_ids: Sequence[int]) -> None:
        """The answer with these did not leave our buffer: they wait again."""
        ...


Whose = int | tuple[str, int]
"""Whose secret a request is to prove: an account's id, or ("customer", its number) where the request names no account."""


class Guard(Protocol):
    """Slows those who try secrets.

    A door calls `check` before it looks at a secret, a signature or encrypted octets. So during a pause neither its answer nor its
    time depends on them. Afterwards the door calls `right` or `wrong`.

    whose:      None when there is no such account or customer
    is_trusted: whether the address stands in the address list of that account or customer
    """

    def check(self, whose: Whose | None, address: str, *, is_trusted: bool) -> None:
        """Raise Refusal LOGIN_SLOWED while an address must wait."""
        ...

    def right(self, whose: Whose, address: str) -> None: ...

    def wrong(self, whose: Whose | None, address: str, guess: str, *, is_trusted: bool) -> None: ...


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

    async def unreported(self, after: PageCursor, since_ms: int, until_ms: int) -> tuple[list[str], PageCursor | None]:
        """The carrier ids of messages that were sent within a span and have no verdict: one page behind a place, (0, 0) at first.

        Returns the next page's place, None at the end. raises: whatever the store says
        """
        ...

    def hungry(self) -> None:
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

    def pdus(self) -> Sequence[Mapping[str, Any]] | None:
        """The last PDUs of its connections in order of time, phones masked and texts left out; None where the protocol has none.

        Each has `at_ms`, `connection` and `way` (out, in) beside its fields.
        """
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


class Notifier(Protocol):
    """Tells people of an alarm; never raises for what their side does."""

    def __call__(self, alarm: Alarm, text: str) -> Awaitable[Telling]: ...


class Poster(Protocol):
    """Posts one body of owed items to a customer; never raises for what the customer's side does."""

    def __call__(
        self, account: Account, kind: OwedKind, items: Sequence[OwedReport] | Sequence[OwedReply]
    ) -> Awaitable[Pushed]: ...
