"""Whether what was written to a TCP connection arrives, as the kernel knows it. Only Linux says so.

A connection whose network is gone takes octets for minutes, and nobody hears of it. But the kernel repeats them since no
acknowledgement comes.
"""

import socket

_RETRANSMITS_AT = 2
"""Where `struct tcp_info` of linux/tcp.h has `tcpi_retransmits`: time-outs since an acknowledgement came."""


def is_unacknowledged(line: socket.socket) -> bool:
    """Returns whether octets were repeated at least once and are still not acknowledged. May be called in any thread."""
    if not hasattr(socket, "TCP_INFO"):
        return False
    try:
        return line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[_RETRANSMITS_AT] > 0
    except (OSError, ValueError):  # it is closed
        return False
