"""URLs that people typed: where to connect, and what to request."""

import re
from base64 import b64encode
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from hongyan.http.http_trouble import HttpTrouble

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]+)?")
_PATH, _QUERY = "/%:@!$&'()*+,;=~", "/%:@!$&'()*+,;=~?"


class Origin(NamedTuple):
    """The server of a connection."""

    is_secure: bool  # https
    host: str
    port: int


class Target(NamedTuple):
    origin: Origin
    host: str  # the Host header
    path: str  # with the query
    authorization: str  # of the user and password in the address; "" without


@lru_cache(maxsize=1_024)
def read_url(url: str) -> Target:
    """Read a URL of http or https. Raw Chinese and blanks in it are escaped.

    raises: ValueError; its text quotes nothing of the URL, which may hold a password
    """
    try:
        parts = urlsplit(url.strip())
        scheme, port = parts.scheme, parts.port
        host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname or ""
    except ValueError:
        raise ValueError(HttpTrouble("not an address")) from None
    if scheme not in _PORTS:
        raise ValueError(HttpTrouble("not an http or https address"))
    if not _NAME.fullmatch(host) or port == 0:
        raise ValueError(HttpTrouble("not an address: it names no host"))
    shown = f"[{host}]" if ":" in host else host
    named = shown if port in (None, _PORTS[scheme]) else f"{shown}:{port}"
    return Target(Origin(scheme == "https", host, port or _PORTS[scheme]), named, _path(parts), _authorization(parts))


def _path(parts: SplitResult) -> str:
    path = quote(parts.path, safe=_PATH) or "/"
    return f"{path}?{quote(parts.query, safe=_QUERY)}" if parts.query else path


def _authorization(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(user.encode()).decode()}"
