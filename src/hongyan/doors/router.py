"""Which application answers a path. Customers write paths in any case, and begin them with `//` (wire contract, 1.1)."""

from collections.abc import Awaitable, Mapping

from hongyan.http.asgi import App, Receive, Scope, Send, note_fault, respond_line
from hongyan.http.direct import Direct, WholeRequest


class Router:
    """An ASGI application: the table, and what answers all other paths.

    table:  paths in lower case with one leading slash
    direct: paths as they are mostly written, to what answers some of their requests without ASGI
    """

    def __init__(self, table: Mapping[str, App], elsewhere: App, direct: Mapping[bytes, Direct]) -> None:
        self._table, self._elsewhere, self._direct = dict(table), elsewhere, dict(direct)

    def direct(self, whole: WholeRequest) -> bool:
        """As http.direct.Direct."""
        door = self._direct.get(whole.request.raw_path)
        return door is not None and door(whole)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path: str = scope["path"]
        app = self._table.get(path) or self._table.get("/" + path.lstrip("/").lower(), self._elsewhere)
        return app(scope, receive, send)


async def not_found(scope: Scope, _receive: Receive, send: Send) -> None:
    note_fault(scope)
    await respond_line(send, 404, "there is nothing at this address")


async def alive(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer that the process lives. /readyz of the operators' port says whether it is ready to work."""
    await respond_line(send, 200, "ok")
