"""The kit's listener: takes the reports and replies that the server posts."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from hongyan.conformance.http_client import read_head

_READ_S = 10.0
_BODY_MOST = 4 << 20  # octets
_MOST_WAITING = 1_000  # posts; further ones are dropped, since nobody asked for them


@dataclass(frozen=True, slots=True)
class ReceivedPost:
    media: str
    text: str


class PushListener:
    """Takes one post a connection; `port` is where it listens."""

    def __init__(self) -> None:
        self.port = 0
        self._posted: asyncio.Queue[ReceivedPost] = asyncio.Queue(_MOST_WAITING)
        self._refuses = False

    async def listen(self, port: int = 0) -> None:
        """Listen on all addresses of this machine; port 0 takes a free one. raises: OSError"""
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", port)  # noqa: S104  the server may be another machine
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.close()

    def begin(self, *, is_refused: bool) -> None:
        """Forget what was posted; refuse the next post if asked to."""
        while not self._posted.empty():
            self._posted.get_nowait()
        self._refuses = is_refused

    async def take(self, count: int, within_s: float) -> list[ReceivedPost]:
        """Returns the next so many posts; fewer if they do not come in time."""
        posts: list[ReceivedPost] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while len(posts) < count:
                    posts.append(await self._posted.get())
        return posts

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_S):
                posted = await _read(reader)
            answer = self._take(posted)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(answer), answer))
        except (OSError, TimeoutError, EOFError, ValueError, LookupError, asyncio.LimitOverrunError):
            pass  # no post of a report; a case that waits for one reports that
        finally:
            writer.close()

    def _take(self, posted: ReceivedPost) -> bytes:
        """Keep a post, and answer it as manual 001 (chapter 6) and manual 002 want it."""
        if not self._posted.full():
            self._posted.put_nowait(posted)
        if self._refuses:
            self._refuses = False
            return b"error"
        return b'{"respCode":"00000"}' if "json" in posted.media else b"1"


async def _read(reader: asyncio.StreamReader) -> ReceivedPost:
    first, headers = await read_head(reader)
    length = int(headers["content-length"])
    if not first.startswith("POST ") or not 0 <= length <= _BODY_MOST:
        raise ValueError(first)
    body = await reader.readexactly(length)
    return ReceivedPost(headers.get("content-type", ""), body.decode("utf-8", "backslashreplace"))
