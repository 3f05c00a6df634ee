"""SMPP in the role of the client: segments become submit_sm, deliver_sm and data_sm become receipts and replies.

Channel options: `system_type`, `service_type`, `address_range`, `source_ton`, `source_npi`, `dest_ton`, `dest_npi`, `bind`
(transceiver, transmitter, receiver, split), `submit` (submit_sm or data_sm), `flash` (dcs: class 0 in data_coding; subunit: in
dest_addr_subunit), and those of `adapters/content` and `adapters/reply_decoder`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from hongyan.adapters import answers
from hongyan.adapters.carrier_ids import CarrierIds
from hongyan.adapters.carrier_time import read_time
from hongyan.adapters.client import state_of
from hongyan.adapters.content import CLASS_0, ContentEncoder
from hongyan.adapters.numbers import phone_of, recipient_of
from hongyan.adapters.options import RECEIVER, TRANSCEIVER, TRANSMITTER, bind_of, check_bind, one_of
from hongyan.adapters.reply_decoder import ReplyDecoder
from hongyan.adapters.smpp.sar import read_sar, sar_parameters
from hongyan.adapters.validity import ValidityTemplates
from hongyan.model.channel import Alphabet, Channel, LongText
from hongyan.model.message import ReceiptState
from hongyan.model.phone import normalise
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.smpp.pdu import UDHI, Bind, Command, DataSm, Sm, Status, Tag, content_of
from hongyan.wire.smpp.report import ReceiptText, read_receipt
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.smpp.template import DataTemplate, SubmitTemplate
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.text import ASCII, GBK, LATIN1, UCS2
from hongyan.wire.tlv import encode_tlvs

_MS_DISPLAY = encode_tlvs({Tag.DEST_ADDR_SUBUNIT: b"\x01"})  # SMPP 3.4, 5.3.2.1
_ALPHANUMERIC = 5
_INTERNATIONAL = 1
_ISDN = 1
_UTC = 0
_RX_P_APPN = 0x65  # permanent: do not repeat
_TEXTS = (Sm, DataSm)
_PENDING = ReceiptState.PENDING
_BINDS = {
    TRANSCEIVER: Command.BIND_TRANSCEIVER,
    TRANSMITTER: Command.BIND_TRANSMITTER,
    RECEIVER: Command.BIND_RECEIVER,
}
_FORMS: Mapping[str, type[SubmitTemplate | DataTemplate]] = {"submit_sm": SubmitTemplate, "data_sm": DataTemplate}
_CODINGS = {
    Alphabet.UCS2: UCS2,
    Alphabet.GSM: ASCII,
    Alphabet.GSM_PACKED: ASCII,
    Alphabet.ASCII: 1,
    Alphabet.LATIN1: LATIN1,
    Alphabet.GBK: GBK,
}


class SmppClient:
    """Implements adapters.client.ClientAdapter."""

    faults = answers.SMPP
    repeat = int(Status.RX_T_APPN)
    unreadable = _RX_P_APPN
    names = None

    def __init__(self, channel: Channel) -> None:
        """raises: ValueError if an option does not fit its field"""
        self._channel = channel
        check_bind(channel)
        self._zone_ms = channel.receipt_zone_ms
        self._encoder = ContentEncoder(channel, _CODINGS, frozenset(LongText))
        self._decoder = ReplyDecoder(channel, usual="gsm")
        make: type[SubmitTemplate | DataTemplate] = _FORMS[one_of(channel, "submit", ("submit_sm", "data_sm"))]
        self._counts_seconds = make is DataTemplate  # seconds until the end of a message, instead of the moment
        self._names_subunit = one_of(channel, "flash", ("dcs", "subunit")) == "subunit"
        self._ids = CarrierIds(channel.id_form)
        self._numeric = _templates(make, self._like(""))
        self._alphanumeric = _templates(make, self._like("A"))

    def _like(self, source: str) -> Sm:
        source_ton, source_npi = source_types(self._channel, source)
        dest_ton, dest_npi = dest_types(self._channel)
        return Sm(
            0,
            Command.SUBMIT_SM,
            "",
            "",
            b"",
            registered_delivery=1,
            source_addr_ton=source_ton,
            source_addr_npi=source_npi,
            dest_addr_ton=dest_ton,
            dest_addr_npi=dest_npi,
            service_type=self._channel.options.get("service_type", ""),
        )

    def protocol_state(self, index: int = 0) -> SmppState:
        option = self._channel.options.get
        bind = Bind(
            0,
            _BINDS[bind_of(self._channel, index)],
            self._channel.user,
            self._channel.secret,
            option("system_type", ""),
            address_range=option("address_range", ""),
        )
        return SmppState(bind)

    def write(self, seq: int, segment: OutSegment, protocol_state: ProtocolState | None = None) -> bytes:  # noqa: ARG002
        coding, has_header, content = self._encoder.of(segment)
        if segment.is_flash and self._names_subunit:
            coding &= ~CLASS_0
        tlvs = _sar(segment) if segment.parts > 1 and self._encoder.long_text is LongText.SAR else b""
        if segment.is_flash and self._names_subunit:
            tlvs += _MS_DISPLAY
        source, is_digits = _source(segment.source)
        templates = self._numeric if is_digits else self._alphanumeric
        template = templates.plain
        if segment.valid_until_ms and self._counts_seconds:
            tlvs += _time_to_live(segment)
        elif segment.valid_until_ms or segment.protocol_id:
            template = templates.of(segment.valid_until_ms, segment.protocol_id)
        return template.encode(seq, UDHI if has_header else 0, coding, source, b"%d" % segment.phone, content, tlvs)

    def carrier_id(self, message_id: str) -> str:
        return self._ids.of_answer(message_id)

    def code(self, status: int) -> str:
        return f"0x{status:02X}"

    def read(self, pdu: Pdu, now_ms: int) -> Receipt | ReplyPart | None:
        if not isinstance(pdu, _TEXTS):
            return None
        receipt = read_receipt(pdu)
        return self._reply(pdu, now_ms) if receipt is None else self._receipt(pdu, receipt, now_ms)

    # --- receipts --------------------------------------------------------------------------------------------------------

    def _receipt(self, pdu: Sm | DataSm, text: ReceiptText, now_ms: int) -> Receipt | None:
        """Returns the receipt; None if it names no message. `err` is more exact than `stat` if it is the network's own word,
        such as MK:0011.
        """
        names = self._ids.of_receipt(text.id_tlv, text.id_text)
        if not names:
            return None
        has_word = not text.err.isdecimal() and any(map(str.isalpha, text.err))  # nearly always it is a number
        state, code = state_of(text.stat, text.err if has_word else "")
        return Receipt(
            channel_id=self._channel.id,
            carrier_ids=names,
            phone=recipient_of(self._channel, pdu.source_addr, pdu.destination_addr),
            state=_PENDING if text.is_notice else state,
            code=code,
            done_ms=read_time(text.done_date, now_ms, self._zone_ms),
            received_ms=now_ms,
            stat=text.stat,
        )

    # --- replies ---------------------------------------------------------------------------------------------------------

    def _reply(self, pdu: Sm | DataSm, now_ms: int) -> ReplyPart:
        return self._decoder.reply(
            _phone(pdu.source_addr, pdu.source_addr_ton),
            pdu.destination_addr,
            content_of(pdu),
            pdu.data_coding,
            "",
            now_ms,
            has_header=bool(pdu.esm_class & UDHI),
            concat=read_sar(pdu.tlvs),
        )


def source_types(channel: Channel, source: str) -> tuple[int, int]:
    """Returns type of number and numbering plan of a source: the channel's, but for one with letters. raises: ValueError"""
    if not _source(source)[1]:
        return _ALPHANUMERIC, 0
    return int(channel.options.get("source_ton", 0)), int(channel.options.get("source_npi", 0))


def dest_types(channel: Channel) -> tuple[int, int]:
    """Returns type of number and numbering plan of destinations. raises: ValueError"""
    return int(channel.options.get("dest_ton", _INTERNATIONAL)), int(channel.options.get("dest_npi", _ISDN))


def _templates(make: type[SubmitTemplate | DataTemplate], like: Sm) -> ValidityTemplates[SubmitTemplate | DataTemplate]:
    return ValidityTemplates(lambda until, pid: make(replace(like, validity_period=until, protocol_id=pid)), quarters=_UTC)


def _sar(segment: OutSegment) -> bytes:
    return encode_tlvs(sar_parameters(segment.wide_reference, segment.parts, segment.part))


def _time_to_live(segment: OutSegment) -> bytes:
    """Returns the validity for data_sm: seconds from now on, rounded down, one at the least (SMPP 3.4, 5.3.2.9)."""
    left_s = max(1, (segment.valid_until_ms - segment.submitted_ms) // 1000)
    return encode_tlvs({Tag.QOS_TIME_TO_LIVE: left_s.to_bytes(4, "big")})


def _phone(addr: str, ton: int) -> int:
    """Reads an address. One of type "international" should have a plus; eleven digits of the mainland are accepted without it."""
    return normalise(addr) or phone_of(f"+{addr}" if ton == _INTERNATIONAL else addr)


@lru_cache(maxsize=4096)  # the numbers that accounts send from: few, and the same ones all day
def _source(source: str) -> tuple[bytes, bool]:
    return source.encode("latin-1", "replace"), source.isdecimal() or not source
