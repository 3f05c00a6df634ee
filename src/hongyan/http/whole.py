"""Requests and answers that are read and written whole."""

from hongyan.http.asgi import Message, Receive, Scope, Send


class BodyTooLarge(Exception):
    """The body is, or says it will be, larger than may be read."""


class ClientGone(Exception):
    """The client left before its request was whole."""


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


async def answer(send: Send, status: int, content_type: str, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    given = ((b"content-type", content_type.encode("latin-1")), *headers)
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": body})


async def plain(send: Send, status: int, line: str, *headers: tuple[bytes, bytes]) -> None:
    """An answer of one line."""
    await answer(send, status, "text/plain; charset=utf-8", line.encode() + b"\n", *headers)
