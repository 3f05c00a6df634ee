"""Asks the kernel whether a client received what was written to its socket."""

import fcntl
import socket
import sys
import termios

_TCP_CLOSE = 7  # linux/tcp_states.h: reset, or closed by both sides


def is_acknowledged(sock: socket.socket | None) -> bool | None:
    """Returns whether the client acknowledged every octet that was written; None: not yet.

    Returns False for a closed socket, and True on systems that cannot be asked.
    """
    if not sys.platform.startswith("linux"):
        return True
    if sock is None:
        return False
    try:
        unacknowledged = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
        if not any(unacknowledged):
            return True
        is_closed = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _TCP_CLOSE
    except (OSError, ValueError):  # closed meanwhile
        return False
    return False if is_closed else None
