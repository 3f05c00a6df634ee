"""What a session has to know of the protocol it speaks: the commands by kind, and the octets that it writes itself."""

from enum import Enum, auto
from typing import Any, ClassVar, Protocol


class Pdu(Protocol):
    """A message of any protocol: a dataclass of `wire/<protocol>/pdu.py`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def seq(self) -> int: ...


SEQUENCES = (1, 0x7FFF_FFFF)
"""Of a session's requests, where they are plain numbers."""


class Role(Enum):
    CLIENT = auto()  # logs in, submits, takes deliveries
    CENTRE = auto()  # the message centre: takes logins and submits, delivers


class Kind(Enum):
    """What a command means to the session."""

    ANSWER = auto()  # to a text: the hot one
    REQUEST = auto()  # for the application: a text, a query, a cancellation
    OTHER_ANSWER = auto()  # to a query or a cancellation: the application sees the whole message
    NOTICE = auto()  # for the application, and never answered
    LOGIN = auto()
    LOGIN_ANSWER = auto()
    HEARTBEAT = auto()
    HEARTBEAT_ANSWER = auto()
    LOGOUT = auto()
    LOGOUT_ANSWER = auto()
    NACK = auto()  # refuses whatever bore this sequence


class Fault(Enum):
    """Why the session itself turns a request down."""

    UNKNOWN_COMMAND = auto()
    UNREADABLE = auto()
    WRONG_STATE = auto()
    ALREADY_LOGGED_IN = auto()
    OUT_OF_STEP = auto()


class ProtocolState(Protocol):
    """One protocol with the parameters of one connection. It may learn from the login what the peer can read."""

    head_octets: int
    frame_most: int
    heartbeat_tries: int
    """Heartbeats without any sign of life before the peer counts as dead; 0 where the protocol has none."""
    kinds: dict[int, Kind]
    credential_faults: frozenset[int]
    """Login statuses after which to stay away for a minute: carriers lock accounts that keep trying."""
    closes_before_login: bool
    """Does a request before the login end the connection, instead of being refused?"""

    def sequences(self, stamp: int) -> tuple[int, int]:
        """Returns the first and the last sequence for the requests of a session that began at this moment."""
        ...

    def may_send(self, role: Role) -> bool:
        """May this side send texts, or deliveries? One of a pair of connections may be for the other direction only."""
        ...

    def may_come(self, role: Role) -> frozenset[int]:
        """Request commands that this side takes once logged in."""
        ...

    def decode(self, command: int, status: int, seq: int, body: bytes) -> Pdu: ...

    def encode(self, pdu: Pdu) -> bytes: ...

    def login(self, seq: int, stamp: int) -> bytes: ...

    def read_login_answer(self, command: int, status: int, seq: int, body: bytes) -> tuple[int, str]:
        """Status, and what is odd about an answer that accepts ("" when nothing is)."""
        ...

    def admit(self, login: Pdu, status: int, secret: str) -> bytes:
        """The answer to a login; with status 0 the state settles on what both sides can read."""
        ...

    def read_answer(self, status: int, body: bytes) -> tuple[int, str]:
        """Status and carrier id in the answer to a text; raises BadPdu."""
        ...

    def answer(self, request: Pdu, status: int, message_id: str) -> bytes: ...

    def refuse(self, command: int, seq: int, fault: Fault) -> bytes:
        """What the protocol answers to such a request; b"" when it answers nothing."""
        ...

    def heartbeat(self, seq: int) -> bytes: ...

    def heartbeat_answer(self, seq: int) -> bytes: ...

    def logout(self, seq: int) -> bytes: ...

    def logout_answer(self, seq: int) -> bytes: ...
