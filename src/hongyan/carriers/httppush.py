"""Where another platform posts its reports and replies: a port of the channel's own, with a list of addresses.

    HTTP channel options
    listen_port  where to listen; 0 or none: nowhere, and reports are pulled
    listen_host  0.0.0.0
    listen_path  the path to be posted to (/): one that nobody guesses is a second lock
    allow_ip     addresses and networks by comma; else the channel's own host, where that is an address

The XML of manual 001, chapter 6, is answered `1` and the JSON of manual 002 respCode 00000, after the commit; what is not stored
in time is answered so that the platform repeats it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from hongyan.carriers.listener import AGAIN_S, allowed
from hongyan.model.address import Network, is_within, plain_address
from hongyan.model.channel import Channel
from hongyan.wire.aspx import MOST_OCTETS, BadAnswer, Item, read_push

log = structlog.get_logger(__name__)

ANSWER_S = 8.0
"""How long a post waits for its commit: platforms of these interfaces wait ten seconds for an answer."""

_TAKEN = {False: ("text/plain", "1"), True: ("application/json", '{"respCode":"00000"}')}
_AGAIN = {False: ("text/plain", "error"), True: ("application/json", '{"respCode":"00001"}')}

Keeper = Callable[[Sequence[Item]], Awaitable[bool]]
"""Called with what came; gives, after the store has answered, whether it is kept."""


@dataclass(frozen=True, slots=True)
class Postbox:
    host: str
    port: int
    path: str
    allowed: tuple[Network, ...]


def read_postbox(channel: Channel) -> Postbox | None:
    """None where the channel listens nowhere. raises: ValueError when an option makes no sense"""
    option = channel.options.get
    port = int(option("listen_port") or 0)
    if not port:
        return None
    known = allowed(option("allow_ip", ""), channel.host)
    return Postbox(option("listen_host", "0.0.0.0"), port, option("listen_path", "/"), known)  # noqa: S104 - as told


class Receiver:
    def __init__(self, name: str, keep: Keeper) -> None:
        self.trouble = ""
        self.port = 0
        """Where it listens now; 0 while it does not."""
        self._name, self._keep = name, keep
        self._task: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._box: Postbox | None = None

    async def listen(self, box: Postbox | None) -> None:
        """Listen there from now on; the same place changes nothing."""
        if box == self._box:
            return
        await self.close()
        self._box = box
        if box is not None:
            self._task = asyncio.create_task(self._open(box), name=f"listen-{self._name}")

    async def close(self) -> None:
        self.port, self._box = 0, None
        if self._task is not None:
            self._task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _open(self, box: Postbox) -> None:
        """Until the port is ours."""
        app = web.Application(client_max_size=MOST_OCTETS)
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        while True:
            try:
                await web.TCPSite(self._runner, box.host, box.port).start()
            except OSError as error:
                self.trouble = f"cannot listen on {box.host}:{box.port}: {error.strerror or error}"
                log.error("carrier_listener_closed", channel=self._name, what=self.trouble)  # noqa: TRY400
                await asyncio.sleep(AGAIN_S)
                continue
            self.trouble, self.port = "", box.port
            return

    async def _take(self, request: web.Request) -> web.Response:
        box, peer = self._box, plain_address(request.remote or "")
        if box is None or request.path != box.path or not is_within(peer, box.allowed):
            self._complain(f"a post from {peer} was refused: its path is another, or its address is not in allow_ip")
            return web.Response(status=403, text="not here")
        try:
            is_json, items = read_push(await request.read())
        except BadAnswer as bad:
            self._complain(f"a post from {peer} could not be read: {bad}")
            return web.Response(status=400, text=str(bad))
        kind, text = (_TAKEN if await self._kept(items) else _AGAIN)[is_json]
        self.trouble = ""
        return web.Response(text=text, content_type=kind)

    async def _kept(self, items: Sequence[Item]) -> bool:
        """Whether they are stored by the time at which the platform must be answered; what is not by then is held all the same."""
        try:
            return await asyncio.wait_for(self._keep(items), ANSWER_S)
        except TimeoutError:
            return False

    def _complain(self, what: str) -> None:
        """Once for the same thing, so that nobody can fill the log."""
        if what != self.trouble:
            self.trouble = what
            log.warning("carrier_post_refused", channel=self._name, what=what)
