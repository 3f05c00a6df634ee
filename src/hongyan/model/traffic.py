"""Values between a carrier's link and the steps: segments out; answers, receipts and parts of replies in.

Slotted classes that are not frozen: tens of thousands are made each second, and a frozen dataclass costs eight times more.
"""

from dataclasses import dataclass

from hongyan.model.binary import Binary
from hongyan.model.channel import Alphabet, ChannelNeed
from hongyan.model.ids import reference_of
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.mms import Media

NO_FLASH = "NOFLASH"
"""The code of a flash text at a channel whose interface has no message classes; it was never sent."""


@dataclass(slots=True)
class OutSegment:
    """One segment on its way to a carrier: a part of a text, and the numbers that belong to it."""

    message_id: int
    part: int  # from 1
    parts: int
    phone: int  # E.164
    text: str  # the text of this part, with the signature in place
    source: str  # access number with its extension digits
    parcel_id: int
    attempt: int = 0
    submitted_ms: int = 0  # set by the link as the bytes are written
    ticket: int = 0  # an id of its own, if the protocol is TICKETED
    valid_until_ms: int = 0  # after this moment it is no longer sent; 0: it may always be
    media: tuple[Media, ...] = ()  # of an MMS, whose subject is `text`
    alphabet: Alphabet = Alphabet.UCS2  # of all parts together
    binary: Binary | None = None  # the octets of this part, instead of a text
    is_flash: bool = False  # message class 0: the handset shows it at once and does not keep it
    protocol_id: int = 0  # TP-PID

    def to_another(self, message_id: int, phone: int) -> "OutSegment":
        """Returns the same segment of another message, which is not sent yet."""
        return OutSegment(
            message_id=message_id,
            part=self.part,
            parts=self.parts,
            phone=phone,
            text=self.text,
            source=self.source,
            parcel_id=self.parcel_id,
            attempt=self.attempt,
            valid_until_ms=self.valid_until_ms,
            media=self.media,
            alphabet=self.alphabet,
            binary=self.binary,
            is_flash=self.is_flash,
            protocol_id=self.protocol_id,
        )

    @property
    def need(self) -> ChannelNeed:
        return ChannelNeed.OCTETS if self.binary is not None else ChannelNeed.FLASH if self.is_flash else ChannelNeed.TEXT

    @property
    def reference(self) -> int:
        """Returns the concatenation reference, one octet: the same for all parts of a message, also after a restart."""
        return reference_of(self.message_id) & 0xFF

    @property
    def wide_reference(self) -> int:
        """Returns the same in two octets."""
        return reference_of(self.message_id)


@dataclass(slots=True)
class Answered:
    """The carrier's answer to one segment, or the fact that none came."""

    segment: OutSegment
    result: SegmentResult
    carrier_id: str  # in the channel's normal form; "" unless accepted
    code: str  # the carrier's number or word, if it refused
    at_ms: int


@dataclass(slots=True)
class Receipt:
    """A carrier's status report on one segment."""

    channel_id: int
    carrier_ids: tuple[str, ...]  # the possible spellings in normal form, the most likely first
    phone: int  # 0: the carrier did not say
    state: ReceiptState
    code: str  # as the carrier wrote it, up to 32 characters
    done_ms: int
    received_ms: int
    stat: str = ""  # the word for the state, where the code is another word


UTF16 = "utf-16-be"
"""The name of the codec of UTF-16 octets: big-endian, unless they begin with a byte-order mark that says otherwise."""


@dataclass(slots=True)
class ReplyPart:
    """One part of a handset's text (MO), as the carrier delivered it.

    Octets are decoded after the parts are joined: a character of several octets may be cut between two parts.
    """

    channel_id: int
    phone: int  # E.164 of the sender
    dest: str  # the number to which the text was written: access number with extension digits
    body: bytes
    carrier_id: str  # of this delivery, by which a repeat is known; "" if the protocol has none
    received_ms: int
    reference: int = 0
    part: int = 1
    parts: int = 1
    charset: str = UTF16  # the codec of the body, as Python names it
    media: tuple[Media, ...] = ()  # of an MMS
    is_named_anew: bool = False  # a carrier may repeat the delivery under another name

    @property
    def keeps_name(self) -> bool:
        """Returns whether a repeat has the same name, by which the store knows it."""
        return bool(self.carrier_id) and not self.is_named_anew
