"""The shape of an ASGI application, as our server calls it and the doors are written."""

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
