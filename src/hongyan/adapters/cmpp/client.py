"""CMPP in the role of the client: segments become SUBMITs, DELIVERs become receipts and replies.

Channel options: `service_id`, `sp_id` (Msg_src; by default the user's name), `fee_usertype`, `fee_terminal_id`,
`feetype`, `feecode`, `msg_level`, `version` (of `cmpp2`: 2.0 or 2.1), and those of `adapters/content` and
`adapters/reply_decoder`.
"""

from dataclasses import replace

from hongyan.adapters import answers
from hongyan.adapters.carrier_time import read_time
from hongyan.adapters.client import state_of
from hongyan.adapters.content import CHINESE_CODINGS, ContentEncoder
from hongyan.adapters.numbers import phone_of, recipient_of
from hongyan.adapters.options import one_of
from hongyan.adapters.reply_decoder import ReplyDecoder
from hongyan.adapters.templates import TemplateWriter
from hongyan.adapters.validity import ValidityTemplates
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import Receipt, ReplyPart
from hongyan.wire.cmpp.pdu import BAD_STRUCTURE, FLOW_CONTROL, IS_REPORT, Deliver, Submit, Version
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.cmpp.template import SubmitTemplate
from hongyan.wire.frame import BadPdu
from hongyan.wire.state import Pdu, ProtocolState

_VERSIONS = {Protocol.CMPP2: {"2.0": Version.V20, "2.1": Version.V21}, Protocol.CMPP3: {"3.0": Version.V30}}


class CmppClient(TemplateWriter[Version, SubmitTemplate]):
    """Implements adapters.client.ClientAdapter."""

    faults = answers.CMPP
    repeat = FLOW_CONTROL
    unreadable = BAD_STRUCTURE
    names = None

    def __init__(self, channel: Channel) -> None:
        """raises: BadPdu if an option does not fit its field"""
        self._channel = channel
        self._version = _VERSIONS[channel.protocol][one_of(channel, "version", tuple(_VERSIONS[channel.protocol]))]
        self._decoder = ReplyDecoder(channel)
        self._zone_ms = channel.receipt_zone_ms
        self._encoder = ContentEncoder(channel, CHINESE_CODINGS)
        option = channel.options.get
        like = Submit(
            0,
            "",
            (),
            b"",
            msg_src=option("sp_id") or channel.user,
            service_id=option("service_id", ""),
            msg_level=int(option("msg_level", "0")),
            fee_usertype=int(option("fee_usertype", "2")),
            fee_terminal_id=option("fee_terminal_id", ""),
            feetype=option("feetype", "01"),
            feecode=option("feecode", "000000"),
        )
        self._templates = {version: _templates(like, version) for version in Version}

    def protocol_state(self, index: int = 0) -> CmppState:  # noqa: ARG002 - all are alike
        return CmppState(self._version, self._channel.user, self._channel.secret, self._settle)

    def _version_of(self, protocol_state: ProtocolState | None) -> Version:
        return protocol_state.version if isinstance(protocol_state, CmppState) else self._version

    def carrier_id(self, message_id: str) -> str:
        """Returns the decimal digits of Msg_Id; 0 is no id."""
        return "" if message_id == "0" else message_id

    def read(self, pdu: Pdu, now_ms: int) -> Receipt | ReplyPart | None:
        if not isinstance(pdu, Deliver):
            return None
        return self._receipt(pdu, now_ms) if pdu.registered_delivery == IS_REPORT else self._reply(pdu, now_ms)

    def _receipt(self, pdu: Deliver, now_ms: int) -> Receipt | None:
        try:
            report = decode_report(pdu.msg_content)
        except BadPdu:
            return None
        return Receipt(
            self._channel.id,
            (str(report.msg_id),),
            recipient_of(self._channel, report.dest_terminal_id, pdu.src_terminal_id),
            *state_of(report.stat),
            read_time(report.done_time, now_ms, self._zone_ms),
            now_ms,
        )

    def _reply(self, pdu: Deliver, now_ms: int) -> ReplyPart:
        return self._decoder.reply(
            phone_of(pdu.src_terminal_id),
            pdu.dest_id,
            pdu.msg_content,
            pdu.msg_fmt,
            self.carrier_id(str(pdu.msg_id)),
            now_ms,
            has_header=bool(pdu.tp_udhi),
        )


def _templates(like: Submit, version: Version) -> ValidityTemplates[SubmitTemplate]:
    return ValidityTemplates(lambda until, pid: SubmitTemplate(replace(like, valid_time=until, tp_pid=pid), version))
