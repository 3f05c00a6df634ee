"""Connecting to a server that has several addresses."""

import asyncio
import socket
from collections import deque
from collections.abc import Sequence

from hongyan.http.http_trouble import HttpTrouble
from hongyan.http.resolver import Address

_NEXT_S = 0.25
"""When an address has not answered for this long, the next one is tried beside it (RFC 8305)."""


async def connected_socket(addresses: Sequence[Address]) -> socket.socket:
    """Returns a socket that is connected to the first address that answers, in their order. raises: OSError of the last one"""
    waiting = deque(addresses)
    trying: set[asyncio.Task[socket.socket]] = set()
    last: OSError = ConnectionRefusedError(HttpTrouble("no address"))
    try:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.create_task(_connected(waiting.popleft())))
            done, trying = await asyncio.wait(trying, timeout=_NEXT_S if waiting else None, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None:
                    return task.result()
                last = error if isinstance(error, OSError) else OSError(str(error))
        raise last
    finally:
        for task in trying:
            task.cancel()
            task.add_done_callback(_drop)


def _drop(task: "asyncio.Task[socket.socket]") -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connected(address: Address) -> socket.socket:
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, address.socket_address)
    except BaseException:
        sock.close()
        raise
    return sock
