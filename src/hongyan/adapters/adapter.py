"""What a link needs to know of a protocol: `adapters/cmpp/client` and its neighbours answer it, and nobody else speaks theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from hongyan.adapters.answers import Blames
from hongyan.model.channel import Channel, check_options
from hongyan.model.message import ReceiptState
from hongyan.model.phone import MAINLAND, national, normalise
from hongyan.model.receipt_words import read_state
from hongyan.model.told import Unfit
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.state import Pdu, ProtocolState

_FIRST, _LAST = MAINLAND + 13_000_000_000, MAINLAND + 19_999_999_999

_LEAST_PHONE = 10_000_000
_SERVICE = "10"  # no mobile number of the mainland begins so, nor one of North America

CODE_MOST = 32
_MAY_HAVE_FAILED = {ReceiptState.FAILED, None}
TRANSCEIVER, TRANSMITTER, RECEIVER, _SPLIT = BINDS = ("transceiver", "transmitter", "receiver", "split")
_IDLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Notice:
    """What a carrier tells and nobody needs to keep: for the log."""

    what: str


class Names(Protocol):
    """Where the name of a segment is ours: made of its ticket, so that a repeat bears it again."""

    def sequence(self, segment: OutSegment) -> int:
        """Of its submit."""
        ...

    def name(self, segment: OutSegment) -> str:
        """The same, as receipts will give it."""
        ...


class ProtocolAdapter(Protocol):
    """One protocol with one channel's settings; shared by all connections of the channel."""

    blames: Blames
    """Whose fault it is that a submit was not taken, by status."""
    repeat: int
    """The status that asks a carrier to deliver again."""
    unreadable: int
    """The status for a delivery that nobody will ever be able to read."""

    def protocol_state(self, place: int = 0) -> ProtocolState:
        """A fresh one, for one connection; place: the how-manieth of the channel, from 0."""
        ...

    def write(self, seq: int, segment: OutSegment, protocol_state: ProtocolState | None = None) -> bytes:
        """The submit of one segment; raises BadPdu when a value does not fit the protocol.

        dialect: of the connection, which may have settled for another version than the channel wants
        """
        ...

    @property
    def names(self) -> Names | None:
        """None where the carrier names segments."""
        ...

    def carrier_id(self, message_id: str) -> str:
        """The name under which an accepted segment is kept; "" when the carrier gave none."""
        ...

    def code(self, status: int) -> str:
        """A refusal, as this protocol's people write it."""
        ...

    def read(self, pdu: Pdu, now_ms: int) -> Receipt | ReplyPart | Notice | None:
        """What a delivery brings; None when it makes no sense."""
        ...


def state_of(stat: str, own_word: str = "") -> tuple[ReceiptState, str]:
    """The state that a receipt tells, and its code; the step that takes it asks the code table for words that nobody knows here.

    own_word: the network's word for a failure, which says more; "" where there is none
    """
    state, word = read_state(stat)
    code = own_word if own_word and state in _MAY_HAVE_FAILED else word
    return ReceiptState.UNKNOWN if state is None else state, code[:CODE_MOST]


def phone_of(digits: str) -> int:
    """A number as a carrier writes it, E.164; a service number as it is; 0 when it is none."""
    known = normalise(digits)
    if known is not None:
        return known
    plain = digits.lstrip("+")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= 18 else 0


def recipient_of(channel: Channel, *addresses: str) -> int:
    """The phone that a receipt is about: the first of its addresses that may be one; 0 when none may.

    Some carriers turn source and destination about, or write a service number: what is ours, short, or begins with 10 is none.
    """
    for digits in addresses:
        phone = phone_of(digits)
        if phone >= _LEAST_PHONE and not digits.startswith((channel.access or _SERVICE, _SERVICE)):
            return phone
    return 0


def national_digits(phone: int) -> bytes:
    """A recipient as Chinese carriers want it: the eleven digits of the mainland, anything else behind 00."""
    return b"%d" % (phone - MAINLAND) if _FIRST <= phone <= _LAST else national(phone).encode()


@lru_cache(maxsize=4096)  # the numbers that accounts send from: few, and the same ones all day
def source_octets(source: str) -> bytes:
    return source.encode("latin-1", "replace")


def bind_of(channel: Channel, place: int) -> str:
    """What a connection is for: transceiver, transmitter or receiver; option `bind`, where `split` takes turns.

    raises: ValueError for another word
    """
    told = one_of(channel, "bind", BINDS)
    if told != _SPLIT:
        return told
    return TRANSMITTER if place % 2 == 0 else RECEIVER


def check_bind(channel: Channel) -> None:
    """raises: ValueError for a word that is none, or for one connection that is to be two"""
    if one_of(channel, "bind", BINDS) == _SPLIT and channel.connections < len((TRANSMITTER, RECEIVER)):
        raise ValueError("bind=split takes two connections or more: one sends, the next one receives")


def senders(channel: Channel) -> int:
    """How many of its connections send."""
    match channel.options.get("bind"):
        case "split":
            return (channel.connections + 1) // 2
        case "receiver":
            return 0
        case _:
            return channel.connections


def one_of(channel: Channel, option: str, words: Sequence[str]) -> str:
    """An option that is one of a few words, the first of which stands for none; raises ValueError."""
    told = channel.options.get(option) or words[0]
    if told not in words:
        raise ValueError(f"{option} is one of {', '.join(words)}, not {told}")
    return told


def told_well(channel: Channel) -> None:
    """raises: ValueError for an option that is none of what it may be"""
    try:
        check_options(channel.options)
    except Unfit as unfit:
        raise ValueError(str(unfit)) from None


def is_on(channel: Channel, option: str, *, usual: bool = False) -> bool:
    return channel.options.get(option, "yes" if usual else "no").lower() in {"yes", "true", "on", "1"}


def idle_s(channel: Channel) -> float:
    """Seconds after which a connection that is not used is left, to come back when there is something to send; 0: never.

    Options `keep_open` (yes) and, where that is no, `idle_s` (30).
    """
    if is_on(channel, "keep_open", usual=True):
        return 0.0
    try:
        return max(1.0, float(channel.options["idle_s"]))
    except (KeyError, ValueError):
        return _IDLE_S
