"""The unix socket between the doors' process and the writer: in the run directory of the data folder, for its owner alone.

A socket's path has 107 octets at most, and the path of a data folder may be longer. So the directory is opened, and named by
its number.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DIRECTORY, NAME = "run", "writer.sock"


def listen_at(data: Path) -> socket.socket:
    """Listen. A process that listened there before has ended, since the caller holds the store. raises: OSError"""
    directory = data / DIRECTORY
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / NAME).unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _named(directory) as path:
            made.bind(path)
        (directory / NAME).chmod(0o600)
        made.listen()  # nobody can connect before
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def connect_to(data: Path) -> socket.socket:
    """raises: OSError if nobody listens"""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _named(data / DIRECTORY) as path:
            made.connect(path)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


@contextmanager
def _named(directory: Path) -> Iterator[str]:
    number = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{number}/{NAME}"
    finally:
        os.close(number)
