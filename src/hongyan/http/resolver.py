"""Looks up names in threads of its own, and remembers them for ten seconds.

The event loop's own look-ups share four threads. A name server that hangs would fill them, and no carrier could be found.
A name is looked up once, however many callers wait for it.
"""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

THREADS = 16
"""Look-ups at a time; others wait, within the time of their request."""

_REMEMBERED_S = 10.0
_REMEMBERED_MOST = 1_024


class Address(NamedTuple):
    family: int
    host: str  # as digits
    socket_address: tuple[Any, ...]  # as `connect` takes it


class Resolver(Protocol):
    async def look_up(self, host: str, port: int) -> Sequence[Address]:
        """Returns the addresses of a name, at least one. raises: OSError"""
        ...

    def close(self) -> None: ...


class SystemResolver:
    """Implements Resolver by the system's own look-up."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="names")
        self._asked: dict[tuple[str, int], asyncio.Future[list[Address]]] = {}
        self._known: dict[tuple[str, int], tuple[float, list[Address]]] = {}

    async def look_up(self, host: str, port: int) -> Sequence[Address]:
        key, loop = (host, port), asyncio.get_running_loop()
        until, addresses = self._known.get(key, (0.0, []))
        if loop.time() < until:
            return addresses
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = loop.run_in_executor(self._threads, _look_up, host, port)
            asked.add_done_callback(lambda done: self._answered(key, done))
        return await asyncio.shield(asked)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answered(self, key: tuple[str, int], done: "asyncio.Future[list[Address]]") -> None:
        self._asked.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._known.pop(key, None)
        self._known[key] = done.get_loop().time() + _REMEMBERED_S, done.result()
        if len(self._known) > _REMEMBERED_MOST:
            del self._known[next(iter(self._known))]


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Address(family, str(address[0]), address) for family, _, _, _, address in found]
