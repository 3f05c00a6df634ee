"""The shape of an ASGI application, and functions that read a whole request and write a whole answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DELIVERED = "hongyan.delivered"
"""Key in `scope["extensions"]`: `async () -> bool`, to be awaited after the last `send`.

True once every octet of the answer left our write buffer, False when the connection was lost before.
"""


FAULT = "hongyan.fault"
"""Key in `scope["extensions"]`: `() -> None`, to be called for a request that is refused and proved nothing; see `strangers`."""


class BodyTooLarge(Exception):
    """The body is longer than may be read, or its Content-Length says so."""


class ClientGone(Exception):
    """The client left before its request was complete."""


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """Read a body of `most` octets at most. Raises BodyTooLarge, if possible before anything of it is read, and ClientGone."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    if length is not None and int(length) > most:
        raise BodyTooLarge
    message = await receive()
    return message["body"] if message.get("more_body") is False else await _read_rest(message, receive, most)


async def _read_rest(message: Message, receive: Receive, most: int) -> bytes:
    """A body that comes in several parts, of which `message` is the first."""
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        parts.append(message["body"])
        size += len(message["body"])
        if size > most:
            raise BodyTooLarge
        if not message["more_body"]:
            return b"".join(parts)
        message = await receive()
    raise ClientGone


def note_fault(scope: Scope) -> None:
    """Note that a request is refused and proved nothing."""
    scope["extensions"][FAULT]()


async def respond(send: Send, status: int, content_type: str, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole answer."""
    given = ((b"content-type", content_type.encode("latin-1")), *headers)
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": body})


async def respond_line(send: Send, status: int, line: str, *headers: tuple[bytes, bytes]) -> None:
    """Send an answer of one line of plain text."""
    await respond(send, status, "text/plain; charset=utf-8", line.encode() + b"\n", *headers)
