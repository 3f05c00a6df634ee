"""How an application answers without ASGI: it is called with a request that was read in whole, and answers by a call.

A scope, a task and the coroutines of an ASGI application cost a request some 10 µs, and most requests are small.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from hongyan.http.request import HttpRequest

Headers = Iterable[tuple[bytes, bytes]]


class WholeRequest(Protocol):
    """A request that was read to its end; see cycle.RequestCycle."""

    request: HttpRequest
    body: bytes
    is_abandoned: bool  # whether the client left

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Write the whole answer, now or later. After the client left it is dropped."""
        ...

    def note_fault(self) -> None:
        """Note that it is refused and proved nothing; see `strangers`."""
        ...

    def run(self) -> None:
        """Leave it to the ASGI application."""
        ...

    def fail(self, error: Exception) -> None:
        """A bug of the application."""
        ...

    def abandon(self) -> None:
        """Give up: nothing will be answered."""
        ...


Direct = Callable[[WholeRequest], bool]
"""Takes a request, or returns False: then the ASGI application answers it."""
