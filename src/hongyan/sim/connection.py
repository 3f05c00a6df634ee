"""One client's connection to a simulated carrier: a session of `wire` on a socket, and the faults of a script."""

import asyncio
import time
from typing import Protocol, cast

from hongyan.adapters.carrier_time import login_stamp
from hongyan.adapters.centre import CentreAdapter, Delivery
from hongyan.sim.script import ConnectionFault
from hongyan.wire.events import Closed, Event
from hongyan.wire.session import Limits, Session
from hongyan.wire.state import ProtocolState, Role

_GARBAGE = b"\xff" * 64  # a frame of 4 GiB: no stream can be in step after it
_CUT_OCTETS = 5  # octets that the last answer lacks
_DRIP_S = 0.0005


class Owner(Protocol):
    """Takes what a connection brings."""

    adapter: CentreAdapter
    limits: Limits

    def opened(self, connection: "Connection") -> None: ...

    def took(self, connection: "Connection", event: Event) -> None: ...

    def settled(self) -> None:
        """Called after all events of one read."""
        ...

    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, owner: Owner, number: int, call: ProtocolState | None = None, user: str = "") -> None:
        """call, user: a connection that the carrier opens, on behalf of a client"""
        self.number = number
        self.user = user
        self.is_ready = False  # logged in, and takes deliveries
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self.protocol_state = call or owner.adapter.protocol_state()
        self.session = Session(self.protocol_state, Role.CLIENT if call else Role.CENTRE, owner.limits, self._loop.time())
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._is_silent = False
        self._is_deaf = False
        self._drops: bytearray | None = None  # what is still sent octet by octet, once it is

    @property
    def free(self) -> int:
        """Returns how many deliveries the client's window still takes."""
        return self.session.free if self.is_ready and not self._is_silent else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transport is one by its methods only
        self._owner.opened(self)
        if self.session.role is Role.CLIENT:
            self.session.login(self._loop.time(), login_stamp(time.time_ns() // 1_000_000))
            self.flush()

    def data_received(self, data: bytes) -> None:
        if not self._is_silent:
            self._report(self.session.feed(data, self._loop.time()))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  how it ended makes no difference
        self.is_ready = False
        self._report(self.session.lost())
        self._owner.closed(self)
        self.over.set_result(None)

    def pause_writing(self) -> None:
        """The client does not read. Then it is not read either, so that memory is bounded."""
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._is_deaf:
            self.transport.resume_reading()

    def tick(self) -> None:
        if not self._is_silent:
            self._report(self.session.tick(self._loop.time()))

    def deliver(self, delivery: Delivery) -> None:
        """Deliver one; only while `free` says that there is room."""
        octets = self._owner.adapter.write(delivery, self.session.next_seq, self.protocol_state)
        self.session.send(octets, delivery, self._loop.time())

    def admit(self, status: int, secret: str) -> None:
        self._report(self.session.admit(status, self._loop.time(), secret))

    def flush(self) -> None:
        octets = self.session.take_out()
        if not octets or self._is_silent or self.transport.is_closing():
            return
        if self._drops is None:
            self.transport.write(octets)
        else:
            self._drip(octets)

    def inject(self, fault: ConnectionFault) -> None:
        """Apply a fault. Called when the session has the answer to the submit that met the rule."""
        match fault:
            case ConnectionFault.DISCONNECT:
                self.transport.abort()
            case ConnectionFault.HANG:
                self.fall_silent()
            case ConnectionFault.HALF_OPEN:
                self.fall_silent()
                self._is_deaf = True
                self.transport.pause_reading()
            case ConnectionFault.GARBAGE:
                self.flush()
                self.transport.write(_GARBAGE)
            case ConnectionFault.CUT:
                self.transport.write(self.session.take_out()[:-_CUT_OCTETS])
                self.transport.close()
            case ConnectionFault.DRIP:
                self._drops = bytearray()

    def fall_silent(self) -> None:
        """Send nothing more, and ignore what comes."""
        self._is_silent = True
        self.is_ready = False

    def _report(self, events: list[Event]) -> None:
        for event in events:
            self._owner.took(self, event)
        self._owner.settled()
        self.flush()
        if events and isinstance(events[-1], Closed):
            self.transport.close()

    def _drip(self, octets: bytes) -> None:
        assert self._drops is not None
        is_dripping = bool(self._drops)
        self._drops += octets
        if not is_dripping:
            self._drop()

    def _drop(self) -> None:
        if self._drops and not self.transport.is_closing():
            self.transport.write(self._drops[:1])
            del self._drops[0]
            self._loop.call_later(_DRIP_S, self._drop)
