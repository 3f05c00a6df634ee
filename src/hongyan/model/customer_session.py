"""Sessions: connections on which a customer submits and is delivered to, as if Hongyan were a carrier."""

from dataclasses import dataclass, field
from enum import StrEnum

from hongyan.model.account import Account
from hongyan.model.session_settings import SessionProtocol


class SessionEnding(StrEnum):
    """Why the platform ends a session."""

    KICKED = "kicked"  # by the operator
    STOPPED = "stopped"  # the account is stopped, or may not use the protocol any more
    FORBIDDEN = "forbidden"  # its address is not on the account's list any more


@dataclass(slots=True)
class SessionCounts:
    """Who holds the socket counts here; the row of the session is written from it."""

    submits: int = 0
    refused: int = 0
    faults: int = 0  # PDUs that did nothing
    deliveries: int = 0
    delivered: int = 0  # reports and replies that they answered with status 0
    waiting_in: int = 0  # submits of theirs without an answer
    waiting_out: int = 0  # deliveries of ours without an answer
    heard_ms: int = 0  # when the last octets came
    held_until_ms: int = 0  # it is held back until then, if it makes no fault meanwhile; past where it is not


@dataclass(frozen=True, slots=True)
class SessionLogin:
    """What its row has of a session from the start."""

    protocol: SessionProtocol
    version: str
    address: str
    listener_id: int
    owner: str  # the process that holds it
    receives: bool


@dataclass(slots=True, eq=False)
class CustomerSession:
    """A login that was let in. `account` is replaced when its settings change."""

    id: int
    account: Account
    protocol: SessionProtocol
    address: str
    receives: bool = True  # the customer takes deliveries on it
    counts: SessionCounts = field(default_factory=SessionCounts)
