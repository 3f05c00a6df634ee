"""SMGP in the role of the client: segments become Submits, Delivers become receipts and replies.

Channel options: `version` (3.0 or 1.3; without it the gateway may lower it to 1.3), `bind` (transceiver, transmitter,
receiver, split), `service_id`, `m_service_id` (the product on the mobile network), `msg_src` (the enterprise's code; by default
the user's name), `msg_type`, `priority`, `fee_type`, `fee_code`, `fixed_fee`, `charge_term_id`, `pad_client_id=yes` if the
gateway's digest pads a ClientID of fewer than eight octets, and those of `adapters/content` and `adapters/reply_decoder`.
"""

from dataclasses import replace

from hongyan.adapters import answers
from hongyan.adapters.carrier_time import read_time
from hongyan.adapters.client import state_of
from hongyan.adapters.content import CHINESE_CODINGS, ContentEncoder
from hongyan.adapters.delivery_name import name_by_content
from hongyan.adapters.numbers import phone_of, recipient_of
from hongyan.adapters.options import RECEIVER, TRANSCEIVER, TRANSMITTER, bind_of, check_bind, is_on, one_of
from hongyan.adapters.reply_decoder import ReplyDecoder
from hongyan.adapters.templates import TemplateWriter
from hongyan.adapters.validity import ValidityTemplates
from hongyan.model.channel import Channel
from hongyan.model.traffic import Receipt, ReplyPart
from hongyan.wire.fields import fit
from hongyan.wire.frame import BadPdu
from hongyan.wire.smgp.pdu import NO_ID, Deliver, LoginMode, Status, Submit, Tag, Version
from hongyan.wire.smgp.report import decode_report
from hongyan.wire.smgp.state import SmgpState
from hongyan.wire.smgp.template import SubmitTemplate
from hongyan.wire.state import Pdu, ProtocolState
from hongyan.wire.tlv import read_number

_IS_REPORT = 1
_VERSIONS = {"3.0": Version.V30, "1.3": Version.V13}
_MODES = {TRANSCEIVER: LoginMode.TRANSMIT, TRANSMITTER: LoginMode.SEND, RECEIVER: LoginMode.RECEIVE}


class SmgpClient(TemplateWriter[Version, SubmitTemplate]):
    """Implements adapters.client.ClientAdapter."""

    faults = answers.SMGP
    repeat = int(Status.BUSY)
    unreadable = int(Status.BAD_STRUCTURE)
    names = None

    def __init__(self, channel: Channel) -> None:
        """raises: BadPdu, ValueError if an option does not fit its field"""
        self._channel = channel
        self._zone_ms = channel.receipt_zone_ms
        self._encoder = ContentEncoder(channel, CHINESE_CODINGS)
        self._pads_name = is_on(channel, "pad_client_id")
        self._decoder = ReplyDecoder(channel)
        check_bind(channel)
        self._version = _VERSIONS[one_of(channel, "version", tuple(_VERSIONS))]
        self._may_settle = "version" not in channel.options
        self._templates = {version: _templates(_like(channel), version) for version in Version}

    def protocol_state(self, index: int = 0) -> SmgpState:
        channel = self._channel
        mode = _MODES[bind_of(channel, index)]
        settle = self._settle if self._may_settle else None
        return SmgpState(self._version, channel.user, channel.secret, mode, settle, pads_name=self._pads_name)

    def _version_of(self, protocol_state: ProtocolState | None) -> Version:
        return protocol_state.version if isinstance(protocol_state, SmgpState) else self._version

    def carrier_id(self, message_id: str) -> str:
        """Returns the twenty hexadecimal digits of MsgID, which is opaque; nothing but zeros is no id."""
        return "" if message_id == NO_ID.hex() else message_id

    def read(self, pdu: Pdu, now_ms: int) -> Receipt | ReplyPart | None:
        if not isinstance(pdu, Deliver):
            return None
        return self._receipt(pdu, now_ms) if pdu.is_report == _IS_REPORT else self._reply(pdu, now_ms)

    def _receipt(self, pdu: Deliver, now_ms: int) -> Receipt | None:
        try:
            report = decode_report(pdu.msg_content)
        except BadPdu:
            return None
        state, code = state_of(report.stat, report.err if report.err.strip("0") else "")
        return Receipt(
            channel_id=self._channel.id,
            carrier_ids=(report.msg_id.hex(),),
            phone=recipient_of(self._channel, pdu.src_term_id, pdu.dest_term_id),
            state=state,
            code=code,
            done_ms=read_time(report.done_date, now_ms, self._zone_ms),
            received_ms=now_ms,
            stat=report.stat,
        )

    def _reply(self, pdu: Deliver, now_ms: int) -> ReplyPart:
        """Returns the reply. Gateways that leave out TP_udhi still count the parts."""
        return self._decoder.reply(
            phone_of(pdu.src_term_id),
            pdu.dest_term_id,
            pdu.msg_content,
            pdu.msg_format,
            _name(pdu),
            now_ms,
            has_header=bool(read_number(pdu.tlvs, Tag.TP_UDHI)),
            is_counted=(read_number(pdu.tlvs, Tag.PK_TOTAL) or 1) > 1,
        )


def _like(channel: Channel) -> Submit:
    """Returns the fields that all submits of a channel share. raises: ValueError"""
    option = channel.options.get
    tlvs: dict[int, bytes] = {Tag.MSG_SRC: fit(option("msg_src") or channel.user, 8).ljust(8, b"\0")}
    if product := option("m_service_id"):
        tlvs[Tag.M_SERVICE_ID] = fit(product, 21).ljust(21, b"\0")
    return Submit(
        0,
        "",
        (),
        b"",
        msg_type=int(option("msg_type", "6")),
        priority=int(option("priority", "1")),
        service_id=option("service_id", ""),
        fee_type=option("fee_type", "00"),
        fee_code=option("fee_code", "000000"),
        fixed_fee=option("fixed_fee", "000000"),
        charge_term_id=option("charge_term_id", ""),
        tlvs=tlvs,
    )


def _name(pdu: Deliver) -> str:
    """Returns the name of a delivery. Gateways without numbers send zeros; then RecvTime distinguishes deliveries."""
    if pdu.msg_id != NO_ID:
        return pdu.msg_id.hex()
    return name_by_content(pdu.recv_time, pdu.src_term_id, pdu.dest_term_id, pdu.msg_content)


def _templates(like: Submit, version: Version) -> ValidityTemplates[SubmitTemplate]:
    def make(until: str, protocol_id: int) -> SubmitTemplate:
        marks: dict[int, bytes] = {Tag.TP_PID: bytes((protocol_id,))} if protocol_id else {}
        return SubmitTemplate(replace(like, valid_time=until, tlvs={**like.tlvs, **marks}), version)

    return ValidityTemplates(make)
