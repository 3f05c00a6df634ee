"""The cookie of a session, and the token that its forms bring along.

Over TLS its name begins with __Host-: then browsers send it only to this host, over TLS, and hide it from scripts. Plain HTTP
is for this machine alone, where the bytes pass no network. There the cookie has a plain name, since browsers refuse the other
one.
"""

import hmac
from hashlib import sha256

from starlette.requests import HTTPConnection
from starlette.responses import Response

from hongyan.services.admin.bearer import Bearer

SECURE_NAME = "__Host-hongyan"
PLAIN_NAME = "hongyan_session"
_LOCAL = {"localhost", "127.0.0.1", "[::1]"}


def is_encrypted(connection: HTTPConnection) -> bool:
    """Returns whether nobody can read along: TLS, or a browser on this machine."""
    return connection.url.scheme == "https" or _host(connection) in _LOCAL


def _host(connection: HTTPConnection) -> str:
    host = connection.headers.get("host", "").lower()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def read_cookie(connection: HTTPConnection) -> Bearer | None:
    plain = connection.cookies.get(_name(connection))
    return Bearer(plain) if plain else None


def set_cookie(connection: HTTPConnection, response: Response, bearer: Bearer) -> None:
    """Set the cookie. It lives as long as the browser; the store says when the session is over."""
    is_secure = connection.url.scheme == "https"
    response.set_cookie(_name(connection), bearer.plain, path="/", secure=is_secure, httponly=True, samesite="lax")


def drop_cookie(connection: HTTPConnection, response: Response) -> None:
    is_secure = connection.url.scheme == "https"
    response.delete_cookie(_name(connection), path="/", secure=is_secure, httponly=True, samesite="lax")


def _name(connection: HTTPConnection) -> str:
    return SECURE_NAME if connection.url.scheme == "https" else PLAIN_NAME


def csrf_token(bearer: Bearer) -> str:
    """Returns a token that is derived from the cookie and does not reveal it."""
    return hmac.new(bearer.plain.encode("utf-8", "replace"), b"csrf", sha256).hexdigest()


def is_same_token(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
