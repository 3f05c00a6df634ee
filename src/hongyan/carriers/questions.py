"""Questions to a carrier about messages, on a connection of their own: state or way of a message, a cancellation, the counts of
a day.

The connection is opened for the question and closed after its answer. Deliveries that come meanwhile are asked for again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hongyan.adapters.carrier_time import login_stamp
from hongyan.adapters.mm7.client import read_account
from hongyan.adapters.smpp.client import dest_types, source_types
from hongyan.carriers.dialer import Timing
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.mm7.client import Mm7Client
from hongyan.carriers.tls import connect
from hongyan.model.channel import Channel
from hongyan.model.phone import normalise
from hongyan.model.protocol import Protocol
from hongyan.sockets.connection import Connection
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.events import Answer, Asked, Closed, Event, LoggedIn, Unanswered
from hongyan.wire.mm7.pdu import CancelReq
from hongyan.wire.session import Limits
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.report import STATES
from hongyan.wire.state import Pdu

_NUMBERS = ("messages", "numbers", "done", "waiting", "failed", "replies", "replies_waiting", "replies_failed")
_TRACE_S = 300.0
"""How long a gateway of SGIP may take, since it asks the gateways on the way."""

_CMPP = frozenset({Protocol.CMPP2, Protocol.CMPP3})


class CannotAsk(Exception):
    """Why there is no answer; for people."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one message, by the carrier's id, or about a day."""

    message_id: str = ""
    day: str = ""  # YYYYMMDD
    is_cancellation: bool = False
    source: str = ""  # of the message; SMPP needs it
    dest: str = ""  # SGIP needs it too


async def ask(channel: Channel, question: Question, now_ms: int, timing: Timing | None = None) -> Mapping[str, object]:
    """Returns the carrier's answer. raises: CannotAsk; ValueError, BadPdu if the channel's settings do not fit its protocol"""
    if channel.protocol is Protocol.MM7:
        return await _ask_relay(channel, question, now_ms)
    asker = _Asker(channel, question, now_ms, timing or Timing())
    try:
        async with asyncio.timeout(_patience_s(channel) + asker.timing.connect_s):
            return _facts(await asker.answer())
    except (OSError, TimeoutError) as error:
        raise CannotAsk(f"no answer: {str(error) or 'timed out'}") from error


def _patience_s(channel: Channel) -> float:
    return max(channel.answer_timeout_s, _TRACE_S) if channel.protocol is Protocol.SGIP else channel.answer_timeout_s


async def _ask_relay(channel: Channel, question: Question, now_ms: int) -> Mapping[str, object]:
    """Post to a relay/server of MM7, which takes only cancellations."""
    if not question.is_cancellation:
        raise _without_words(channel.protocol, question)
    account = read_account(channel)
    client = Mm7Client(channel, account, most=1)
    request = CancelReq(
        f"C-{question.message_id}-{now_ms}", account.vaspid, account.vasid, question.source, question.message_id
    )
    try:
        posted = await client.ask(request)
    finally:
        await client.close()
    if posted.answer is None:
        raise CannotAsk(f"{posted.failure.value if posted.failure else 'no answer'}, HTTP status {posted.status}")
    return {"cancelled": posted.answer.is_success, "status": posted.answer.code, "text": posted.answer.text}


class _Asker:
    """Implements sockets.connection.Owner."""

    def __init__(self, channel: Channel, question: Question, now_ms: int, timing: Timing) -> None:
        self.timing = timing
        self._channel = channel
        self._question = question
        self._now_ms = now_ms
        self._adapter = adapter_of(channel)
        _request(channel, question, 1)  # refuse what the protocol does not have before connecting
        self._answer: asyncio.Future[tuple[int, Pdu | None]] = asyncio.get_running_loop().create_future()

    async def answer(self) -> tuple[int, Pdu | None]:
        limits = Limits(1, _patience_s(self._channel), 0.0, self.timing.login_s, self.timing.leave_s)
        connection = Connection(self, self._adapter.protocol_state(), limits, login_stamp(self._now_ms))
        await connect(self._channel, connection)
        try:
            return await self._answer
        finally:
            connection.logout()
            await asyncio.wait([connection.over], timeout=self.timing.leave_s)
            connection.abort()

    def take_events(self, connection: Connection, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case LoggedIn():
                    session = connection.session
                    request = _request(self._channel, self._question, session.next_seq)
                    session.send(session.protocol_state.encode(request), None, asyncio.get_running_loop().time())
                case Answer(status=status, pdu=pdu):
                    self._settle((status, pdu))
                case Asked(pdu):
                    connection.answer([pdu], self._adapter.repeat)
                case Unanswered():
                    self._fail("the carrier did not answer the question")
                case Closed(reason, status, what):
                    self._fail(f"the connection ended: {reason.name.lower()}, status {status} {what}".strip())
                case _:
                    pass

    def writable(self) -> None:
        pass

    def _settle(self, answer: tuple[int, Pdu | None]) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

    def _fail(self, why: str) -> None:
        if not self._answer.done():
            self._answer.set_exception(CannotAsk(why))


def _request(channel: Channel, question: Question, seq: int) -> Pdu:
    """raises: CannotAsk for what the protocol does not have"""
    match channel.protocol:
        case Protocol.SMPP if question.message_id and question.is_cancellation:
            return _cancel_sm(channel, seq, question)
        case Protocol.SMPP if question.message_id:
            return smpp.QuerySm(seq, question.message_id, question.source, *source_types(channel, question.source))
        case protocol if protocol in _CMPP and question.is_cancellation and question.message_id.isdecimal():
            return cmpp.Cancel(seq, int(question.message_id))
        case protocol if protocol in _CMPP and question.day:
            return cmpp.Query(seq, question.day)
        case Protocol.SMGP if question.day:
            return smgp.Query(seq, question.day)
        case Protocol.SGIP if question.message_id and not question.is_cancellation:
            return _trace(seq, question)
        case protocol:
            raise _without_words(protocol, question)


def _cancel_sm(channel: Channel, seq: int, question: Question) -> smpp.CancelSm:
    """Returns the cancellation, with the addresses as they stand in submits."""
    phone = normalise(question.dest)
    source_ton, source_npi = source_types(channel, question.source)
    dest_ton, dest_npi = dest_types(channel) if question.dest else (0, 0)
    return smpp.CancelSm(
        seq=seq,
        message_id=question.message_id,
        source_addr=question.source,
        destination_addr=question.dest if phone is None else str(phone),
        source_addr_ton=source_ton,
        source_addr_npi=source_npi,
        dest_addr_ton=dest_ton,
        dest_addr_npi=dest_npi,
    )


def _trace(seq: int, question: Question) -> sgip.Trace:
    """raises: CannotAsk for a wrong id, or without the number that the message went to"""
    phone = normalise(question.dest)
    if phone is None:
        raise CannotAsk(f"sgip asks for a message and its number; {question.dest or 'none'} is no number")
    try:
        return sgip.Trace(seq, sgip.Sequence.read(question.message_id).packed(), str(phone))
    except ValueError as fault:
        raise CannotAsk(str(fault)) from fault


def _without_words(protocol: Protocol, question: Question) -> CannotAsk:
    if question.is_cancellation:
        return CannotAsk(f"{protocol} cannot cancel a message")
    return CannotAsk(
        f"{protocol} cannot say the state of a message" if question.message_id else f"{protocol} cannot say a day's numbers"
    )


def _facts(answer: tuple[int, Pdu | None]) -> Mapping[str, object]:
    status, pdu = answer
    match pdu:
        case smpp.QuerySmResp(status=0):
            state = STATES.get(pdu.message_state, str(pdu.message_state))
            return {"state": state, "final_date": pdu.final_date, "error": pdu.error_code}
        case cmpp.QueryResp() | smgp.QueryResp():
            return dict(zip(_NUMBERS, pdu.counts, strict=True))
        case sgip.TraceResp(nodes=(first, *_) as nodes):
            way = " ".join(node.node_id for node in nodes)
            return {"nodes": way, "received": first.receive_time, "sent": nodes[-1].send_time, "result": nodes[-1].result}
        case sgip.TraceResp():
            raise CannotAsk("no gateway on the way knows this message")
        case cmpp.CancelResp():
            return {"cancelled": pdu.success_id == 0}
        case smpp.Plain():
            return {"cancelled": status == 0, "status": f"0x{status:02X}"}
        case _:
            raise CannotAsk(f"the carrier refused, status 0x{status:02X}")
