"""What the kernel knows of a socket whose client may be gone."""

import fcntl
import socket
import sys
import termios

_TCP_CLOSE = 7  # linux/tcp_states.h: the connection was reset


def is_taken(sock: socket.socket) -> bool | None:
    """Whether the client's side acknowledged every octet that was written; None: not yet.

    Where the system does not tell, what was written counts as taken.
    """
    if not sys.platform.startswith("linux"):
        return True
    try:
        if sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _TCP_CLOSE:
            return False
        unacknowledged = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except OSError:
        return False
    return None if any(unacknowledged) else True
