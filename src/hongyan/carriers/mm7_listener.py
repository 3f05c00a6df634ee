"""Where a relay/server posts its reports and what handsets sent: a port of the channel's own, with its list of addresses.

aiohttp.web reads the HTTP: it comes with the client that posts to customers, and the customers' doors are not to be reached from
here. A request is answered after the commit; what is not stored in time is answered 4006, and the relay/server repeats it.
"""

import asyncio
import hmac
from collections.abc import Callable

import structlog
from aiohttp import web

from hongyan.carriers.counts import LinkCounts
from hongyan.carriers.listener import AGAIN_S, Gate, read_gate
from hongyan.carriers.mm7 import receipt_of, reply_of
from hongyan.model.address import is_within, plain_address
from hongyan.model.channel import Channel
from hongyan.ports import Clock, LinkEvents
from hongyan.wire.http_auth import basic
from hongyan.wire.mm7 import ANSWERS, Answer, CancelReq, DeliverReq, Report, Schema, Status
from hongyan.wire.mm7_read import BadMm7, read
from hongyan.wire.mm7_write import write

log = structlog.get_logger(__name__)

BODY_OCTETS = 2 * 1024 * 1024
WAITING_MOST = 64
"""Requests at once that wait for their commit; more are asked to come again."""

ANSWER_S = 25.0
"""How long a request waits for its commit: relay/servers wait half a minute for an answer."""

_CLOSE_S = 2.0


class Mm7Listener:
    """Listens from `open` to `close`; a port that somebody else has is tried again."""

    def __init__(self, channel: Channel, events: LinkEvents, counts: LinkCounts, clock: Clock) -> None:
        """raises: ValueError when an option makes no sense"""
        self.trouble = ""
        self.port = 0  # where it listens now; 0 while it does not
        self._channel, self._events, self._counts, self._clock = channel, events, counts, clock
        self._gate = read_gate(channel)
        self._path = channel.options.get("listen_path", "/mm7")
        self._is_guarded = channel.options.get("auth") in {"basic", "digest"} and bool(channel.user)
        self._waiting = 0
        self._runner: web.AppRunner | None = None
        self._opening: asyncio.Task[None] | None = None

    def open(self) -> None:
        if self._gate is not None:
            self._opening = asyncio.create_task(self._listen(self._gate), name=f"listen-{self._channel.name}")

    async def close(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
        self.port = 0

    async def _listen(self, gate: Gate) -> None:
        app = web.Application(client_max_size=BODY_OCTETS)
        app.router.add_post(self._path, self._take)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=gate.idle_s, shutdown_timeout=_CLOSE_S)
        await self._runner.setup()
        while not self.port:
            try:
                await web.TCPSite(self._runner, gate.host, gate.port).start()
            except OSError as error:
                self.trouble = f"cannot listen on {gate.host}:{gate.port}: {error.strerror}"
                log.error("cannot_listen", channel=self._channel.name, what=self.trouble)  # noqa: TRY400 - no bug of ours
                await asyncio.sleep(AGAIN_S)
            else:
                self.trouble, self.port = "", gate.port

    # --- a request -------------------------------------------------------------------------------------------------------

    async def _take(self, request: web.Request) -> web.Response:
        assert self._gate is not None
        peer = plain_address(request.remote or "")
        if not _is_allowed(peer, self._gate):
            log.warning("carrier_stranger", channel=self._channel.name, peer=peer)
            return web.Response(status=403, text="this address is not in allow_ip\n")
        if self._is_guarded and not self._is_welcome(request.headers.get("Authorization", "")):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="mm7"'}, text="who are you?\n")
        octets = await request.read()
        try:
            message, schema = read(request.headers.get("Content-Type", ""), octets)
        except BadMm7 as fault:
            self._counts.unreadable += 1
            name = ANSWERS.get(fault.request, "VASPErrorRsp")
            return _answered(Answer(fault.transaction_id, name, fault.code), Schema())
        return await self._stored(message, schema)

    def _is_welcome(self, authorization: str) -> bool:
        wanted = basic(self._channel.user, self._channel.secret)
        return hmac.compare_digest(authorization.encode(), wanted.encode())

    async def _stored(self, message: object, schema: Schema) -> web.Response:
        """Hand it on, and answer after the commit."""
        if isinstance(message, Report):
            name = "ReadReplyRsp" if message.is_read else "DeliveryReportRsp"
            receipt = receipt_of(message, self._channel, self._clock())
            if receipt is None:
                self._counts.unreadable += 1
                return _answered(Answer(message.transaction_id, name, Status.FORMAT_CORRUPT), schema)
            self._counts.receipts += 1
            code = await self._committed(lambda confirm: self._events.received([receipt], confirm))
        elif isinstance(message, DeliverReq):
            name, reply = "DeliverRsp", reply_of(message, self._channel, self._clock())
            self._counts.replies += 1
            code = await self._committed(lambda confirm: self._events.replied([reply], confirm))
        else:
            self._counts.odd += 1
            transaction_id = getattr(message, "transaction_id", "")
            name = "CancelRsp" if isinstance(message, CancelReq) else "VASPErrorRsp"
            return _answered(Answer(transaction_id, name, Status.UNSUPPORTED_OPERATION), schema)
        return _answered(Answer(message.transaction_id, name, code), schema)

    async def _committed(self, hand_on: Callable[[Callable[[bool], None]], None]) -> int:
        """1000 once it is stored; 4006 when it is not in time, or when too many wait already: it is held all the same."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        hand_on(lambda is_stored: None if done.done() else done.set_result(is_stored))
        if self._waiting >= WAITING_MOST:
            return Status.UNAVAILABLE
        self._waiting += 1
        try:
            is_stored = await asyncio.wait_for(done, ANSWER_S)
        except TimeoutError:
            is_stored = False
        finally:
            self._waiting -= 1
        return Status.SUCCESS if is_stored else Status.UNAVAILABLE


def _is_allowed(peer: str, gate: Gate) -> bool:
    try:
        return is_within(peer, gate.allowed)
    except ValueError:
        return False


def _answered(answer: Answer, schema: Schema) -> web.Response:
    body = write(answer, schema=schema)
    return web.Response(body=body.octets, headers={"Content-Type": body.content_type})
