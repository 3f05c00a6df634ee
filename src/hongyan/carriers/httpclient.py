"""Requests to another platform: bounded in time and in what is read of an answer, no redirects, and never an exception."""

from dataclasses import dataclass

import aiohttp

from hongyan.wire.aspx import MOST_OCTETS

_HEADERS = {
    "User-Agent": "Hongyan", "Accept": "*/*", "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
}  # fmt: skip
_IDLE_S = 2.0  # shorter than servers keep connections: a request that meets their closing has no answer
_CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a request."""

    body: bytes = b""
    status: int = 0  # of HTTP; 0: there was no answer
    was_sent: bool = True  # may the platform have it?
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        return self.status == 200


class HttpClient:
    """Opened and used on one event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S), cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS, auto_decompress=False,
        )  # fmt: skip

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, body: bytes, within_s: float) -> Came:
        assert self._session is not None
        limits = aiohttp.ClientTimeout(total=within_s, sock_connect=min(_CONNECT_S, within_s))
        try:
            async with self._session.post(url, data=body, allow_redirects=False, timeout=limits) as answer:
                octets = await answer.content.read(MOST_OCTETS)
                while (more := await answer.content.read(MOST_OCTETS)) and len(octets) < MOST_OCTETS:
                    octets += more
                return Came(octets[:MOST_OCTETS], answer.status, trouble=_said(answer.status))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Came(was_sent=False, trouble=f"no connection: {type(error).__name__}")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return Came(trouble=f"no answer: {type(error).__name__}")


def _said(status: int) -> str:
    return "" if status == 200 else f"HTTP status {status}"
