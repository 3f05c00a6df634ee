"""A port of the channel's own, to which a relay/server posts its reports and handsets' MMS, with a list of addresses.

A request is answered after the commit. If it is not stored in time it is answered 4006, and the relay/server repeats it.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from functools import partial

import structlog

from hongyan.adapters.mm7.client import receipt_of, reply_of
from hongyan.carriers.http_port import HttpPort
from hongyan.carriers.listen_endpoint import read_endpoint
from hongyan.carriers.long_body import read_beside
from hongyan.http.asgi import BodyTooLarge, ClientGone, Receive, Scope, Send, read_body, respond, respond_line
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.state import Limits
from hongyan.model.channel import Channel
from hongyan.model.link_counts import LinkCounts
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents
from hongyan.wire.mm7.auth import basic, challenge, is_digest_authentic
from hongyan.wire.mm7.codec import BadMm7, decode, encode
from hongyan.wire.mm7.mime import Body
from hongyan.wire.mm7.pdu import ANSWERS, Answer, CancelReq, DeliverReq, Report, Schema, Status

log = structlog.get_logger(__name__)

BODY_OCTETS = 2 * 1024 * 1024
CONNECTIONS_MOST = 256
WAITING_MOST = 64
"""The most requests that wait for their commit; further ones are asked to come again."""

ANSWER_S = 25.0
"""How long a request waits for its commit; relay/servers wait half a minute for an answer."""

_CLOSE_S = 2.0
_REALM = "mm7"
_GUARDED = {"basic", "digest"}


class Mm7Listener(HttpPort):
    """Listens from `open` to `close`. A port that another program has is tried again."""

    def __init__(
        self, channel: Channel, events: LinkEvents, counts: LinkCounts, clock: Clock, budget: ConnectionBudget | None = None
    ) -> None:
        """budget: shared with all channels' listeners. raises: WrongOption"""
        super().__init__(channel.name, budget)
        self._channel, self._events, self._counts, self._clock = channel, events, counts, clock
        self._endpoint = read_endpoint(channel)
        self._path = channel.options.get("listen_path", "/mm7")
        self._auth = channel.options.get("auth", "") if channel.user else ""
        self._nonce = secrets.token_hex(16)
        self._waiting = 0

    def open(self) -> None:
        if (endpoint := self._endpoint) is None:
            return
        limits = Limits(
            connections=CONNECTIONS_MOST,
            head_octets=16 * 1024,
            body_octets=BODY_OCTETS,
            reading_octets=16 * BODY_OCTETS,
            held_octets=64 * 1024,
            idle_timeout_s=endpoint.idle_s,
        )
        self._open(endpoint.host, endpoint.port, endpoint.allowed, limits)

    async def close(self) -> None:
        await self._close(_CLOSE_S)

    def _turned_away(self, peer: str) -> None:
        """Log and show a connection from an address that is not listed; it was cut off unread."""
        self._counts.logins_refused += 1
        self.trouble = Translatable("a connection from {peer} was refused: its address is not in allow_ip", peer=peer)
        log.warning("carrier_stranger", channel=self._channel.name, peer=peer, limit_by=("channel",))

    # --- a request -------------------------------------------------------------------------------------------------------

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if scope["path"] != self._path or scope["method"] != "POST":
            await respond_line(send, 404, "MM7 is posted elsewhere")
        elif self._auth in _GUARDED and not self._is_welcome(headers.get(b"authorization", b"").decode("latin-1")):
            await respond_line(send, 401, "who are you?", *((b"www-authenticate", one.encode()) for one in self._challenges()))
        else:
            try:
                octets = await read_body(scope, receive, BODY_OCTETS)
            except (BodyTooLarge, ClientGone):
                await respond_line(send, 413, "the request body is too large")
                return
            body = await self._answer(headers.get(b"content-type", b"").decode("latin-1"), octets)
            await respond(send, 200, body.content_type, body.octets)

    async def _answer(self, content_type: str, octets: bytes) -> Body:
        try:
            message, schema = await read_beside(partial(decode, content_type), octets)
        except BadMm7 as fault:
            self._counts.unreadable += 1
            name = ANSWERS.get(fault.request, "VASPErrorRsp")
            return encode(Answer(fault.transaction_id, name, fault.code), schema=Schema())
        return await self._stored(message, schema)

    def _challenges(self) -> list[str]:
        """Returns what may prove who posts. A relay/server that is to be asked for Digest may post with Basic too."""
        usual = f'Basic realm="{_REALM}"'
        return [challenge(_REALM, self._nonce), usual] if self._auth == "digest" else [usual]

    def _is_welcome(self, authorization: str) -> bool:
        user, secret = self._channel.user, self._channel.secret
        if self._auth == "digest" and is_digest_authentic(authorization, user, secret, "POST", _REALM, self._nonce):
            return True
        return hmac.compare_digest(authorization.encode(), basic(user, secret).encode())

    async def _stored(self, message: object, schema: Schema) -> Body:
        """Pass it on, and answer after the commit."""
        if isinstance(message, Report):
            name = "ReadReplyRsp" if message.is_read else "DeliveryReportRsp"
            receipt = receipt_of(message, self._channel, self._clock())
            if receipt is None:
                self._counts.unreadable += 1
                return encode(Answer(message.transaction_id, name, Status.FORMAT_CORRUPT), schema=schema)
            self._counts.note_receipts([receipt])
            code = await self._committed(lambda confirm: self._events.received([receipt], confirm))
        elif isinstance(message, DeliverReq):
            name, reply = "DeliverRsp", reply_of(message, self._channel, self._clock())
            self._counts.replies += 1
            late = partial(self._events.answer_lost, [reply]) if not reply.keeps_name else None
            code = await self._committed(lambda confirm: self._events.replied([reply], confirm), late)
        else:
            self._counts.odd += 1
            transaction_id = getattr(message, "transaction_id", "")
            name = "CancelRsp" if isinstance(message, CancelReq) else "VASPErrorRsp"
            return encode(Answer(transaction_id, name, Status.UNSUPPORTED_OPERATION), schema=schema)
        return encode(Answer(message.transaction_id, name, code), schema=schema)

    async def _committed(
        self, hand_on: Callable[[Callable[[bool], None]], None], late: Callable[[], None] | None = None
    ) -> int:
        """Returns 1000 once it is stored; 4006 if not in time, or if too many wait already. It is held all the same.

        late: called if it is stored after such an answer, and so will come again
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def confirm(is_stored: bool) -> None:
            if not done.done():
                done.set_result(is_stored)
            elif is_stored and late is not None:
                late()

        hand_on(confirm)
        if self._waiting >= WAITING_MOST and not done.done():
            done.cancel()
            return Status.UNAVAILABLE
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_S):
                is_stored = await done
        except TimeoutError:
            is_stored = False
        finally:
            self._waiting -= 1
        return Status.SUCCESS if is_stored else Status.UNAVAILABLE
