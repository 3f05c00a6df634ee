"""What a session has to know of its protocol: the commands by kind, and the octets that it writes itself."""

from enum import Enum, auto
from typing import Any, ClassVar, Protocol


class Pdu(Protocol):
    """A message of any protocol: a dataclass of `wire/<protocol>/pdu.py`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def seq(self) -> int: ...


SEQUENCES = (1, 0x7FFF_FFFF)
"""The range of sequences of a session's requests, if they are plain numbers."""


class Role(Enum):
    CLIENT = auto()  # logs in, submits, takes deliveries
    CENTRE = auto()  # the message centre: takes logins and submits, delivers


class Kind(Enum):
    """What a command means to the session."""

    ANSWER = auto()  # an answer to a text; by far the most
    REQUEST = auto()  # for the owner: a text, a query, a cancellation
    OTHER_ANSWER = auto()  # to a query or a cancellation; the owner gets the whole message
    NOTICE = auto()  # for the owner; never answered
    LOGIN = auto()
    LOGIN_ANSWER = auto()
    HEARTBEAT = auto()
    HEARTBEAT_ANSWER = auto()
    LOGOUT = auto()
    LOGOUT_ANSWER = auto()
    NACK = auto()  # refuses whatever had this sequence


class Fault(Enum):
    """Why the session itself refuses a request."""

    UNKNOWN_COMMAND = auto()
    UNREADABLE = auto()
    WRONG_STATE = auto()
    ALREADY_LOGGED_IN = auto()
    OUT_OF_STEP = auto()


class ProtocolState(Protocol):
    """One protocol with the parameters of one connection. The login may show what the peer can read."""

    head_octets: int
    frame_most: int
    heartbeat_tries: int
    """Heartbeats without any sign of life before the peer counts as dead; 0 if the protocol has none."""
    kinds: dict[int, Kind]
    credential_faults: frozenset[int]
    """Login statuses after which to wait for a minute: carriers lock accounts that keep trying."""
    has_settled: bool
    """Client: whether the answer to its login made it take a lower version, in which the next login asks."""
    before_login: frozenset[Kind]
    """What a centre takes before the login; anything else ends the connection."""

    def sequences(self, stamp: int) -> tuple[int, int]:
        """Returns the first and the last sequence for the requests of a session that began at this moment."""
        ...

    def may_send(self, role: Role) -> bool:
        """Returns whether this side may send texts, or deliveries. One of a pair of connections may be for the other direction
        only.
        """
        ...

    def may_come(self, role: Role) -> frozenset[int]:
        """Returns the request commands that this side takes once logged in."""
        ...

    def decode(self, command: int, status: int, seq: int, body: bytes) -> Pdu: ...

    def encode(self, pdu: Pdu) -> bytes: ...

    def login(self, seq: int, stamp: int) -> bytes: ...

    def read_login_answer(self, command: int, status: int, seq: int, body: bytes) -> tuple[int, str]:
        """Returns the status, and what is odd about an answer that accepts ("" if nothing is)."""
        ...

    def negotiate(self, login: Pdu) -> None:
        """Centre: agree on what both sides can read, as the login shows it, before it is admitted or refused."""
        ...

    def admit(self, login: Pdu, status: int, secret: str) -> bytes:
        """Returns the answer to a login, behind `negotiate`."""
        ...

    def read_answer(self, status: int, body: bytes) -> tuple[int, str]:
        """Returns status and carrier id in the answer to a text. raises: BadPdu"""
        ...

    def answer(self, request: Pdu, status: int, message_id: str) -> bytes: ...

    def refuse(self, command: int, seq: int, fault: Fault, body: bytes = b"") -> bytes:
        """Returns the protocol's answer to such a request; b"" if there is none. body: of a request that cannot be read"""
        ...

    def heartbeat(self, seq: int) -> bytes: ...

    def heartbeat_answer(self, seq: int) -> bytes: ...

    def logout(self, seq: int) -> bytes: ...

    def logout_answer(self, seq: int) -> bytes: ...
