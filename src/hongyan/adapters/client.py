"""What a link needs of a protocol, in the role of the client: we submit, the carrier answers.

`adapters/<protocol>/client.py` implement it.
"""

from dataclasses import dataclass
from typing import Protocol

from hongyan.adapters.answers import AnswerFaults
from hongyan.model.message import ReceiptState
from hongyan.model.receipt_words import read_state
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.state import Pdu, ProtocolState

CODE_MOST = 32
_MAY_HAVE_FAILED = {ReceiptState.FAILED, None}


@dataclass(frozen=True, slots=True)
class Notice:
    """A delivery that is only logged."""

    what: str


class OwnNames(Protocol):
    """For protocols in which we name segments. The name is made of the ticket, so a repeat has the same name."""

    def sequence(self, segment: OutSegment) -> int:
        """Returns the sequence of its submit."""
        ...

    def name(self, segment: OutSegment) -> str:
        """Returns the same, as receipts spell it."""
        ...


class ClientAdapter(Protocol):
    """One protocol with one channel's settings; shared by all connections of the channel."""

    faults: AnswerFaults
    """Whose fault it is that a submit was not taken, by status."""
    repeat: int
    """The status that asks a carrier to deliver again."""
    unreadable: int
    """The status for a delivery that we will never be able to read."""

    def protocol_state(self, index: int = 0) -> ProtocolState:
        """Returns a new state for a connection. index: of the connection among those of the channel, from 0"""
        ...

    def write(self, seq: int, segment: OutSegment, protocol_state: ProtocolState | None = None) -> bytes:
        """Returns the submit of one segment. Raises BadPdu if a value does not fit the protocol.

        protocol_state: of the connection, which may have agreed on another version than the channel wants
        """
        ...

    @property
    def names(self) -> OwnNames | None:
        """Returns None if the carrier names segments."""
        ...

    def carrier_id(self, message_id: str) -> str:
        """Returns the name under which an accepted segment is kept; "" if the carrier sent none."""
        ...

    def code(self, status: int) -> str:
        """Returns a refusal as this protocol's people write it."""
        ...

    def read(self, pdu: Pdu, now_ms: int) -> Receipt | ReplyPart | Notice | None:
        """Returns the content of a delivery; None if it makes no sense."""
        ...


def state_of(stat: str, own_word: str = "") -> tuple[ReceiptState, str]:
    """Returns the state that a receipt reports, and its code. Words that are unknown here are looked up later, in the code
    table.

    own_word: the network's word for a failure, which is more exact; "" if there is none
    """
    state, word = read_state(stat)
    code = own_word if own_word and state in _MAY_HAVE_FAILED else word
    return ReceiptState.UNKNOWN if state is None else state, code[:CODE_MOST]
