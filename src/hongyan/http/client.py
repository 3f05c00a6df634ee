"""Posting to servers that may be slow, broken or hostile: all of it is bounded, and nothing they do raises.

    client = Client()
    reply = await client.post(url, body, headers, within_s=10, answer_octets=2048)
    client.close()

There are bounds on the time from the look-up of the name to the end of the answer, on the octets of its heads (those of 1xx too),
of its body and of a TLS handshake, and on the connections, in all and to one server. Redirects are not followed, cookies not
kept, and nothing is unpacked.
"""

import asyncio
import os
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache

from hongyan.http.answers import Answer, BadAnswer
from hongyan.http.client_connection import ClientConnection
from hongyan.http.connect import connected_socket
from hongyan.http.http_trouble import AS_IT_IS, HttpTrouble
from hongyan.http.resolver import Address, Resolver, SystemResolver
from hongyan.http.tls import ClientTls
from hongyan.http.url import Origin, Target, read_url

_TROUBLE = (OSError, ValueError, RuntimeError, BadAnswer)
"""What a post may raise inside: ValueError for a malformed URL, RuntimeError from uvloop for an address it cannot reach."""

_ADDRESSES_MOST = 8
"""Addresses of one name that are tried."""

Judge = Callable[[str], str]
"""Returns why an address may not be connected to; "" for one that may."""


@dataclass(frozen=True, slots=True)
class Limits:
    connect_s: float = 5.0
    head_octets: int = 32 * 1024  # of all heads of an answer, those of 1xx included
    connections: int = 1_000
    connections_per_host: int = 8
    idle_s: float = 2.0
    """How long a connection is kept for the next post. Shorter than servers keep it, since a post that meets their closing is
    lost.
    """


@dataclass(slots=True)
class Reply:
    """The answer to a post: status and as much of the body as was asked for; or status 0 and the trouble.

    was_sent: the server may have the request, whatever came back
    """

    status: int
    body: bytes
    trouble: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    was_sent: bool = True


class Forbidden(OSError):
    """No address of this name may be connected to."""


class Client:
    """Connections to servers. Made, used and closed on one event loop.

    judge: called with the address of each connection, after the name was looked up: so a name cannot point to a forbidden
           address, nor change between two look-ups
    """

    def __init__(self, limits: Limits | None = None, *, resolver: Resolver | None = None, judge: Judge = lambda _: "") -> None:
        self._limits = limits or Limits()
        self._resolver, self._judge = resolver or SystemResolver(), judge
        self._slots = _Slots(self._limits.connections, self._limits.connections_per_host)
        self._connections: set[ClientConnection] = set()
        self._idle: dict[Origin, deque[ClientConnection]] = {}

    def close(self) -> None:
        """Break off what is under way."""
        self._resolver.close()
        for connection in list(self._connections):
            connection.abort()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, within_s: float, answer_octets: int) -> Reply:
        """POST a body. Never raises for what the other side does."""
        answer, connection = Answer(self._limits.head_octets, answer_octets), None
        try:
            target = read_url(url)
            async with asyncio.timeout(within_s), self._slots.take(target.origin):
                connection = self._idle_connection(target.origin) or await self._connect(target.origin)
                try:
                    await connection.ask(_request(target, body, headers), answer, answer_octets)
                finally:
                    self._leave(connection, target.origin, answer)
        except _TROUBLE as error:
            trouble = _trouble(error, within_s)
            trouble = trouble if connection else HttpTrouble("no connection: {what}", what=trouble)
            return Reply(0, b"", trouble, was_sent=connection is not None)
        finally:
            answer.release()
        return Reply(answer.status, bytes(answer.body), headers=answer.headers)

    # Connections

    def _idle_connection(self, origin: Origin) -> ClientConnection | None:
        """Returns the connection that was used last."""
        resting = self._idle.get(origin, deque())
        while resting:
            connection = resting.pop()
            if connection.is_open:
                return connection
        self._idle.pop(origin, None)
        return None

    def _leave(self, connection: ClientConnection, origin: Origin, answer: Answer) -> None:
        if not (answer.is_ended and answer.keeps_alive and connection.is_open) or connection.is_writing:
            connection.abort()
            return
        self._idle.setdefault(origin, deque()).append(connection)
        connection.rest(self._limits.idle_s)

    async def _connect(self, origin: Origin) -> ClientConnection:
        self._make_room()
        connection = ClientConnection(self._forget, origin)
        try:
            async with asyncio.timeout(self._limits.connect_s):
                await self._open(connection, origin)
        except TimeoutError as error:
            raise TimeoutError(HttpTrouble("none within {seconds} s", seconds=f"{self._limits.connect_s:g}")) from error
        self._connections.add(connection)
        return connection

    def _make_room(self) -> None:
        """Close the connection that rested longest, if there are as many as allowed; resting ones count too."""
        while len(self._connections) >= self._limits.connections and self._idle:
            origin, resting = next(iter(self._idle.items()))
            connection = resting.popleft()
            self._connections.discard(connection)
            connection.abort()
            if not resting:
                del self._idle[origin]

    async def _open(self, connection: ClientConnection, origin: Origin) -> None:
        loop = asyncio.get_running_loop()
        sock = await connected_socket(self._allowed(await self._resolver.look_up(origin.host, origin.port)))
        tls = connection.tls = ClientTls(connection, _context(), origin.host) if origin.is_secure else None
        try:
            transport, _ = await loop.create_connection(lambda: tls or connection, sock=sock)
        except BaseException:
            sock.close()
            raise
        if tls is None:
            return
        try:
            await tls.opened
        except BaseException:
            transport.abort()
            raise

    def _allowed(self, addresses: Sequence[Address]) -> Sequence[Address]:
        allowed = [one for one in addresses[:_ADDRESSES_MOST] if not self._judge(one.host)]
        if not allowed:
            raise Forbidden(self._judge(addresses[0].host))
        return allowed

    def _forget(self, connection: ClientConnection, origin: Origin) -> None:
        self._connections.discard(connection)
        resting = self._idle.get(origin)
        if resting is not None:
            with suppress(ValueError):
                resting.remove(connection)
            if not resting:
                del self._idle[origin]


class _Slots:
    """How many posts run at a time, in all and to one origin; more of them wait."""

    def __init__(self, most: int, most_per_origin: int) -> None:
        self._all, self._most_per_origin = asyncio.Semaphore(most), most_per_origin
        self._of: dict[Origin, tuple[asyncio.Semaphore, list[None]]] = {}

    @asynccontextmanager
    async def take(self, origin: Origin) -> AsyncIterator[None]:
        own, users = self._of.setdefault(origin, (asyncio.Semaphore(self._most_per_origin), []))
        users.append(None)
        try:
            async with own, self._all:
                yield
        finally:
            users.pop()
            if not users:
                del self._of[origin]


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = {"Host": target.host, "User-Agent": "Hongyan", "Accept": "*/*", "Accept-Encoding": "identity"}
    if target.authorization:
        lines["Authorization"] = target.authorization
    lines |= headers
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target.path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def _trouble(error: Exception, within_s: float) -> HttpTrouble:
    """Returns what went wrong, without the address, since customers put passwords into it."""
    if error.args and isinstance(error.args[0], HttpTrouble):
        return error.args[0]
    if isinstance(error, ssl.SSLError):
        return HttpTrouble("TLS: {what}", what=getattr(error, "verify_message", "") or error.reason or str(error))
    if isinstance(error, TimeoutError) and not str(error):
        return HttpTrouble("no answer within {seconds} s", seconds=f"{within_s:g}")
    return HttpTrouble(AS_IT_IS, text=_reason(error))


def _reason(error: Exception) -> str:
    """Returns the system's words."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno) if error.errno > 0 else error.strerror or ""
    return str(error) or type(error).__name__
