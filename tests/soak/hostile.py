"""A customer of its own account who keeps no bounds, over SMPP or CMPP."""

import socket
import struct
import threading
import time
from contextlib import suppress

ACCOUNT, SECRET = "rough", "abc124"
ADDRESS = "127.0.0.2"  # its own: an address that breaks off again and again is not let in

_UNKNOWN, _ANSWER_TO_A_DELIVERY = 0x0777, 0x80000005
_HEARTBEAT = {"smpp": 0x15, "cmpp": 0x08}


class Hostile:
    """Each of its lines does one thing from the beginning of the block to its end, and connects again whenever it is cut."""

    def __init__(self, port, spoken):
        self.port, self.login = port, spoken.log_in(ACCOUNT, SECRET)
        self.stopping = threading.Event()
        submits = spoken.submit * 200
        heads = [_head(spoken, command) * 500 for command in (_UNKNOWN, _ANSWER_TO_A_DELIVERY, _HEARTBEAT[spoken.name])]
        doings = [(_pour, submits), (_pour, submits), (_pour_and_read, submits), (_leave, b"")]
        doings += [(_pour_and_read, octets) for octets in heads]
        self.threads = [threading.Thread(target=self.again_and_again, args=doing) for doing in doings]

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def again_and_again(self, do, octets):
        while not self.stopping.is_set():
            with suppress(OSError), socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # answers fill it at once
                line.settimeout(1)
                line.bind((ADDRESS, 0))
                line.connect(("127.0.0.1", self.port))
                line.sendall(self.login)
                line.recv(4096)
                do(line, octets, self.stopping)
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


def _leave(line, octets, stopping):
    """Without a word, right after the login."""
