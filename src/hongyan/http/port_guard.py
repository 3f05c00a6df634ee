"""How the connections of a port are accepted: by the event loop, which takes least, or by an `Acceptor`, which judges an address
before anything is made for it, as long as addresses are held back.

Both accept from the same socket of the kernel, so no connection is lost by a change.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from hongyan.http.acceptor import Acceptor
from hongyan.http.address import socket_address
from hongyan.http.open_server import open_server
from hongyan.http.state import ServerState

BACKLOG = 1024

TIMES = 16
"""So many times as many connections are let in as at a port of customers' sessions. Customers of the doors open one for each
request, and during a flood theirs wait behind the flood in the kernel's backlog.
"""

REST_S = 0.005
"""Pause before more connections are accepted while addresses are held back."""


class PortGuard:
    def __init__(
        self, listening: socket.socket, make_connection: Callable[[], asyncio.Protocol], server_state: ServerState
    ) -> None:
        """listening: stays open when the guard is closed. make_connection: makes the protocol of a connection"""
        self._listening, self._make_connection, self._server_state = listening, make_connection, server_state
        self._open: asyncio.Server | Acceptor | None = None

    async def open(self) -> None:
        """raises: OSError"""
        before, self._open = self._open, await open_server(self._make_connection, sock=self._listening.dup(), backlog=BACKLOG)
        if before is not None:
            before.close()

    async def guard(self, is_guarded: bool) -> None:
        """Have addresses judged first, or no longer. It stays as it is while no descriptor can be had."""
        if is_guarded is isinstance(self._open, Acceptor):
            return
        with suppress(OSError):
            if is_guarded:
                self._guard()
            else:
                await self.open()

    def _guard(self) -> None:
        acceptor = Acceptor(
            [self._listening.dup()], lambda _: self._make_connection(), self._admits, self._note_left, TIMES, REST_S
        )
        self.close()
        self._open = acceptor

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _admits(self, name: object) -> bool:
        address = socket_address(name)[0]
        return self._server_state.trusts(address) or self._server_state.strangers.admits(address)

    def _note_left(self, name: object) -> None:
        address = socket_address(name)[0]
        self._server_state.note_fault("" if self._server_state.trusts(address) else address, "connection")
