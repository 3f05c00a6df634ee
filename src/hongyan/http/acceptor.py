"""Accepts the connections of a port: an address is judged before anything is made for its connection.

In one turn of the event loop one connection is let in, or a few, or some are refused. What comes faster than the budget allows waits in the
kernel's backlog, so that a flood of connections takes little time from those that are there.

A refused connection is not heard. It stands for a second and is then reset, so that a program that connects again at once does so
no faster.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence

from hongyan.http.token_bucket import TokenBucket

LET_IN_AT_ONCE, LET_IN_A_SECOND = 1_000, 500
"""Connections of a port that are let in: at once, as after a restart, and a second from then on."""

REFUSED_COST = 0.5
"""What a refused connection takes of that budget; one that is let in takes 1."""

REFUSED_A_TURN = 16
"""The most connections that are refused in one turn of the event loop."""

STANDING_S, STANDING_MOST = 1.0, 64
"""How long a refused connection stands, and how many do; for another one the oldest is closed."""

_PAUSE_S = 0.02  # until the port is looked at again, once the budget is used up
_OUT_PAUSE_S = 1.0  # the same once the system has no descriptor or memory for another connection

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets, and the kernel keeps nothing of the connection

Name = object
"""The address of the other side, as `accept` returns it."""


class Acceptor:
    def __init__(
        self,
        listening: Sequence[socket.socket],
        make_connection: Callable[[Name], asyncio.BaseProtocol],
        admits: Callable[[Name], bool],
        on_left: Callable[[Name], None] | None = None,
        times: int = 1,
        rest_s: float = 0.0,
    ) -> None:
        """Begin to accept.

        listening: sockets that do not block; closed with the acceptor
        make_connection: makes the protocol of a connection
        admits:    whether another connection may come from there now
        on_left:   called for each that was admitted and had ended already, for which nothing is made; None: that is not looked at
        times:     how many times the usual number are let in or refused, in a second and in a turn of the event loop
        rest_s:    pause after each turn: what comes meanwhile is taken together, with less work
        """
        self._loop = asyncio.get_running_loop()
        self._listening, self._make_connection, self._admits = listening, make_connection, admits
        self._on_left, self._times, self._rest_s = on_left, times, rest_s
        self._budget = TokenBucket(times * LET_IN_AT_ONCE, self._loop.time())
        self._pause: asyncio.TimerHandle | None = None
        self._standing: deque[tuple[float, socket.socket]] = deque()  # until when, the oldest first
        self._reset: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self.is_closed = False
        self._go_on()

    @property
    def port(self) -> int:
        return int(self._listening[0].getsockname()[1])

    def close(self) -> None:
        """Close the port. Connections that were let in stay."""
        if self.is_closed:
            return
        self.is_closed = True
        self._stop()
        for one in self._listening:
            one.close()
        for timer in (self._pause, self._reset):
            if timer is not None:
                timer.cancel()
        while self._standing:
            _close_at_once(self._standing.popleft()[1])

    # --- the port --------------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        self._pause = None
        for one in self._listening:
            self._loop.add_reader(one, self._accept, one)

    def _stop(self) -> None:
        for one in self._listening:
            self._loop.remove_reader(one)

    def _rest(self, seconds: float) -> None:
        self._stop()
        if self._pause is None:  # of several sockets, each may ask for it in one turn
            self._pause = self._loop.call_later(seconds, self._go_on)

    def _accept(self, listening: socket.socket) -> None:
        """Let some connections in, or refuse some."""
        self._budget.fill(self._times * LET_IN_A_SECOND, self._times * LET_IN_AT_ONCE, self._loop.time())
        let_in = 0
        if self._rest_s:
            self._rest(self._rest_s)
        for _ in range(self._times * REFUSED_A_TURN):
            if self._budget.tokens < 1:
                self._rest(_PAUSE_S)
                return
            try:
                line, name = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._loop.call_exception_handler({"message": "cannot accept a connection", "exception": error})
                self._rest(_OUT_PAUSE_S)
                return
            if not self._admits(name):
                self._budget.tokens -= REFUSED_COST
                self._leave_open(line)
            elif self._on_left is not None and _has_left(line):
                self._budget.tokens -= REFUSED_COST
                self._on_left(name)
                line.close()
            else:
                self._budget.tokens -= 1
                self._let_in(line, name)
                let_in += 1
                if let_in == self._times:
                    return

    # --- who is let in ---------------------------------------------------------------------------------------------------

    def _let_in(self, line: socket.socket, name: Name) -> None:
        line.setblocking(False)
        task = self._loop.create_task(self._connect(line, name))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, line: socket.socket, name: Name) -> None:
        if self.is_closed:
            line.close()
            return
        await self._loop.connect_accepted_socket(lambda: self._make_connection(name), line)

    # --- who is refused --------------------------------------------------------------------------------------------------

    def _leave_open(self, line: socket.socket) -> None:
        self._standing.append((self._loop.time() + STANDING_S, line))
        if len(self._standing) > STANDING_MOST:
            _close_at_once(self._standing.popleft()[1])
        if self._reset is None:
            self._reset = self._loop.call_later(STANDING_S, self._reset_due)

    def _reset_due(self) -> None:
        """Close those that have stood for their time."""
        self._reset = None
        now = self._loop.time()
        while self._standing and self._standing[0][0] <= now:
            _close_at_once(self._standing.popleft()[1])
        if self._standing:
            self._reset = self._loop.call_at(self._standing[0][0], self._reset_due)


def _has_left(line: socket.socket) -> bool:
    """Returns whether the other side sent nothing and has ended the connection."""
    try:
        return not line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _close_at_once(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    line.close()
