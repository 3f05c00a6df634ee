"""A connection to a mail server, by the standard library's SMTP, within bounds.

smtplib bounds the length of a line and each wait by itself. A reply of lines without end, or an octet now and then, would keep
its thread for ever. Here all that one connection takes has a time, and all that the server says has a number of octets.
"""

import smtplib
import socket
import ssl
from time import monotonic
from typing import Any

from hongyan.model.mail import MailTls

WITHIN_S = 30.0
"""For the connection, the mail and all answers."""

ANSWERS_OCTETS = 64 * 1024


def connect(host: str, port: int, tls: MailTls) -> smtplib.SMTP:
    """Returns a connection that has been greeted; blocks. raises: OSError, smtplib.SMTPException, then and later"""
    context = ssl.create_default_context()
    if tls is MailTls.TLS:
        return _TlsConnection(host, port, timeout=WITHIN_S, context=context)
    server = _Connection(host, port, timeout=WITHIN_S)
    try:
        if tls is MailTls.STARTTLS:
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


class _Answers:
    """What the server says, as the file that smtplib reads lines from."""

    def __init__(self, until: float, octets: int) -> None:
        self._until, self._octets = until, octets
        self._sock: socket.socket | None = None
        self._read = bytearray()

    def of(self, sock: socket.socket) -> "_Answers":
        """Returns itself, to read from this socket. What was said in clear before TLS counts as not said."""
        self._sock = sock
        self._read.clear()
        return self

    def readline(self, most: int) -> bytes:
        """Returns a line with its end, or as much as came before the connection ended. raises: OSError at a bound"""
        while b"\n" not in self._read and len(self._read) < most and (piece := self._piece()):
            self._read += piece
        end = min(self._read.find(b"\n") + 1 or len(self._read), most)
        line = bytes(self._read[:end])
        del self._read[:end]
        return line

    def _piece(self) -> bytes:
        assert self._sock is not None
        left_s = self._until - monotonic()
        if left_s <= 0:
            raise TimeoutError("the mail server takes too long")
        if self._octets <= 0:
            raise OSError("the mail server says too much")
        self._sock.settimeout(left_s)  # what is written next has no longer either
        piece = self._sock.recv(min(self._octets, 4_096))
        self._octets -= len(piece)
        return piece

    def close(self) -> None:
        self._sock = None


class _Connection(smtplib.SMTP):
    """Reads what the server says within bounds."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._answers = _Answers(monotonic() + WITHIN_S, ANSWERS_OCTETS)
        super().__init__(*args, **settings)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = self._answers.of(self.sock)
        return super().getreply()


class _TlsConnection(_Connection, smtplib.SMTP_SSL):
    pass
