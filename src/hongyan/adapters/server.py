"""What a protocol server needs of a protocol: customers connect, submit and are delivered to, as at a carrier.

`adapters/<protocol>/server.py` implement it over the protocol's centre, which reads submits and writes deliveries.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hongyan.adapters.centre import Delivery, Submit
from hongyan.model.account import Account
from hongyan.model.refusal import Code
from hongyan.model.session_delivery import Deliverable
from hongyan.model.session_question import MessageCounts, MessageStatus
from hongyan.model.session_settings import SessionProtocol
from hongyan.wire.state import Pdu, ProtocolState


@dataclass(slots=True)
class Login:
    """A bind or CONNECT.

    shown: the password, or the digest in hexadecimal digits
    fits:  returns whether it was made with a secret
    """

    name: str
    shown: str
    fits: Callable[[str], bool]
    submits: bool = True
    receives: bool = True
    version: str = ""
    secret: str = field(default="", repr=False)  # with which it was made, once that is found

    def proves(self, secret: str) -> bool:
        """Returns whether it was made with this secret. If so the secret is kept, since the answer to a login may need it."""
        is_right = self.fits(secret)
        if is_right:
            self.secret = secret
        return is_right


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """query_sm: where is this message?"""

    message_id: str


@dataclass(frozen=True, slots=True)
class CancelAsked:
    message_id: str


@dataclass(frozen=True, slots=True)
class CancelByAddresses:
    """cancel_sm without an id: everything that waits from a source address to a number."""

    source: str
    number: str
    service: str


@dataclass(frozen=True, slots=True)
class ReplaceAsked:
    """replace_sm: another text; its octets are in the coding of the old one."""

    message_id: str
    submit: Submit


@dataclass(frozen=True, slots=True)
class CountAsked:
    """CMPP_QUERY: how many messages of a day, of one service or (None) of all."""

    day: str
    service: str | None


Question = StatusAsked | CancelAsked | CancelByAddresses | ReplaceAsked | CountAsked
Finding = MessageStatus | MessageCounts | bool | None
"""The answer of the platform to a question: None for an unknown message; for a cancellation or a replacement whether it was
done.
"""


class ServerAdapter(Protocol):
    """One protocol as customers speak it; shared by all their connections."""

    protocol: SessionProtocol
    throttled: int
    """The status of an answer that asks the customer to slow down."""
    unsupported: int
    """The status of an answer to a request that is never granted."""
    source_most: int
    """The most characters of a source address: a report is delivered to it, in a field of the same width."""
    names_refused: bool
    """Whether the answer to a submit names the numbers that are not accepted."""

    def protocol_state(self) -> ProtocolState:
        """Returns a new state, for a connection that begins."""
        ...

    def login(self, pdu: Pdu) -> Login: ...

    def login_status(self, code: Code) -> int:
        """Returns the status of an answer that refuses a login."""
        ...

    def status(self, code: Code) -> int:
        """Returns the status of an answer that refuses a submit."""
        ...

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        """Returns a submit; None if the PDU is none."""
        ...

    def answer(self, request: Pdu, message_id: str, rejected: Sequence[tuple[str, Code]]) -> Pdu | None:
        """Returns an answer that names the numbers which were not accepted; None if the usual answer is enough."""
        ...

    def question(self, pdu: Pdu) -> Question | None: ...

    def answer_to_question(self, request: Pdu, found: Finding) -> Pdu:
        """Returns the answer to a question."""
        ...

    def refusal_of_question(self, request: Pdu, code: Code) -> Pdu:
        """Returns the answer to a question that is refused."""
        ...

    def deliveries(self, item: Deliverable, account: Account) -> Sequence[Delivery]:
        """Returns the deliveries of an item, each one PDU; the same ones with the same ids whenever it is asked.

        account: decides the alphabet of replies
        """
        ...

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes: ...

    def is_final(self, status: int) -> bool:
        """Returns whether a delivery that was answered with this status would be refused again."""
        ...
