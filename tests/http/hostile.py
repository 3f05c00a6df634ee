"""A server that does to a POST every endless thing there is, and counts nothing: its client has to bound what it takes."""

import asyncio
import gzip
import socket
import ssl
import threading
from contextlib import asynccontextmanager

PIECE = 64 * 1024
BOMB = gzip.compress(bytes(50 * 1024 * 1024))
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SELF = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"


def _often(octets):
    return octets * (PIECE // len(octets))


FLOODS = {
    "100 Continue for ever": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "102 Processing for ever": (b"", b"HTTP/1.1 102 Processing\r\nA: b\r\n\r\n"),
    "103 Early Hints for ever": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "a status line for ever": (b"HTTP/1.1 200 ", b"O"),
    "headers for ever": (OK, b"A: b\r\n"),
    "one header line for ever": (OK + b"A: ", b"b"),
    "one header name for ever": (OK, b"A"),
    "a body for ever": (OK + b"Content-Length: 99999999999\r\n\r\n", b"a"),
    "a body without a length for ever": (OK + b"\r\n", b"a"),
    "chunks for ever": (CHUNKED, b"1\r\na\r\n"),
    "empty lines for ever": (b"", b"\r\n"),
    "the size of a chunk for ever": (CHUNKED, b"0"),
    "an extension of a chunk for ever": (CHUNKED + b"1;", b"a=b;"),
    "trailers for ever": (CHUNKED + b"0\r\n", b"A: b\r\n"),
    "redirects for ever": (b"", SELF),
    "answers for ever": (b"", OK + b"Content-Length: 0\r\n\r\n"),
    "a gzip bomb": (OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB), BOMB),
    "no HTTP for ever": (b"", b"\0\1\2\3"),
}
"""How an answer begins, and what then comes without end."""

SILENCES = {
    "nothing": b"",
    "a head without an end": OK + b"Content-Length: 1\r\n",
    "a body that is not whole": OK + b"Content-Length: 5\r\n\r\nabc",
    "a body without a length, and no end": OK + b"\r\nabc",
    "a chunk that is not whole": CHUNKED + b"5\r\nabc",
    "one 100 Continue": b"HTTP/1.1 100 Continue\r\n\r\n",
}
"""What comes, and then nothing more, and the connection stays."""


class Hostile:
    """Runs in a thread of its own, so that it is quick whatever its victim does. It never reads when `is_deaf`."""

    def __init__(self, begin=b"", more=b"", *, pause_s=0.0, is_deaf=False, context=None):
        self._begin, self._more, self._pause_s, self._is_deaf = begin, more, pause_s, is_deaf
        self._context = context
        self._ended = threading.Event()
        self._threads = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}/"

    def start(self):
        self._begun(self._accept)

    def stop(self):
        self._ended.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _begun(self, run, *args):
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while not self._ended.is_set():
            client, _ = self._listener.accept()
            self._begun(self._harm, client)

    def _harm(self, client):
        client.settimeout(0.2)
        try:
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
            if not self._is_deaf:
                client.recv(PIECE)
            client.sendall(self._begin)
            piece = _often(self._more) if self._more and not self._pause_s and len(self._more) < PIECE else self._more
            while not self._ended.is_set():
                if not piece:
                    self._ended.wait(0.05)
                    continue
                self._send(client, piece)
                self._ended.wait(self._pause_s)
        except (OSError, ssl.SSLError):
            pass
        finally:
            client.close()

    def _send(self, client, piece):
        """All of it, however long the client takes."""
        while piece and not self._ended.is_set():
            try:
                piece = piece[client.send(piece) :]
            except TimeoutError:
                continue


@asynccontextmanager
async def hostile(*args, **settings):
    server = Hostile(*args, **settings)
    server.start()
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)
