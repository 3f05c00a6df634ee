"""What a message centre needs of a protocol, in the role of the centre: clients submit, we answer and deliver.

`adapters/<protocol>/centre.py` implement it, for simulated carriers and for the protocol servers of customers alike. The values
are the same for every protocol; there is no socket here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hongyan.adapters.text_encoding import TextEncoding, encode_parts, encoding_for
from hongyan.model.session_submit import WANTED_OF_DELIVERED, WANTED_OF_FAILED, ReportsWanted
from hongyan.wire import text
from hongyan.wire.state import Pdu, ProtocolState

ID_FORMS = {"decimal": "{:010d}", "hex": "{:x}", "HEX": "{:X}", "zeros": "{:020d}", "hex-zeros": "{:016x}"}
"""Spellings of an id."""

PART_OCTETS, WHOLE_OCTETS = 134, 140


@dataclass(slots=True)
class Submit:
    """One submit as the carrier understood it: a part of a text, and the numbers that it goes to."""

    user: str
    connection: int
    source: str
    numbers: tuple[str, ...]
    content: bytes  # without the user data header
    coding: int
    concat: text.Concat | None
    reports: ReportsWanted
    at: float  # seconds since 1970
    status: int = 0  # as answered, or to be answered
    message_id: str = ""
    name: int = 0  # its id, if the protocol lets clients name what they submit
    header: bytes = b""  # the user data header as it came
    has_bad_header: bool = False  # the content begins with one that names no part
    is_for_display: bool = False  # said by a parameter beside the coding
    service: str = ""
    valid_time: str = ""  # as written; relative or absolute
    at_time: str = ""  # when to send, written likewise
    lives_s: int = 0  # seconds that it is valid, if they are given besides `valid_time`
    is_urgent: bool = False
    reference: str = ""  # what the client calls the submit
    protocol_id: int = 0
    wants_notice: bool = False  # an intermediate notice

    def wants_report(self, *, is_delivered: bool) -> bool:
        """Returns whether it asks for a report on a text that was, or was not, delivered."""
        return self.reports in (WANTED_OF_DELIVERED if is_delivered else WANTED_OF_FAILED)

    @property
    def is_flash(self) -> bool:
        """Returns whether the handset shows it at once and does not keep it."""
        return self.is_for_display or text.is_class_0(self.coding)

    @property
    def text(self) -> str:
        return text.decode(self.content, self.coding)


@dataclass(slots=True)
class StatusReport:
    """A report to be delivered. `id` is that of the answer, spelt in `form`."""

    user: str
    number: str
    source: str
    id: int
    stat: str
    submitted_at: float
    form: str = ""
    connection: int = 0  # the one that brought the submit
    is_elsewhere: bool = False
    tries: int = 0
    is_out: bool = False  # whether it has left, so that it can no longer be cancelled
    name: str = ""  # the id as the answer had it, if it is not `id` in a form
    err: str = ""  # digits of the network's error; "" for the usual ones
    done_at: float = 0.0  # 0: now
    own_id: int = 0  # as of HandsetText
    service: str = ""
    is_notice: bool = False  # intermediate


@dataclass(slots=True)
class HandsetText:
    """One part of a text that a handset sends. Any connection may take it."""

    user: str
    number: str
    dest: str
    content: bytes  # with its user data header, if it is a part
    is_part: bool
    coding: int = text.UCS2
    is_marked_twice: bool = False
    connection: int = 0
    is_elsewhere: bool = False
    tries: int = 0
    own_id: int = 0  # the id under which it was delivered first, and is repeated
    service: str = ""


Delivery = StatusReport | HandsetText

_HEADERS = (b"\x05\x00\x03", b"\x06\x08\x04")


def is_like_header(octets: bytes) -> bool:
    """Returns whether octets begin as a header does that names a part, with a reference of 8 bits or of 16."""
    return octets.startswith(_HEADERS)


def service_of(delivery: Delivery, most: int) -> str:
    """Returns the service; "" if it is too long for the field: it was submitted by another protocol, or by a client that keeps to no
    width.
    """
    return delivery.service if len(delivery.service) <= most else ""


class CentreAdapter(Protocol):
    throttled: int
    """The status that asks a client to slow down."""

    def protocol_state(self) -> ProtocolState:
        """Returns a new state, for a connection that begins."""
        ...

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        """Returns who logs in, and the status of the answer. If we have no user of our own, everybody may log in."""
        ...

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool: ...

    def next_ids(self, numbers: int) -> list[int]:
        """Returns ids for the numbers of one submit; the answer has the first."""
        ...

    def wrong_id(self, sound: int) -> int:
        """Returns an id that was never used, made from one that was."""
        ...

    def spell(self, some_id: int, form: str) -> str:
        """Returns an id as an answer spells it. form: one of ID_FORMS, "" for the usual one"""
        ...

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        """Returns a submit as the centre understands it; None if it is no text."""
        ...

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        """Returns the octets of a delivery."""
        ...


@runtime_checkable
class CallingCentre(Protocol):
    """A centre that opens connections to its clients, to deliver."""

    def call(self, user: str) -> ProtocolState:
        """Returns the state of such a connection, to the client that logged in under this name."""
        ...


def handset_texts(
    user: str, number: str, dest: str, words: str, reference: int, encodings: Sequence[TextEncoding] = ()
) -> list[HandsetText]:
    """Returns a text of any length as the parts that a handset sends, in the first of these encodings that can spell it, else
    in UCS-2.
    """
    encoding = encoding_for(words, encodings)
    parts = encode_parts(words, encoding, reference & 0xFF)
    return [HandsetText(user, number, dest, part, is_part=len(parts) > 1, coding=encoding.coding) for part in parts]
