"""A pipe between two of our processes: either one passes the other a new socket, on which one question and its answer travel.

The sockets have no address, so nobody else on this machine can reach them. Each process notices the end of the other.
A frame is a head in JSON and a body of octets, with the lengths of both before them.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from struct import Struct
from typing import Any

import orjson

_LENGTHS = Struct(">II")
_FRAME_MOST = 1 << 26

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class PipeClosed(Exception):
    """The other process is gone, or takes nothing now."""


class SocketPipe:
    """One end of the pipe. Used on one event loop."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._end.setblocking(False)
        self._tasks: set[asyncio.Task[None]] = set()
        self.closed = asyncio.Event()

    def listen(self, answer: Handler) -> None:
        """Call `answer` with each socket that the other process passes."""
        asyncio.get_running_loop().add_reader(self._end, self._take, answer)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Returns a connection to the listener of the other process. raises: PipeClosed"""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._end, [b"\0"], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise PipeClosed from error
        finally:
            theirs.close()
        return await asyncio.open_unix_connection(sock=ours)

    async def close(self) -> None:
        if self._end.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._end)
            self._end.close()
        self.closed.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, answer: Handler) -> None:
        try:
            octets, handles, _, _ = socket.recv_fds(self._end, 1, 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            octets, handles = b"", []
        if not octets:
            asyncio.get_running_loop().remove_reader(self._end)
            self.closed.set()
        for handle in handles:
            task = asyncio.ensure_future(_answered(socket.socket(fileno=handle), answer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _answered(one: socket.socket, answer: Handler) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=one)
    try:
        await answer(reader, writer)
    except (ConnectionError, PipeClosed):
        pass  # the asking side is gone
    finally:
        writer.close()


def write_frame(writer: asyncio.StreamWriter, head: Any, body: bytes = b"") -> None:
    written = orjson.dumps(head, option=orjson.OPT_NON_STR_KEYS)
    writer.write(_LENGTHS.pack(len(written), len(body)) + written + body)


async def read_frame(reader: asyncio.StreamReader) -> tuple[Any, bytes]:
    """raises: PipeClosed if nothing more comes"""
    try:
        lengths = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
        if max(lengths) > _FRAME_MOST:
            raise PipeClosed
        head, body = [await reader.readexactly(length) for length in lengths]
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise PipeClosed from error
    return orjson.loads(head), body
