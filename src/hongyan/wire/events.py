"""What a session tells its owner: everything that happened, in order."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from hongyan.wire.state import Pdu


class Reason(Enum):
    """Why a session ended."""

    REFUSED = auto()  # the login was refused, with a status
    LOGIN_TIMEOUT = auto()
    LEFT = auto()  # we logged out
    PEER_LEFT = auto()
    PEER_DEAD = auto()  # no sign of life
    OUT_OF_STEP = auto()  # octets that are no frames
    WRONG_STATE = auto()  # a request before the login
    LOST = auto()  # the transport was lost
    UNRULY = auto()  # the peer keeps no bounds
    FORGOTTEN = auto()  # the peer refuses our requests as if nobody had logged in


@dataclass(frozen=True, slots=True)
class LoggedIn:
    pass


@dataclass(frozen=True, slots=True)
class LoginAsked:
    """A client asks to log in, in the role of the centre; to be answered with `admit`."""

    login: Pdu


@dataclass(slots=True)
class Answer:
    """The answer to a request of ours; `token` is the one that `send` got."""

    token: Any
    status: int
    message_id: str
    pdu: Pdu | None = None  # only for requests that are no texts


@dataclass(slots=True)
class Asked:
    """A request of the peer, to be answered with `answer`; a notice needs no answer."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A heartbeat of the peer, which was answered if it needed an answer."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Requests of ours whose time is up. Their places in the window are free; an answer that still comes is `Unexpected`."""

    tokens: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Unexpected:
    """Something that the protocol does not foresee and that does no harm; for the log."""

    what: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The last event. Write what `take_out` returns, then close the socket."""

    reason: Reason
    status: int = 0  # of a refused login
    what: str = ""
    unanswered: tuple[Any, ...] = ()


Event = LoggedIn | LoginAsked | Answer | Asked | Heartbeat | Unanswered | Unexpected | Closed
