"""A customer of its own account who keeps no bounds, over SMPP, CMPP or HTTP, or strangers who do not: one kind of fault at a time.

Run as a program of the lowest priority, so that its own work takes no core from what is measured: `python -m bench.hostile_customer
PORT PROTOCOL KIND`. It ends with its stdin. With port 0 it does the same to a peer of its own, who reads a little and answers logins
alone: what others lose beside that, the machine takes.
"""

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bench.flood import CMPP, SMPP, ClientProtocol

ACCOUNT, SECRET = "rough", "abc124"
_REQUEST = b"GET /sms.aspx?action=send&account=rough&password=%b&mobile=13800138000&content=x HTTP/1.1\r\nHost: h\r\n\r\n"
HTTP = ClientProtocol("http", 0, 0, lambda _account, _secret: b"", _REQUEST % SECRET.encode())
"""The customers' doors: no login, and each request proves its secret."""

ADDRESS = "127.0.0.2"
"""Nobody else's: an address that breaks off again and again, or guesses, is not let in."""

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: a line that is closed is reset. Else the kernel keeps its port for a minute, and ten seconds use them all up."""

LINES = 4
_UNKNOWN, _ANSWER_TO_A_DELIVERY, _DELIVERY = 0x0777, 0x80000005, 5
_HEARTBEAT = {"smpp": 0x15, "cmpp": 0x08}
_PROTOCOLS = {one.name: one for one in (SMPP, CMPP, HTTP)}


_Work = Callable[[socket.socket, bytes, threading.Event], None]


@dataclass(frozen=True)
class Doing:
    """What one line does after its login."""

    do: _Work
    octets: bytes = b""
    login: bytes | None = None  # instead of the account's own; b"": none


def _windows_ignored(spoken: ClientProtocol) -> list[Doing]:
    return [Doing(_pour_and_read, spoken.submit * 200)] * LINES


def _answers_never_read(spoken: ClientProtocol) -> list[Doing]:
    return [Doing(_pour, spoken.submit * 200)] * LINES


def _reports_never_answered(spoken: ClientProtocol) -> list[Doing]:
    return [Doing(_submit_and_read, spoken.submit)] * LINES


def _garbage(spoken: ClientProtocol) -> list[Doing]:
    heads = [_head(spoken, command) * 500 for command in (_UNKNOWN, _HEARTBEAT[spoken.name])]
    lengths = struct.pack(">IIII", 0, 4, 0, 9), struct.pack(">IIII", 0xFFFFFFFF, 4, 0, 9), b"\xff" * 64
    return [Doing(_pour_and_read, octets) for octets in (*heads, *lengths)]


def _foreign_answers(spoken: ClientProtocol) -> list[Doing]:
    return [Doing(_pour_and_read, _head(spoken, _ANSWER_TO_A_DELIVERY) * 500)] * LINES


def _octet_by_octet(spoken: ClientProtocol) -> list[Doing]:
    return [Doing(_drip, spoken.submit)] * 40 + [Doing(_drip, spoken.submit, b"")] * 40


def _binds(spoken: ClientProtocol) -> list[Doing]:
    return [Doing(_leave)] * LINES + [Doing(_leave, login=spoken.log_in(ACCOUNT, "wrong"))] * LINES


def _connections(spoken: ClientProtocol) -> list[Doing]:  # noqa: ARG001  kinds are called alike
    """Of strangers."""
    return [Doing(_leave, login=b"")] * LINES + [Doing(_pour, b"\0" * 4096, b"")] * LINES + [Doing(_stay, login=b"")] * 40


def _refused(spoken: ClientProtocol) -> list[Doing]:  # noqa: ARG001  kinds are called alike
    """Wrong secrets at the doors, twenty in one go."""
    return [Doing(_pour_and_read, _REQUEST % b"wrong" * 20)] * LINES


def _refused_anew(spoken: ClientProtocol) -> list[Doing]:  # noqa: ARG001  kinds are called alike
    """The same, a connection for each."""
    return [Doing(_ask_once, _REQUEST % b"wrong")] * LINES


def _half_open(spoken: ClientProtocol) -> list[Doing]:  # noqa: ARG001  kinds are called alike
    """Logged in or not, and nothing more: no heartbeat of ours is answered, no report."""
    return [Doing(_stay_unheard)] * 40 + [Doing(_stay_unheard, login=b"")] * 40


KINDS = {
    "windows-ignored": _windows_ignored,
    "answers-never-read": _answers_never_read,
    "reports-never-answered": _reports_never_answered,
    "garbage": _garbage,
    "foreign-answers": _foreign_answers,
    "octet-by-octet": _octet_by_octet,
    "binds": _binds,
    "connections": _connections,
    "half-open": _half_open,
}
AT_DOORS = {name: KINDS[name] for name in ("octet-by-octet", "connections", "half-open")} | {
    "refused": _refused,
    "refused-anew": _refused_anew,
}


def run(port: int, spoken: ClientProtocol, kind: str) -> None:
    """Each line does its thing from the beginning to the end, and connects again whenever it is cut."""
    stopping = threading.Event()
    port = port or _own_peer()
    kinds = AT_DOORS if spoken is HTTP else KINDS
    threads = [threading.Thread(target=_again_and_again, args=(port, spoken, one, stopping)) for one in kinds[kind](spoken)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stopping.set()
    for thread in threads:
        thread.join()


def _own_peer() -> int:
    """Returns the port of a peer that answers the first octets, and then reads a little now and then."""
    server = socket.create_server(("127.0.0.1", 0), backlog=4096)

    def read(line: socket.socket) -> None:
        with suppress(OSError), line:
            line.recv(1024)
            line.sendall(bytes(32))
            while line.recv(1024):
                time.sleep(0.4)

    def accept() -> None:
        while True:
            threading.Thread(target=read, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(server.getsockname()[1])


def _again_and_again(port: int, spoken: ClientProtocol, doing: Doing, stopping: threading.Event) -> None:
    login = spoken.log_in(ACCOUNT, SECRET) if doing.login is None else doing.login
    while not stopping.is_set():
        with suppress(OSError), socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # answers fill it at once
            line.settimeout(1)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            line.bind((ADDRESS, 0))
            line.connect(("127.0.0.1", port))
            if login:
                line.sendall(login)
                line.recv(4096)
            doing.do(line, doing.octets, stopping)
        time.sleep(0.001)


def _head(spoken: ClientProtocol, command: int) -> bytes:
    """A PDU that is its head."""
    return struct.pack(">IIII", 16, command, 0, 9) if spoken.name == "smpp" else struct.pack(">III", 12, command, 9)


def _pour(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:
    """Write without a window, and read nothing."""
    while not stopping.is_set():
        line.sendall(octets)


def _pour_and_read(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:
    line.settimeout(0.1)
    while not stopping.is_set():
        with suppress(TimeoutError):
            line.sendall(octets)
        with suppress(TimeoutError):
            if not line.recv(65536):
                return


def _ask_once(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:  # noqa: ARG001  works are called alike
    line.sendall(octets)
    line.recv(65536)


def _submit_and_read(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:
    """Submit ten a second, read everything, answer nothing."""
    line.settimeout(0.1)
    while not stopping.is_set():
        line.sendall(octets)
        with suppress(TimeoutError):
            if not line.recv(65536):
                return
            time.sleep(0.1)


def _drip(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:
    """An octet at a time."""
    for n in range(len(octets)):
        if stopping.wait(1):
            return
        line.sendall(octets[n : n + 1])


def _stay(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:  # noqa: ARG001  as above
    """Say nothing, until one is cut."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            if not line.recv(4096):
                return


def _stay_unheard(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:  # noqa: ARG001  as above
    """Read nothing and say nothing, as a peer whose network is gone."""
    stopping.wait()


def _leave(line: socket.socket, octets: bytes, stopping: threading.Event) -> None:
    """Without a word, right after the login."""


if __name__ == "__main__":
    os.nice(19)
    run(int(sys.argv[1]), _PROTOCOLS[sys.argv[2]], sys.argv[3])
