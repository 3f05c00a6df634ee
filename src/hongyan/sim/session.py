"""A simulated customer that connects by SMPP or CMPP as to a carrier, submits, answers deliveries, and misbehaves on request.

It does its steps (`sim/steps`) in order. A connection that ends during a step is opened again for the next one.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from hongyan.adapters.carrier_time import login_stamp
from hongyan.sim.steps import Step
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.events import Answer, Asked, Closed, Event, Reason
from hongyan.wire.session import Limits, Session, State
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.state import Pdu, ProtocolState, Role

_WITHIN_S = 30.0  # for answers, and for a login
_DRIP_S = 0.05
_FOREIGN = 1_000_000_000  # sequences that nobody used

Write = Callable[[int, str, bytes], Pdu]
"""Sequence, number and text in UCS-2 → a submit."""


def _smpp(seq: int, number: str, octets: bytes) -> Pdu:
    return smpp.Sm(seq, smpp.Command.SUBMIT_SM, "", number, octets, registered_delivery=1)


def _cmpp(seq: int, number: str, octets: bytes) -> Pdu:
    return cmpp.Submit(seq, "", (number,), octets)


@dataclass(frozen=True, slots=True)
class _ClientProtocol:
    state: Callable[[str, str], ProtocolState]
    submit: Write
    foreign: Callable[[int], Pdu]  # an answer to a delivery with this sequence


_PROTOCOLS: Mapping[str, _ClientProtocol] = {
    "smpp": _ClientProtocol(
        lambda user, secret: SmppState(smpp.Bind(0, smpp.Command.BIND_TRANSCEIVER, user, secret)),
        _smpp,
        lambda seq: smpp.SmResp(seq, smpp.Command.DELIVER_SM_RESP),
    ),
    "cmpp2": _ClientProtocol(
        lambda user, secret: CmppState(cmpp.Version.V20, user, secret), _cmpp, lambda seq: cmpp.DeliverResp(seq, 1, 0)
    ),
    "cmpp3": _ClientProtocol(
        lambda user, secret: CmppState(cmpp.Version.V30, user, secret), _cmpp, lambda seq: cmpp.DeliverResp(seq, 1, 0)
    ),
}
SESSION_PROTOCOLS = tuple(_PROTOCOLS)


@dataclass(slots=True)
class SessionCounts:
    logins: int = 0
    submits: int = 0
    accepted: int = 0
    refused: int = 0
    delivered: int = 0  # reports and replies that came
    ends: int = 0  # connections that the other side ended


class SessionSim:
    """One customer on one connection at a time. raises: ValueError for a protocol that is none of SESSION_PROTOCOLS"""

    def __init__(self, protocol: str, host: str, port: int, user: str, secret: str, *, window: int = 16) -> None:
        if protocol not in _PROTOCOLS:
            raise ValueError(f"a simulated customer speaks one of {', '.join(SESSION_PROTOCOLS)}; not {protocol!r}")
        self._spoken, self._at, self._login, self._window = _PROTOCOLS[protocol], (host, port), (user, secret), window
        self.counts = SessionCounts()
        self.status: int | None = 0
        """The status with which deliveries are answered; None: not at all."""
        self._connection: _Connection | None = None
        self._number = 0

    async def run(self, steps: list[Step]) -> SessionCounts:
        """Do all steps. raises: OSError if nobody listens, TimeoutError if no login is admitted"""
        for step in steps:
            await self._do(step, await self._connected())
        if self._connection is not None:
            self._connection.leave()
        return self.counts

    async def _connected(self) -> "_Connection":
        if self._connection is None or self._connection.is_over:
            loop = asyncio.get_running_loop()
            state = self._spoken.state(*self._login)
            _, self._connection = await loop.create_connection(lambda: _Connection(self, state, self._window), *self._at)
            await self._connection.until(lambda c: c.session.state is State.READY or c.is_over)
            self.counts.logins += self._connection.session.state is State.READY
        return self._connection

    async def _do(self, step: Step, connection: "_Connection") -> None:
        match step.do:
            case "submit":
                await self._submit(step, connection)
            case "flood":
                for _ in range(step.count):
                    connection.send(self._next(step, connection))
                await connection.until(lambda c: not c.session.pending or c.is_over)
            case "wait":
                await asyncio.sleep(step.seconds)
            case "silent" | "refuse" | "answer":
                self.status = {"silent": None, "refuse": step.code, "answer": 0}[step.do]
            case "foreign":
                for n in range(step.count):
                    connection.write(connection.session.protocol_state.encode(self._spoken.foreign(_FOREIGN + n)))
            case "garbage":
                connection.write(bytes.fromhex(step.octets))
                await connection.until(lambda c: c.is_over)
            case "half-open":
                connection.transport.pause_reading()
            case "drip":
                for octet in connection.session.protocol_state.encode(self._next(step, connection)):
                    connection.write(bytes((octet,)))
                    await asyncio.sleep(_DRIP_S)
            case "binds":
                for _ in range(step.count):
                    (await self._connected()).leave()
            case "disconnect":
                connection.leave()
            case "logout":
                connection.take_events(connection.session.logout(connection.loop.time()))
                await connection.until(lambda c: c.is_over)

    async def _submit(self, step: Step, connection: "_Connection") -> None:
        began = connection.loop.time()
        for n in range(step.count):
            if step.rate:
                await asyncio.sleep(max(0.0, began + n / step.rate - connection.loop.time()))
            await connection.until(lambda c: c.session.free or c.is_over)
            if connection.is_over:
                return
            connection.send(self._next(step, connection))
        await connection.until(lambda c: not c.session.pending or c.is_over)

    def _next(self, step: Step, connection: "_Connection") -> Pdu:
        number = step.to.format(n=self._number)
        self._number += 1
        self.counts.submits += 1
        return self._spoken.submit(connection.session.next_seq, number, step.text.encode("utf-16-be"))


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, owner: SessionSim, state: ProtocolState, window: int) -> None:
        self._owner = owner
        self.loop = asyncio.get_running_loop()
        self.session = Session(state, Role.CLIENT, Limits(window=window, heartbeat_s=0), self.loop.time())
        self.is_over = False
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.session.login(self.loop.time(), login_stamp(time.time_ns() // 1_000_000))
        self._flush()

    def data_received(self, data: bytes) -> None:
        self.take_events(self.session.feed(data, self.loop.time()))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  how it ended makes no difference
        self._owner.counts.ends += not self.is_over
        self.is_over = True
        self._news.set()

    def take_events(self, events: list[Event]) -> None:
        """Take the events of the session, and write what it has ready."""
        counts = self._owner.counts
        for event in events:
            match event:
                case Answer(status=status):
                    counts.accepted += not status
                    counts.refused += bool(status)
                case Asked(pdu):
                    counts.delivered += 1
                    if self._owner.status is not None:
                        self.session.answer(pdu, self._owner.status)
                case Closed(reason):
                    self.is_over = reason is Reason.LEFT
                    self._flush()
                    self.transport.close()
                case _:
                    pass
        self._flush()
        self._news.set()

    def send(self, pdu: Pdu) -> None:
        self.session.send(self.session.protocol_state.encode(pdu), None, self.loop.time())
        self._flush()

    def leave(self) -> None:
        """Break the connection."""
        self.is_over = True
        self.transport.abort()

    def write(self, octets: bytes) -> None:
        self.transport.write(octets)

    async def until(self, claim: "Callable[[_Connection], object]") -> None:
        """Wait until a claim about this connection is true, for half a minute at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WITHIN_S):
                while not claim(self):
                    self._news.clear()
                    await self._news.wait()

    def _flush(self) -> None:
        if octets := self.session.take_out():
            self.transport.write(octets)
