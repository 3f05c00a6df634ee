"""What a simulated carrier says and hears, in the words of each protocol; without a socket."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import count
from typing import Protocol, runtime_checkable

from hongyan.wire import text
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import BAD_SECRET, BAD_SOURCE, MsgId, is_authentic
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.report import STATES, format_receipt
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.smpp.tags import Tag, is_for_display
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.tlv import read_number

FORMS = {"decimal": "{:010d}", "hex": "{:x}", "HEX": "{:X}", "zeros": "{:020d}", "hex-zeros": "{:016x}"}
"""How an id may be spelt."""

BEIJING = timezone(timedelta(hours=8))
PART_OCTETS, WHOLE_OCTETS = 134, 140
_UDHI = 0x40  # of esm_class
_RECEIPT = 0x04
_CMPP_FLOW_CONTROL = 8


@dataclass(slots=True)
class Submit:
    """One submit as the carrier understood it: a part of a text, and the numbers it goes to."""

    user: str
    connection: int
    source: str
    numbers: tuple[str, ...]
    content: bytes  # without the user data header
    coding: int
    concat: text.Concat | None
    wants_report: bool
    at: float  # seconds since 1970
    status: int = 0  # as answered, or meant to be
    message_id: str = ""
    name: int = 0  # its id, where the protocol lets clients name what they submit
    header: bytes = b""  # the user data header as it came
    is_for_display: bool = False  # said beside the coding

    @property
    def is_flash(self) -> bool:
        """Whether the handset shows it at once and does not keep it."""
        return self.is_for_display or text.is_class_0(self.coding)

    @property
    def text(self) -> str:
        return text.decode(self.content, self.coding)


@dataclass(slots=True)
class StatusReport:
    """A report to be delivered: `id` is that of the answer, spelt in `form`."""

    user: str
    number: str
    source: str
    id: int
    stat: str
    submitted_at: float
    form: str = ""
    connection: int = 0  # that brought the submit
    is_elsewhere: bool = False
    tries: int = 0
    is_out: bool = False  # on its way: beyond cancelling


@dataclass(slots=True)
class HandsetText:
    """One part of a text that a handset sends; any connection may take it."""

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
    own_id: int = 0  # under which it was delivered first, and is repeated


Delivery = StatusReport | HandsetText


class ProtocolAdapter(Protocol):
    throttled: int
    """The status that asks a client to slow down."""

    def protocol_state(self) -> ProtocolState:
        """A fresh one, for a connection that begins."""
        ...

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        """Who knocks, and the status of the answer; without a user of our own everybody may come in."""
        ...

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool: ...

    def next_ids(self, numbers: int) -> list[int]:
        """Ids for the numbers of one submit; the answer bears the first."""
        ...

    def wrong_id(self, sound: int) -> int: ...

    def spell(self, some_id: int, form: str) -> str:
        """An id as an answer bears it."""
        ...

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        """None when it is no text."""
        ...

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes: ...


@runtime_checkable
class CallingCentre(Protocol):
    """Of a carrier that opens connections to its clients."""

    def call(self, user: str) -> ProtocolState:
        """For such a connection, to the client that logged in under this name."""
        ...


@dataclass(slots=True)
class CmppAdapter:
    """Ids are Msg_Ids: the time, a gateway code that no other run has, and a sequence."""

    version: cmpp.Version
    throttled: int = _CMPP_FLOW_CONTROL
    _gateway: int = field(default_factory=lambda: time.time_ns() >> 20 & 0x3F_FFFF)
    _sequence: "count[int]" = field(default_factory=count)

    def protocol_state(self) -> CmppState:
        return CmppState(self.version)

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        assert isinstance(login, cmpp.Connect)
        if user and login.source_addr != user:
            return login.source_addr, BAD_SOURCE
        return login.source_addr, 0 if not user or is_authentic(login, secret) else BAD_SECRET

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool:  # noqa: ARG002  every CMPP connection does
        return True

    def next_ids(self, numbers: int) -> list[int]:
        moment = _msg_id_of(int(time.time()), self._gateway)
        return [moment | next(self._sequence) & 0xFFFF for _ in range(numbers)]

    def wrong_id(self, sound: int) -> int:
        return sound ^ 0x15_5555 << 16

    def spell(self, some_id: int, form: str) -> str:  # noqa: ARG002  the wire has 64 bits and no spelling
        return str(some_id)

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        if not isinstance(pdu, cmpp.Submit):
            return None
        concat, header, content = parted(pdu.msg_content, has_header=bool(pdu.tp_udhi))
        if concat is None and pdu.pk_total > 1:
            concat = text.Concat(0, pdu.pk_total, pdu.pk_number)
        return Submit(
            user, connection, pdu.src_id, pdu.dest_terminal_id, content, pdu.msg_fmt, concat, pdu.registered_delivery == 1,
            time.time(), header=header,
        )  # fmt: skip

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        assert isinstance(protocol_state, CmppState)
        [own_id] = self.next_ids(1)
        if isinstance(delivery, HandsetText):
            own_id = delivery.own_id = delivery.own_id or own_id
            pdu = cmpp.Deliver(
                seq, own_id, delivery.dest, delivery.number, delivery.content, 0, delivery.coding, int(delivery.is_part)
            )
        else:
            report = Report(
                delivery.id, delivery.stat, minute(delivery.submitted_at), minute(time.time()), delivery.number, seq
            )
            pdu = cmpp.Deliver(seq, own_id, delivery.source, delivery.number, encode_report(report, protocol_state.version), 1)
        return protocol_state.encode(pdu)


@dataclass(slots=True)
class SmppAdapter:
    """Ids are numbers of ten digits; a script may have them spelt otherwise, in answers and in receipts."""

    system_id: str = "sim"
    throttled: int = smpp.Status.RTHROTTLED
    _ids: "count[int]" = field(default_factory=lambda: count(time.time_ns() // 100_000 % 5_000_000_000))

    def protocol_state(self) -> SmppState:
        return SmppState(system_id=self.system_id)

    def judge(self, login: Pdu, user: str, secret: str) -> tuple[str, int]:
        assert isinstance(login, smpp.Bind)
        if user and login.system_id != user:
            return login.system_id, smpp.Status.RINVSYSID
        return login.system_id, 0 if not user or login.password == secret else smpp.Status.RINVPASWD

    def takes_deliveries(self, protocol_state: ProtocolState) -> bool:
        assert isinstance(protocol_state, SmppState)
        return protocol_state.delivers

    def next_ids(self, numbers: int) -> list[int]:
        return [next(self._ids)] * numbers

    def wrong_id(self, sound: int) -> int:
        return sound + 5_000_000_000

    def spell(self, some_id: int, form: str) -> str:
        return FORMS[form or "decimal"].format(some_id)

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        if isinstance(pdu, smpp.SubmitMulti):
            numbers = tuple(dest.addr for dest in pdu.dest_address if not dest.is_list)
        elif isinstance(pdu, smpp.DataSm) or (isinstance(pdu, smpp.Sm) and pdu.command is smpp.Command.SUBMIT_SM):
            numbers = (pdu.destination_addr,)
        else:
            return None
        concat, header, content = _smpp_content(pdu)
        return Submit(
            user, connection, pdu.source_addr, numbers, content, pdu.data_coding, concat, pdu.registered_delivery & 3 == 1,
            time.time(), header=header, is_for_display=is_for_display(pdu.tlvs),
        )  # fmt: skip

    def write(self, delivery: Delivery, seq: int, protocol_state: ProtocolState) -> bytes:
        pdu = self._text(delivery, seq) if isinstance(delivery, HandsetText) else self._receipt(delivery, seq)
        return protocol_state.encode(pdu)

    def _text(self, delivery: HandsetText, seq: int) -> smpp.Sm:
        return smpp.Sm(
            seq, smpp.Command.DELIVER_SM, delivery.number, delivery.dest, delivery.content, delivery.coding,
            _UDHI if delivery.is_part else 0, source_addr_ton=1, source_addr_npi=1,
            tlvs=_sar(delivery.content) if delivery.is_marked_twice else {},
        )  # fmt: skip

    def _receipt(self, delivery: StatusReport, seq: int) -> smpp.Sm:
        message_id = self.spell(delivery.id, delivery.form)
        tlvs: dict[int, bytes] = {Tag.RECEIPTED_MESSAGE_ID: message_id.encode() + b"\0"}
        if delivery.stat in _STATE_OF:
            tlvs[Tag.MESSAGE_STATE] = bytes((_STATE_OF[delivery.stat],))
        is_delivered = delivery.stat == "DELIVRD"
        words = format_receipt(
            message_id, delivery.stat, minute(delivery.submitted_at), minute(time.time()), "000" if is_delivered else "001",
            dlvrd=int(is_delivered),
        )  # fmt: skip
        return smpp.Sm(
            seq, smpp.Command.DELIVER_SM, delivery.number, delivery.source, words, 0, _RECEIPT, source_addr_ton=1,
            source_addr_npi=1, tlvs=tlvs,
        )  # fmt: skip


_STATE_OF = {word: state for state, word in STATES.items()}


def beijing(at: float) -> datetime:
    return datetime.fromtimestamp(at, BEIJING)


def minute(at: float) -> str:
    """YYMMDDhhmm in Beijing, as reports of every protocol here have it."""
    return _minute(int(at) // 60)


@lru_cache(maxsize=16)
def _minute(minutes: int) -> str:
    return beijing(minutes * 60).strftime("%y%m%d%H%M")


@lru_cache(maxsize=16)
def _msg_id_of(second: int, gateway: int) -> int:
    at = beijing(second)
    return MsgId(at.month, at.day, at.hour, at.minute, at.second, gateway, 0).packed()


def handset_texts(user: str, number: str, dest: str, words: str, reference: int) -> list[HandsetText]:
    """A text of any length as the parts that a handset sends; a pair of surrogates stays in one part."""
    octets = text.encode_ucs2(words)
    if len(octets) <= WHOLE_OCTETS:
        return [HandsetText(user, number, dest, octets, is_part=False)]
    parts, at = [], 0
    while at < len(octets):
        end = min(len(octets), at + PART_OCTETS)
        if end < len(octets) and octets[end - 2] & 0xFC == 0xD8:
            end -= 2
        parts.append(octets[at:end])
        at = end
    headers = (text.concat_header(reference & 0xFF, len(parts), number) for number in range(1, len(parts) + 1))
    return [HandsetText(user, number, dest, head + part, is_part=True) for head, part in zip(headers, parts, strict=True)]


def _sar(content: bytes) -> dict[int, bytes]:
    """What a user data header says, once more as parameters."""
    concat, _ = text.split_header(content)
    if concat is None:
        return {}
    return {
        Tag.SAR_MSG_REF_NUM: concat.reference.to_bytes(2, "big"),
        Tag.SAR_TOTAL_SEGMENTS: bytes((concat.total,)),
        Tag.SAR_SEGMENT_SEQNUM: bytes((concat.number,)),
    }


def parted(octets: bytes, *, has_header: bool) -> tuple[text.Concat | None, bytes, bytes]:
    """Which part of which text it is, its header, and what follows that."""
    if not has_header:
        return None, b"", octets
    concat, content = text.split_header(octets)
    return concat, octets[: len(octets) - len(content)], content


def _smpp_content(pdu: smpp.Sm | smpp.DataSm | smpp.SubmitMulti) -> tuple[text.Concat | None, bytes, bytes]:
    """Which part of which text it is, its header, and the text: in message_payload, or in the message itself (SMPP 3.4, 5.3.2.32)."""
    own = b"" if isinstance(pdu, smpp.DataSm) else pdu.short_message
    content = pdu.tlvs.get(Tag.MESSAGE_PAYLOAD, own) if pdu.tlvs else own
    concat, header, content = parted(content, has_header=bool(pdu.esm_class & _UDHI))
    total = read_number(pdu.tlvs, Tag.SAR_TOTAL_SEGMENTS) if pdu.tlvs else None
    if total is None:
        return concat, header, content
    reference, number = read_number(pdu.tlvs, Tag.SAR_MSG_REF_NUM) or 0, read_number(pdu.tlvs, Tag.SAR_SEGMENT_SEQNUM) or 1
    return text.Concat(reference, total, number), header, content
