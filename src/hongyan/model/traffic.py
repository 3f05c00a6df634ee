"""What passes between a carrier link and the steps: segments out; answers, receipts and reply parts in.

Plain slotted classes, not frozen: tens of thousands are made each second, and a frozen dataclass costs eight times more.
"""

from dataclasses import dataclass

from hongyan.model.binary import Binary
from hongyan.model.channel import Alphabet, Need
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.mms import Media

NO_FLASH = "NOFLASH"
"""Code of a flash text at a channel whose interface has no message classes; it was never sent."""


@dataclass(slots=True)
class OutSegment:
    """One segment on its way to a carrier: a text part and the numbers that go with it."""

    message_id: int
    part: int  # from 1
    parts: int
    phone: int  # E.164
    text: str  # this part's text, the signature placed
    source: str  # access number with its extension digits
    parcel_id: int
    attempt: int = 0
    submitted_ms: int = 0  # set by the link as its bytes are written
    ticket: int = 0  # an id of its own, where the protocol is TICKETED
    valid_until_ms: int = 0  # later it is not sent any more; 0: it always is
    media: tuple[Media, ...] = ()  # of an MMS, whose subject is the text
    alphabet: Alphabet = Alphabet.UCS2  # of all parts
    binary: Binary | None = None  # this part's octets instead of a text
    is_flash: bool = False  # message class 0: shown at once, not kept
    protocol_id: int = 0  # TP-PID

    @property
    def need(self) -> Need:
        return Need.OCTETS if self.binary is not None else Need.FLASH if self.is_flash else Need.TEXT

    @property
    def reference(self) -> int:
        """Concatenation reference, one octet: the same for all parts of a message, and after a restart."""
        return (self.message_id ^ self.message_id >> 12) & 0xFF

    @property
    def wide_reference(self) -> int:
        """The same in two octets."""
        return (self.message_id ^ self.message_id >> 12) & 0xFFFF


@dataclass(slots=True)
class Answered:
    """The carrier's answer to one segment, or that none came."""

    segment: OutSegment
    result: SegmentResult
    carrier_id: str  # normalised for the channel; "" unless accepted
    code: str  # the carrier's number or word for a refusal
    at_ms: int


@dataclass(slots=True)
class Receipt:
    """A carrier's status report on one segment."""

    channel_id: int
    carrier_ids: tuple[str, ...]  # normalised spellings, most likely first
    phone: int  # 0: the carrier did not say
    state: ReceiptState
    code: str  # raw, up to 32 characters
    done_ms: int
    received_ms: int


UTF16 = "utf-16-be"
"""Of octets that are UTF-16, big-endian unless a byte-order mark at their beginning says otherwise."""


@dataclass(slots=True)
class ReplyPart:
    """One part of a text that a handset sent (MO), as the carrier delivered it.

    Its octets are read once those of all parts are joined: a character of several octets may be cut between two parts.
    """

    channel_id: int
    phone: int  # E.164 of the sender
    dest: str  # the number written to: access number with extension digits
    body: bytes
    carrier_id: str  # of this delivery, "" if the protocol has none; names a repeated delivery
    received_ms: int
    reference: int = 0
    part: int = 1
    parts: int = 1
    charset: str = UTF16  # of the body: a codec of Python's
    media: tuple[Media, ...] = ()  # of an MMS
    is_named_anew: bool = False  # a carrier may repeat the delivery under another name

    @property
    def keeps_name(self) -> bool:
        """Whether a repeat bears the same name, by which the store knows it."""
        return bool(self.carrier_id) and not self.is_named_anew
