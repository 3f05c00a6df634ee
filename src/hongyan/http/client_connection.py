"""A connection to a server: one request and its answer at a time."""

import asyncio
from collections.abc import Callable
from typing import cast

from hongyan.http.answers import Answer, BadAnswer
from hongyan.http.http_trouble import HttpTrouble
from hongyan.http.tls import ClientTls
from hongyan.http.url import Origin

_TLS_BESIDE = 64 * 1024  # octets that TLS may add to an answer


class ClientConnection(asyncio.Protocol):
    """One connection: one request and its answer at a time."""

    def __init__(self, lost: Callable[["ClientConnection", Origin], None], origin: Origin) -> None:
        self.tls: ClientTls | None = None
        self._lost, self._origin = lost, origin
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._done: asyncio.Future[None] | None = None
        self._rest: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_writing(self) -> bool:
        return self._transport is not None and self._transport.get_write_buffer_size() > 0

    async def ask(self, request: bytes, answer: Answer, answer_octets: int) -> None:
        """Write a request, read its answer. raises: BadAnswer, OSError"""
        if self._rest is not None:
            self._rest.cancel()
        if self._transport is None:
            raise ConnectionResetError(HttpTrouble("the connection ended"))
        if self.tls is not None:
            self.tls.allowance = answer.head_octets + 2 * answer_octets + _TLS_BESIDE
        self._answer, self._done = answer, asyncio.get_running_loop().create_future()
        try:
            self._transport.write(request)
            await self._done
        finally:
            self._answer = self._done = None

    def rest(self, most_s: float) -> None:
        """No request is under way. Close unless one begins within that time."""
        self._rest = asyncio.get_running_loop().call_later(most_s, self.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        answer, done = self._answer, self._done
        if answer is None or done is None or done.done():  # nobody asked, or nobody waits any more
            self.abort()
            return
        try:
            answer.feed(data)
        except BadAnswer as bad:
            done.set_exception(bad)
            self.abort()
            return
        if answer.is_ended:
            done.set_result(None)

    def eof_received(self) -> bool:
        """A body without a length ends so; any other answer is cut off."""
        if self._answer is not None and self._done is not None and not self._done.done():
            try:
                self._answer.end()
                self._done.set_result(None)
            except BadAnswer as bad:
                self._done.set_exception(bad)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._rest is not None:
            self._rest.cancel()
        if self._done is not None and not self._done.done():
            self._done.set_exception(
                error if isinstance(error, OSError) else ConnectionResetError(HttpTrouble("the connection ended"))
            )
        self._lost(self, self._origin)
