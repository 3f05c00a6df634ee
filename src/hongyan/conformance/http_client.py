"""A client of its own: one request a connection, with octets exactly as given.

It knows no more HTTP than old customers' programs do: a status line, headers, Content-Length.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ANSWER_MOST = 4 << 20  # octets of one answer
_HEAD_MOST = 64 << 10


class Unreachable(Exception):
    """No server answers there; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    path: str  # as in the request line, with its query
    body: bytes | None = None  # None: a GET
    content_type: str = "application/x-www-form-urlencoded"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""


async def ask(url: str, request: Request, within_s: float) -> Reply:
    """Send a request, and read the whole answer. raises: Unreachable"""
    try:
        async with asyncio.timeout(within_s):
            return await _ask(url, request)
    except (OSError, TimeoutError, EOFError, ValueError, LookupError, asyncio.LimitOverrunError) as error:
        raise Unreachable(f"{url}: {str(error) or type(error).__name__}") from error


async def _ask(url: str, request: Request) -> Reply:
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname,
        parts.port or (443 if is_tls else 80),
        ssl=ssl.create_default_context() if is_tls else None,
        limit=_HEAD_MOST,
    )
    try:
        writer.write(_written(parts.netloc, parts.path.rstrip("/"), request))
        await writer.drain()
        return await _read(reader)
    finally:
        writer.close()


def _written(host: str, base: str, request: Request) -> bytes:
    lines = [f"{'GET' if request.body is None else 'POST'} {base}{request.path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    if request.body is not None:
        lines += [f"Content-Type: {request.content_type}", f"Content-Length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join([*lines, "", ""]).encode() + (request.body or b"")


async def read_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    """Returns the first line and the headers, their names in lower case."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    return first, {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


async def _read(reader: asyncio.StreamReader) -> Reply:
    first, headers = await read_head(reader)
    length = int(headers["content-length"]) if "content-length" in headers else None
    if length is not None and length > ANSWER_MOST:
        raise ValueError(f"an answer of {length} octets")
    body = await reader.readexactly(length) if length is not None else await reader.read(ANSWER_MOST)
    return Reply(int(first.split()[1]), headers, body)
