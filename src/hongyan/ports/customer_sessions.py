"""What a protocol server asks of the platform for customers who connect as to a carrier.

The server holds sockets, PDUs, windows and time-outs. It knows accounts, texts and owed items as values. Whatever it asks is
answered after the commit, so it may answer the customer at once. Calls that come for every message return futures, or call
back, and are batched by the lane; they are called on the event loop and return at once.

Every refusal is a `Refusal`. What the wire reads of its code is said by `adapters.smpp.refusals.status_of`, and in
`adapters.cmpp.refusals` by `login_status_of` and `result_of`.
"""

from asyncio import Future
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hongyan.model.account import Account, SessionProtocol
from hongyan.model.customer_session import (
    CustomerSession,
    Deliverable,
    MessageCounts,
    MessageStatus,
    PartPlace,
    SessionEnding,
    Submitted,
)
from hongyan.model.listener import Listener
from hongyan.model.submission import Submission


@dataclass(frozen=True, slots=True)
class LoginAsked:
    """A bind or CONNECT.

    proves: whether it was made with this secret: the password is the same, or the digest fits. It is called for each secret that
            counts, for an unknown login with one that nobody has, so that it takes the same time
    shown:  the password, or the digest in hexadecimal digits. A program that repeats a wrong one has guessed once
    """

    protocol: SessionProtocol
    login: str
    address: str  # the peer's, without its port
    listener_id: int
    proves: Callable[[str], bool]
    shown: str
    submits: bool = True  # the peer may submit on it
    receives: bool = True  # the peer takes deliveries on it
    version: str = ""  # for people, such as "3.4"


class SessionEvents(Protocol):
    """What the platform reports to the holder of a session. All are called on the event loop and return at once."""

    def owed(self) -> None:
        """There may be something to claim. One session of an account after another is notified, and all of them once a second."""
        ...

    def changed(self, account: Account) -> None:
        """Windows, rate or another setting of the account changed; the session's `account` is this one already."""
        ...

    def end(self, why: SessionEnding) -> None:
        """Unbind or terminate, then close."""
        ...


class SessionLogins(Protocol):
    async def log_in(self, asked: LoginAsked, events: SessionEvents) -> CustomerSession:
        """Let a customer in, and open the row of its session.

        raises: Refusal ACCOUNT_EMPTY, LOGIN_SLOWED, ACCOUNT_UNKNOWN, SECRET_WRONG, ACCOUNT_STOPPED, ADDRESS_FORBIDDEN,
                PROTOCOL_FORBIDDEN, SESSIONS_MANY; BUSY where the store is away
        """
        ...

    async def log_out(self, session: CustomerSession, why: str) -> None:
        """Close the row of a session; called once for every session that was let in, also when its connection broke.

        What was claimed on it and not answered is due again at once.
        why: for people, "" for an unbind
        """
        ...


SubmitDone = Callable[[Submitted | Exception], None]
"""Called once with what came of a submit, after its commit: a `Refusal`, or what broke, where it was not accepted."""


class SessionSubmits(Protocol):
    def submit(self, session: CustomerSession, submission: Submission, done: SubmitDone, *, names_refused: bool) -> None:
        """Take one submit, or the whole of a long text in one. Refusals of admission are raised at once, and `done` is not called.

        names_refused: its answer names numbers that are refused while others are accepted; else each has a report, and what no
                       report could name refuses the whole

        `submission.account` is that of the session. Its source, address, extno and customer_message_id are filled in here: the extno
        from `source_number` by the account's rule. `client_ref` is the customer's own reference, "" where there is none: for some
        minutes a submit with the same one and the same contents gets the first answer.
        raises: any Refusal of a door; BUSY where too much waits for the store
        """
        ...

    def submit_part(self, session: CustomerSession, submission: Submission, place: PartPlace, done: SubmitDone) -> None:
        """Take one part of a long text; `submission` holds what it would hold if the part came alone.

        Parts of one text have account, source_number, numbers, reference and count of parts in common, and may come over any
        session. Each is answered once it is stored; the last one when the whole was judged. A text may hold half a surrogate
        pair at its ends, as the part does; octets of other codecs are read once all are there. Binary parts bring their header
        without the element of the place.
        Numbers that are refused while others are accepted have reports, for every part.
        raises: as `submit`; PARTS_MANY where the account has too many open
        """
        ...


class SessionDeliveries(Protocol):
    def claim(self, session: CustomerSession, most: int, answer_ms: int) -> "Future[Sequence[Deliverable]]":
        """Take up to so many items that are owed to the account, oldest first.

        Until `answer_ms` have passed nobody else gets them; then they are due again, with the same ids, unless `delivered` or
        `undelivered` was reported. For an account that is not delivered to by session there are none.
        """
        ...

    def delivered(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        """The customer answered every PDU of these items with success."""
        ...

    def undelivered(self, session: CustomerSession, items: Sequence[Deliverable], *, is_final: bool) -> "Future[None]":
        """The customer refused these. is_final: it would refuse them again; they can still be pulled. Else they are due later."""
        ...

    def give_back(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        """These were claimed and no octet of them left: they are due at once."""
        ...


class SessionQuestions(Protocol):
    async def query(self, session: CustomerSession, message_id: str) -> MessageStatus | None:
        """Where a message of the account is, by the id that its submit was answered with; None for an unknown id."""
        ...

    async def cancel(self, session: CustomerSession, message_id: str) -> bool:
        """Cancel what has not left yet; whether anything of it was cancelled. An unknown id: False.

        A part of a long text whose other parts are still to come takes the whole text with it.
        """
        ...

    async def cancel_by_addresses(self, session: CustomerSession, source: str, number: str, service: str) -> bool:
        """Cancel what is queued from a source address to a number; service: "" for any. Whether there was anything."""
        ...

    async def replace(self, session: CustomerSession, message_id: str, source: str, read: Callable[[int], Submission]) -> bool:
        """Give another text to a message that has not left, judged and priced anew; whether that was possible.

        read:   makes the submission of the new text, by the data_coding of the old one
        raises: Refusal of the new text
        """
        ...

    async def count(self, session: CustomerSession, day: str, service: str | None) -> MessageCounts:
        """Count the account's messages of a day of China, YYYYMMDD, of one service or all. raises: Refusal PARAMETER_BAD"""
        ...


class CustomerSessions(Protocol):
    @property
    def logins(self) -> SessionLogins: ...

    @property
    def submits(self) -> SessionSubmits: ...

    @property
    def deliveries(self) -> SessionDeliveries: ...

    @property
    def questions(self) -> SessionQuestions: ...

    @property
    def listeners(self) -> Mapping[int, Listener]:
        """All that are configured now, stopped ones too."""
        ...

    def on_listeners(self, changed: Callable[[], None]) -> None:
        """Set who is called after `listeners` became others."""
        ...
