"""What a protocol server asks of the platform for customers who connect as to a carrier.

The server holds sockets, PDUs, windows and time-outs. Accounts, texts and owed items are values to it. Every answer comes after
the commit, so the server may answer the customer at once. Calls that are made for every message return futures or call back,
and the lane batches them. They are called on the event loop and return at once.

Every refusal is a `Refusal`. Its code on the wire comes from `adapters.smpp.refusals.status_of`, and in
`adapters.cmpp.refusals` from `login_status_of` and `result_of`.
"""

from asyncio import Future
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hongyan.model.account import Account
from hongyan.model.customer_session import CustomerSession, SessionEnding
from hongyan.model.listener import Listener
from hongyan.model.session_delivery import Deliverable
from hongyan.model.session_question import MessageCounts, MessageStatus
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.session_submit import PartPlace, Submitted
from hongyan.model.submission import Submission


@dataclass(frozen=True, slots=True)
class LoginAsked:
    """A bind or CONNECT.

    proves: returns whether the login was made with this secret: the password is the same, or the digest fits. It is called for
            each secret that counts or counted, and with one that nobody has, as often for every login, so that each takes the
            same time
    shown:  the password, or the digest in hexadecimal digits. A program that repeats a wrong one counts as one guess
    """

    protocol: SessionProtocol
    login: str
    address: str  # the address of the peer, without its port
    listener_id: int
    proves: Callable[[str], bool]
    shown: str
    submits: bool = True  # the peer may submit on it
    receives: bool = True  # the peer takes deliveries on it
    version: str = ""  # for people, such as "3.4"


class SessionEvents(Protocol):
    """What the platform reports to the holder of a session. All are called on the event loop and return at once."""

    @property
    def room(self) -> int:
        """Returns how many items it takes at once; 0 while there may be something to claim. May be read in any thread."""
        ...

    @property
    def answer_ms(self) -> int:
        """Returns within what time it has answers to what it takes. May be read in any thread."""
        ...

    @property
    def is_cut_off(self) -> bool:
        """Returns whether the customer's side does not acknowledge what was written. May be read in any thread."""
        ...

    def deliver(self, items: Sequence[Deliverable]) -> None:
        """Take items that were claimed for it as they were owed, by its `room` and `answer_ms`. The same holds for them as for
        those of `claim`.
        """
        ...

    def owed(self) -> None:
        """There may be something to claim. The sessions of an account are notified one after another, and all of them once a
        second.
        """
        ...

    def changed(self, account: Account) -> None:
        """Windows, rate or another setting of the account changed. The session's `account` is the new one already."""
        ...

    def end(self, why: SessionEnding) -> None:
        """Unbind or terminate, then close."""
        ...


class SessionLogins(Protocol):
    async def log_in(self, asked: LoginAsked, events: SessionEvents) -> CustomerSession:
        """Admit a login, and open the row of its session.

        raises: Refusal ACCOUNT_EMPTY, LOGIN_SLOWED, ACCOUNT_UNKNOWN, SECRET_WRONG, ACCOUNT_STOPPED, ADDRESS_FORBIDDEN,
                PROTOCOL_FORBIDDEN, SESSIONS_MANY; BUSY if the store is away
        """
        ...

    async def log_out(self, session: CustomerSession, why: str) -> None:
        """Close the row of a session. Called once for every admitted session, also if its connection broke.

        What was claimed on it and not answered is due again at once.
        why: for people, "" for an unbind
        """
        ...


SubmitDone = Callable[[Submitted | Exception], None]
"""Called once with the outcome of a submit, after its commit: a `Refusal` or another error if it was not accepted."""


class SessionSubmits(Protocol):
    def submit(self, session: CustomerSession, submission: Submission, done: SubmitDone, *, names_refused: bool) -> None:
        """Take one submit, or a whole long text. A refusal by admission is raised at once, and `done` is not called.

        names_refused: whether the answer can name numbers that are refused while others are accepted. If not, each of them gets
                       a report, and a number that no report could name refuses the whole submit

        `submission.account` is that of the session. Source, address, extno and customer_message_id are filled in here; the
        extno comes from `source_number` by the account's rule. `client_ref` is the customer's own reference, "" if there is
        none: for some minutes a submit with the same reference and the same contents gets the first answer.
        raises: any Refusal of a door; BUSY if too much waits for the store
        """
        ...

    def submit_part(self, session: CustomerSession, submission: Submission, place: PartPlace, done: SubmitDone) -> None:
        """Take one part of a long text. `submission` is what it would be if the part came alone.

        Parts of one text share account, source_number, numbers, reference and count of parts, and may come over any session.
        Each is answered once it is stored; the last one once the whole was judged. A part may begin or end with half a
        surrogate pair. Octets of other codecs are decoded once all parts are there. Binary parts bring their header without the
        element that says their place. Numbers that are refused while others are accepted get reports, for every part.
        raises: as `submit`; PARTS_MANY if the account has too many open
        """
        ...


class SessionDeliveries(Protocol):
    def claim(self, session: CustomerSession, most: int, answer_ms: int) -> "Future[Sequence[Deliverable]]":
        """Take up to so many items that are owed to the account, the oldest first.

        Until `answer_ms` have passed nobody else gets them. Then they are due again, with the same ids, unless `delivered` or
        `undelivered` was called for them. An account that is not delivered to by session gets none.
        """
        ...

    def delivered(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        """The customer answered every PDU of these items with success."""
        ...

    def undelivered(self, session: CustomerSession, items: Sequence[Deliverable], *, is_final: bool) -> "Future[None]":
        """The customer refused these items. is_final: another try would fail too; they can still be pulled. Else they are due
        again later.
        """
        ...

    def give_back(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        """Return items of which no octet left; they are due at once."""
        ...


class SessionQuestions(Protocol):
    async def query(self, session: CustomerSession, message_id: str) -> MessageStatus | None:
        """Returns where a message of the account is, by the id that answered its submit; None for an unknown id."""
        ...

    async def cancel(self, session: CustomerSession, message_id: str) -> bool:
        """Cancel what has not left yet; returns whether anything was cancelled. For an unknown id it returns False.

        A part of a long text whose other parts are missing takes the whole text with it.
        """
        ...

    async def cancel_by_addresses(self, session: CustomerSession, source: str, number: str, service: str) -> bool:
        """Cancel what is queued from a source address to a number; returns whether there was anything. service: "" for any"""
        ...

    async def replace(self, session: CustomerSession, message_id: str, source: str, read: Callable[[int], Submission]) -> bool:
        """Replace the text of a message that has not left; it is judged and priced anew. Returns whether that was possible.

        read:   makes the submission of the new text, given the data_coding of the old one
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
        """Returns all listeners that are configured now, including stopped ones."""
        ...

    def on_listeners(self, changed: Callable[[], None]) -> None:
        """Set the function that is called after `listeners` changed."""
        ...
