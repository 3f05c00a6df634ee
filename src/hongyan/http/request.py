"""One request as it was read, without its body."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from hongyan.http.asgi import Scope
from hongyan.http.heads import Head

_ASGI = {"version": "3.0", "spec_version": "2.3"}


@dataclass(slots=True)
class HttpRequest:
    method: str
    raw_path: bytes
    query: bytes
    version: str  # 1.0 or 1.1
    head: Head
    client: tuple[str, int]
    scheme: str
    server: tuple[str, int]

    def scope(self) -> Scope:
        """The same for an ASGI application."""
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": self.version,
            "method": self.method,
            "scheme": self.scheme,
            "root_path": "",
            "path": _decoded(self.raw_path),
            "raw_path": self.raw_path,
            "query_string": self.query,
            "headers": self.head.headers,
            "client": self.client,
            "server": self.server,
        }


@lru_cache(maxsize=256)
def _decoded(path: bytes) -> str:
    return unquote_to_bytes(path).decode("utf-8", "replace")
