"""The port of a channel whose carrier posts to us. It is opened repeatedly if another program has it, and closed."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

from hongyan.carriers.open_port import open_port
from hongyan.http.address import Network
from hongyan.http.asgi import Receive, Scope, Send
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.server import Listener
from hongyan.http.state import Limits


class HttpPort(ABC):
    def __init__(self, channel: str, budget: ConnectionBudget | None) -> None:
        """channel: its name. budget: shared with all channels' listeners"""
        self.trouble: str = ""
        self.port = 0
        """The port that it listens on; 0 if none."""
        self._channel_name, self._budget = channel, budget
        self._opening: asyncio.Task[None] | None = None
        self._listener: Listener | None = None

    @abstractmethod
    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

    @abstractmethod
    def _turned_away(self, peer: str) -> None:
        """Note a connection from an address that is not listed; it was closed unread."""

    def _open(self, host: str, port: int, allowed: Sequence[Network], limits: Limits) -> None:
        """Open the port as soon as no other program has it."""
        opening = self._listen(host, port, allowed, limits)
        self._opening = asyncio.create_task(opening, name=f"listen-{self._channel_name}")

    async def _close(self, within_s: float) -> None:
        self.port = 0
        if self._opening is not None:
            self._opening.cancel()
        if self._listener is not None:
            await self._listener.stop(within_s)
            self._listener = None

    async def _listen(self, host: str, port: int, allowed: Sequence[Network], limits: Limits) -> None:
        listener = Listener(
            self._take, host, port, limits=limits, allowed=allowed, on_refused=self._turned_away, budget=self._budget
        )
        await open_port(listener.start, self._channel_name, host, port, self._note_trouble)
        self._listener = listener
        self.trouble, self.port = "", port

    def _note_trouble(self, trouble: str) -> None:
        self.trouble = trouble
