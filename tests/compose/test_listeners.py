"""What is said of a port that cannot be opened."""

import errno
import os
import socket

import pytest

from hongyan.compose.listeners import port_troubles
from hongyan.compose.troubles import AlreadyInUse
from hongyan.http.server import CannotListen


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (OSError(errno.EADDRINUSE, "x"), "choose another port"),
        (OSError(errno.EACCES, "x"), "choose a port from 1024 on"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "choose an address of this machine"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "choose an address of this machine"),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), "mend what [listen]"),
    ],
)
def test_the_cure_fits_what_is_wrong(fault, cure):
    with pytest.raises(AlreadyInUse) as caught, port_troubles():
        raise CannotListen("a.name", 80, fault)

    assert caught.value.cure.startswith(cure)
