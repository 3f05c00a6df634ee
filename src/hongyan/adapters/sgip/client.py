"""SGIP in the role of the client: segments become Submits; Delivers and Reports become replies and receipts.

The name of a segment is the sequence of its Submit, which we choose. It is made of the segment's ticket, so a repeat has
the same one, also after a crash: a gateway that has it already answers and sends nothing twice.

    ticket     milliseconds since 2020 | 22 bits of process and count
    sequence   our node | MMDDhhmmss of Beijing, of that second | milliseconds of it, 10 bits, and the same 22 bits

Channel options: `node` (3AAAAQQQQQ; required), `corp_id` (by default the last five digits of the node), `service_type`,
`fee_type`, `fee_value`, `given_value`, `agent_flag`, `mt_flag`, `priority`, `charge_number`. Those of texts stand in
`adapters/content`, those of the listener in `carriers/listener`.
"""

from dataclasses import replace
from functools import lru_cache

from hongyan.adapters import answers
from hongyan.adapters.carrier_time import login_stamp
from hongyan.adapters.client import Notice, OwnNames
from hongyan.adapters.content import CHINESE_CODINGS, ContentEncoder
from hongyan.adapters.numbers import phone_of, recipient_of, source_octets
from hongyan.adapters.options import WrongOption
from hongyan.adapters.reply_decoder import ReplyDecoder
from hongyan.adapters.validity import ValidityTemplates
from hongyan.model.channel import Channel
from hongyan.model.ids import first_id, made_ms
from hongyan.model.message import ReceiptState
from hongyan.model.receipt_words import DELIVERED
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.pdu import LoginType, Result, Sequence, State, sequence_name
from hongyan.wire.sgip.state import SgipState
from hongyan.wire.sgip.template import SubmitTemplate
from hongyan.wire.state import Pdu, ProtocolState

_LOW_BITS = 22
_NODE_MOST = 0xFFFF_FFFF
_STATES = {
    State.DELIVERED: ReceiptState.DELIVERED,
    State.WAITING: ReceiptState.PENDING,
    State.FAILED: ReceiptState.FAILED,
}
_CONDITIONS = {0: "is no subscriber any more", 1: "is suspended for arrears", 2: "is back"}


class SgipClient:
    """Implements adapters.client.ClientAdapter and adapters.client.OwnNames."""

    faults = answers.SGIP
    repeat = int(Result.BUSY)
    unreadable = int(Result.BAD_FORMAT)

    def __init__(self, channel: Channel) -> None:
        """raises: ValueError, BadPdu if an option does not fit its field"""
        self._channel = channel
        self.node = read_node(channel.options.get("node", ""))
        self._decoder = ReplyDecoder(channel)
        self._encoder = ContentEncoder(channel, CHINESE_CODINGS)
        like = _like(channel, self.node)
        self._templates = ValidityTemplates(lambda until, pid: SubmitTemplate(replace(like, expire_time=until, tp_pid=pid)))

    @property
    def names(self) -> OwnNames:
        return self

    def protocol_state(self, index: int = 0) -> SgipState:  # noqa: ARG002 - all are alike
        return SgipState(self.node, LoginType.SP, self._channel.user, self._channel.secret)

    def sequence(self, segment: OutSegment) -> int:
        at_ms = made_ms(segment.ticket)
        counter = at_ms % 1000 << _LOW_BITS | segment.ticket - first_id(at_ms)
        return Sequence(self.node, _stamp(at_ms // 1000), counter).packed()

    def name(self, segment: OutSegment) -> str:
        return sequence_name(self.sequence(segment))

    def write(self, seq: int, segment: OutSegment, protocol_state: ProtocolState | None = None) -> bytes:  # noqa: ARG002
        coding, udhi, content = self._encoder.of(segment)
        templates = self._templates
        template = templates.plain
        if segment.valid_until_ms or segment.protocol_id:
            template = templates.of(segment.valid_until_ms, segment.protocol_id)
        return template.encode(seq, udhi, coding, source_octets(segment.source), b"%d" % segment.phone, content)

    def carrier_id(self, message_id: str) -> str:  # noqa: ARG002 - an answer bears none
        return ""

    def code(self, status: int) -> str:
        return str(status)

    def read(self, pdu: Pdu, now_ms: int) -> Receipt | ReplyPart | Notice | None:
        match pdu:
            case sgip.Report(report_type=0):
                return self._receipt(pdu, now_ms)
            case sgip.Deliver():
                return self._reply(pdu, now_ms)
            case sgip.Report():
                return Notice("a report about a text that we never forwarded")
            case sgip.UserRpt(user_condition=condition):
                return Notice(f"a subscriber {_CONDITIONS.get(condition, f'has condition {condition}')}")
            case _:
                return None

    def _receipt(self, pdu: sgip.Report, now_ms: int) -> Receipt:
        """Returns the receipt. Customers read the number of the error; SGIP has no time."""
        state = _STATES.get(State(pdu.state) if pdu.state in _STATES else State.WAITING, ReceiptState.PENDING)
        code = str(pdu.error_code) if state is ReceiptState.FAILED else DELIVERED
        phone, names = recipient_of(self._channel, pdu.user_number), (sequence_name(pdu.submit_sequence_number),)
        return Receipt(
            channel_id=self._channel.id,
            carrier_ids=names,
            phone=phone,
            state=state,
            code=code,
            done_ms=now_ms,
            received_ms=now_ms,
        )

    def _reply(self, pdu: sgip.Deliver, now_ms: int) -> ReplyPart:
        """Returns the reply. Its name is the sequence of the Deliver; a gateway that got no answer may repeat it under another."""
        reply = self._decoder.reply(
            phone_of(pdu.user_number),
            pdu.sp_number,
            pdu.message_content,
            pdu.message_coding,
            sequence_name(pdu.seq),
            now_ms,
            has_header=bool(pdu.tp_udhi),
        )
        reply.is_named_anew = True
        return reply


def read_node(digits: str) -> int:
    """Reads a node number from an option. raises: WrongOption"""
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits) <= _NODE_MOST):
        raise WrongOption(
            "{option} is digits, 3 and area code and enterprise code: 3010012345; not {value}",
            option="node",
            value=digits or "–",
        )
    return int(digits)


def _like(channel: Channel, node: int) -> sgip.Submit:
    """Returns every field that all submits of a channel share."""
    option = channel.options.get

    def number(name: str, usual: str) -> int:
        return int(option(name, usual))

    return sgip.Submit(
        0,
        "",
        (),
        b"",
        charge_number=option("charge_number", sgip.PAYER_IS_SP),
        corp_id=option("corp_id") or f"{node % 100_000:05}",
        service_type=option("service_type", ""),
        fee_type=number("fee_type", "1"),
        fee_value=option("fee_value", "0"),
        given_value=option("given_value", "0"),
        agent_flag=number("agent_flag", "0"),
        morelateto_mt_flag=number("mt_flag", "2"),
        priority=number("priority", "0"),
    )


@lru_cache(maxsize=64)  # thousands of segments are named in the same second
def _stamp(second: int) -> int:
    return login_stamp(second * 1000)
