"""A port of the channel's own, to which another platform posts its reports and replies, with a list of addresses.

    HTTP channel options
    listen_port  where to listen; 0 or none: nowhere, and reports are pulled
    listen_host  0.0.0.0
    listen_path  the path to be posted to (/): one that nobody guesses is a second lock
    allow_ip     addresses and networks by comma; by default the channel's own host, if that is an address

The XML of manual 001, chapter 6, is answered `1` and the JSON of manual 002 respCode 00000, after the commit. If it is not
stored in time, the answer makes the platform repeat it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from hongyan.adapters.options import number_of
from hongyan.carriers.http_port import HttpPort
from hongyan.carriers.listen_endpoint import allowed
from hongyan.carriers.long_body import read_beside
from hongyan.http.address import Network
from hongyan.http.asgi import BodyTooLarge, ClientGone, Receive, Scope, Send, read_body, respond, respond_line
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.state import Limits
from hongyan.model.channel import Channel
from hongyan.model.translatable import Translatable
from hongyan.wire.aspx.codec import MOST_OCTETS, BadAnswer, read_push
from hongyan.wire.aspx.pdu import Item

log = structlog.get_logger(__name__)

ANSWER_S = 8.0
"""How long a post waits for its commit: platforms of these interfaces wait ten seconds for an answer."""

LIMITS = Limits(
    connections=256, head_octets=16 * 1024, body_octets=MOST_OCTETS, reading_octets=8 * MOST_OCTETS, held_octets=64 * 1024
)
"""Bounds of one channel's port."""

_CLOSE_S = 1.0
_TAKEN = {False: ("text/plain", "1"), True: ("application/json", '{"respCode":"00000"}')}
_AGAIN = {False: ("text/plain", "error"), True: ("application/json", '{"respCode":"00001"}')}

Store = Callable[[Sequence[Item]], Awaitable[bool]]
"""Called with the items; returns, after the store has answered, whether they are stored."""


@dataclass(frozen=True, slots=True)
class PushEndpoint:
    host: str
    port: int
    path: str
    allowed: tuple[Network, ...]


def read_push_endpoint(channel: Channel) -> PushEndpoint | None:
    """Returns None if the channel does not listen. raises: WrongOption"""
    option = channel.options.get
    port = number_of(channel, "listen_port", 0)
    if not port:
        return None
    known = allowed(option("allow_ip", ""), channel.host)
    return PushEndpoint(option("listen_host", "0.0.0.0"), port, option("listen_path", "/"), known)  # noqa: S104 - as the operator set it


class Receiver(HttpPort):
    def __init__(self, name: str, keep: Store, budget: ConnectionBudget | None = None) -> None:
        super().__init__(name, budget)
        self._keep = keep
        self._endpoint: PushEndpoint | None = None

    async def listen(self, endpoint: PushEndpoint | None) -> None:
        """Listen there from now on; the same endpoint changes nothing."""
        if endpoint == self._endpoint:
            return
        await self.close()
        self._endpoint = endpoint
        if endpoint is not None:
            self._open(endpoint.host, endpoint.port, endpoint.allowed, LIMITS)

    async def close(self) -> None:
        self._endpoint = None
        await self._close(_CLOSE_S)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint, peer = self._endpoint, scope["client"][0]
        if endpoint is None or scope["method"] != "POST" or scope["path"] != endpoint.path:
            self._log_trouble(
                Translatable("a request from {peer} was refused: it is no post, or its path is another", peer=peer)
            )
            await respond_line(send, 403, "not here")
            return
        try:
            is_json, items = await read_beside(read_push, await read_body(scope, receive, MOST_OCTETS))
        except (BodyTooLarge, ClientGone):
            await respond_line(send, 413, "too long")
            return
        except BadAnswer as bad:
            self._log_trouble(
                Translatable("a post from {peer} could not be read: {what}", peer=peer, what=Translatable.of(bad))
            )
            await respond_line(send, 400, str(bad))
            return
        kind, text = (_TAKEN if await self._kept(items) else _AGAIN)[is_json]
        self.trouble = ""
        await respond(send, 200, f"{kind}; charset=utf-8", text.encode())

    async def _kept(self, items: Sequence[Item]) -> bool:
        """Returns whether they are stored by the time at which the platform must be answered. Others are held all the same."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._keep(items)
        except TimeoutError:
            return False

    def _turned_away(self, peer: str) -> None:
        self._log_trouble(Translatable("a connection from {peer} was refused: its address is not in allow_ip", peer=peer))

    def _log_trouble(self, what: str) -> None:
        self.trouble = what
        log.warning("carrier_post_refused", channel=self._channel_name, what=what, limit_by=("channel",))
