"""A customer of its own account who keeps no bounds, over SMPP or CMPP, and strangers beside it."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

ACCOUNT, SECRET = "rough", "abc124"
ADDRESS, GUESSES, STRANGERS = "127.0.0.2", "127.0.0.3", "127.0.0.4"
"""Nobody else's: an address that breaks off again and again, or guesses, is not let in."""

_UNKNOWN, _ANSWER_TO_A_DELIVERY = 0x0777, 0x80000005
_HEARTBEAT = {"smpp": 0x15, "cmpp": 0x08}
_LENGTHS = (struct.pack(">IIII", 0, 4, 0, 9), struct.pack(">IIII", 0xFFFFFFFF, 4, 0, 9), b"\xff" * 64)


@dataclass
class Doing:
    """What one line does after its login."""

    do: Callable[[socket.socket, bytes, threading.Event], None]
    octets: bytes = b""
    address: str = ADDRESS
    login: bytes | None = None  # instead of the account's own; b"": none


class Hostile:
    """Each of its lines does one thing from the beginning of the block to its end, and connects again whenever it is cut."""

    def __init__(self, port, spoken):
        self.port, self.login = port, spoken.log_in(ACCOUNT, SECRET)
        self.stopping = threading.Event()
        submits = spoken.submit * 200
        heads = [_head(spoken, command) * 500 for command in (_UNKNOWN, _ANSWER_TO_A_DELIVERY, _HEARTBEAT[spoken.name])]
        doings = [Doing(_pour, submits), Doing(_pour, submits), Doing(_pour_and_read, submits), Doing(_leave)]
        doings += [Doing(_pour_and_read, octets) for octets in heads]
        doings += [Doing(_pour_and_read, octets) for octets in _LENGTHS]
        doings += [Doing(_drip, spoken.submit), Doing(_leave, address=GUESSES, login=spoken.log_in(ACCOUNT, "wrong"))]
        doings += [Doing(_stay, address=STRANGERS, login=b""), Doing(_pour, b"\0" * 4096, STRANGERS, b"")]
        self.threads = [threading.Thread(target=self.again_and_again, args=(doing,)) for doing in doings]

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def again_and_again(self, doing):
        login = self.login if doing.login is None else doing.login
        while not self.stopping.is_set():
            with suppress(OSError), socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # answers fill it at once
                line.settimeout(1)
                line.bind((doing.address, 0))
                line.connect(("127.0.0.1", self.port))
                if login:
                    line.sendall(login)
                    line.recv(4096)
                doing.do(line, doing.octets, self.stopping)
            time.sleep(0.01)


def _head(spoken, command):
    """A PDU that is its head."""
    return struct.pack(">IIII", 16, command, 0, 9) if spoken.name == "smpp" else struct.pack(">III", 12, command, 9)


def _pour(line, octets, stopping):
    """Write without a window, and read nothing."""
    while not stopping.is_set():
        line.sendall(octets)


def _pour_and_read(line, octets, stopping):
    line.settimeout(0.1)
    while not stopping.is_set():
        with suppress(TimeoutError):
            line.sendall(octets)
        with suppress(TimeoutError):
            if not line.recv(65536):
                return


def _drip(line, octets, stopping):
    """An octet at a time."""
    for n in range(len(octets)):
        if stopping.wait(0.1):
            return
        line.sendall(octets[n : n + 1])


def _stay(line, octets, stopping):
    """Say nothing, until one is cut."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            if not line.recv(4096):
                return


def _leave(line, octets, stopping):
    """Without a word, right after the login."""
