"""What a case asks, as clients of many kinds write it."""

from collections.abc import Callable, Mapping
from urllib.parse import quote_plus

from hongyan.conformance.case import RunContext
from hongyan.conformance.http_client import Request

Fields = Mapping[str, str]


def post(path: str, fields: Fields, charset: str = "utf-8") -> Callable[[RunContext], Request]:
    """A form, urlencoded, as most clients send it."""
    return lambda context: Request(path, urlencoded(_filled(context, fields), charset))


def declared(path: str, fields: Fields, named: str, charset: str) -> Callable[[RunContext], Request]:
    """A form in `charset` whose header names it, or another, or none."""
    media = "application/x-www-form-urlencoded" + (f"; charset={named}" if named else "")
    return lambda context: Request(path, urlencoded(_filled(context, fields), charset), media)


def get(path: str, fields: Fields, charset: str = "utf-8") -> Callable[[RunContext], Request]:
    return lambda context: Request(f"{path}?{urlencoded(_filled(context, fields), charset).decode()}")


def split(path: str, query: Fields, fields: Fields) -> Callable[[RunContext], Request]:
    """A request with some parameters in the query, and the others in the body."""
    return lambda context: Request(
        f"{path}?{urlencoded(_filled(context, query)).decode()}", urlencoded(_filled(context, fields))
    )


def raw(path: str, body: str, content_type: str = "application/x-www-form-urlencoded") -> Callable[[RunContext], Request]:
    """A body without escapes."""
    return lambda context: Request(path, context.fill(body).encode(), content_type)


def parts(path: str, fields: Fields) -> Callable[[RunContext], Request]:
    """multipart/form-data, as PHP's curl sends an array."""
    boundary = "----hongyan"
    return lambda context: Request(
        path, multipart(_filled(context, fields), boundary), f"multipart/form-data; boundary={boundary}"
    )


def _filled(context: RunContext, fields: Fields) -> dict[str, str]:
    return {name: context.fill(value) for name, value in fields.items()}


def urlencoded(fields: dict[str, str], charset: str = "utf-8") -> bytes:
    return "&".join(f"{name}={quote_plus(value, encoding=charset)}" for name, value in fields.items()).encode("ascii")


def multipart(fields: dict[str, str], boundary: str) -> bytes:
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    return ("".join(parts) + f"--{boundary}--\r\n").encode()
