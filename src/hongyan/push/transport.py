"""POSTing to customers' servers, which may be slow, broken or hostile: all of it is bounded, and nothing they do raises.

An address is judged where the socket for it is made, after the name was looked up: a name that points inside, or that changes
between two look-ups, gets no connection. Connections of accounts that may push inside are pooled apart from all others.
"""

import asyncio
import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import AddrInfoType, SocketFactoryType
from aiohttp.abc import AbstractResolver

from hongyan.push.address import is_public
from hongyan.push.resolver import Resolver

_TROUBLE = (aiohttp.ClientError, OSError, ValueError, RuntimeError)
"""How a POST may end; ValueError for a URL that is none, RuntimeError from uvloop for an address that cannot be reached."""

_IDLE_S = 2.0
"""How long a connection is kept for the next POST: shorter than servers do, since a POST that meets their closing is lost."""

_HEADERS = {"User-Agent": "Hongyan", "Accept": "*/*", "Accept-Encoding": "identity"}

_READ_AHEAD = 4_096  # octets of an answer that are taken from the socket before anybody reads them


@dataclass(frozen=True, slots=True)
class Limits:
    connect_s: float = 5.0
    total_s: float = 10.0  # from the look-up of the name to the end of what is read of the answer
    answer_octets: int = 2_048
    connections: int = 1_000
    connections_per_host: int = 8


@dataclass(slots=True)
class Reply:
    """What came back: the HTTP status and the first octets of the answer, or status 0 and why there is none."""

    status: int
    body: bytes
    trouble: str = ""


class Transport:
    """Connections to customers' servers. Opened and used on one event loop; `resolver` looks names up."""

    def __init__(self, limits: Limits, resolver: AbstractResolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver or Resolver()

    async def open(self) -> None:
        self._outside = self._session(self._connector(_public_socket))
        self._anywhere = self._session(self._connector(None))

    async def close(self) -> None:
        await self._outside.close()
        await self._anywhere.close()
        await self._resolver.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, may_go_inside: bool) -> Reply:
        """POST a body; a redirect is an answer like any other and is not followed."""
        if not url.lower().startswith(("http://", "https://")):  # aiohttp would try some others, and fail at the rest
            return Reply(0, b"", "not an http or https address")
        session = self._anywhere if may_go_inside else self._outside
        try:
            async with (
                asyncio.timeout(self._limits.total_s),
                session.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return Reply(response.status, await self._read(response.content))
        except _TROUBLE as error:
            return Reply(0, b"", _told(error))

    async def _read(self, content: aiohttp.StreamReader) -> bytes:
        octets = b""
        while missing := self._limits.answer_octets - len(octets):
            chunk = await content.read(missing)
            if not chunk:
                break
            octets += chunk
        return octets

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s),  # `post` keeps the total
            auto_decompress=False,  # 2 KB can unpack to gigabytes
            read_bufsize=_READ_AHEAD,
        )

    def _connector(self, socket_factory: SocketFactoryType | None) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            resolver=self._resolver,
            limit=self._limits.connections,
            limit_per_host=self._limits.connections_per_host,
            keepalive_timeout=_IDLE_S,
            socket_factory=socket_factory,
        )


def _public_socket(info: AddrInfoType) -> socket.socket:
    """A socket for an address that was looked up; raises PermissionError unless it is public."""
    family, kind, proto, _, address = info
    if not is_public(str(address[0])):
        raise PermissionError(errno.EACCES, "not a public address, and the account may push to no other")
    return socket.socket(family, kind, proto)


def _told(error: Exception) -> str:
    """What went wrong, without the URL: customers put passwords into it."""
    cause = error if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError) else error.__cause__
    reason = str(cause) if isinstance(cause, OSError) else ""
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__
