"""Keeps the connections of a link up: connects, and when a connection ends, pauses and connects again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from hongyan.carriers.login_refusals import refusal_of
from hongyan.carriers.pace import Backoff
from hongyan.carriers.system_reason import reason_of
from hongyan.carriers.tls import connect
from hongyan.model.channel import Channel
from hongyan.model.link_counts import LinkCounts
from hongyan.model.protocol import Protocol
from hongyan.model.translatable import Translatable
from hongyan.sockets.connection import Connection
from hongyan.wire.events import Closed, Reason

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds that no channel needs to set."""

    connect_s: float = 10.0
    login_s: float = 10.0
    leave_s: float = 5.0
    first_pause_s: float = 1.0  # before the second attempt to connect; then it doubles
    most_pause_s: float = 60.0
    refused_pause_s: float = 60.0  # after credentials were refused
    healthy_s: float = 10.0  # a connection that was up for longer resets the pauses


class Dialer:
    """Owns every connection of one link from its opening to its end."""

    def __init__(
        self,
        make: Callable[[int], Connection],
        timing: Timing,
        chance: Callable[[], float],
        counts: LinkCounts,
        is_needed: Callable[[], bool],
    ) -> None:
        """make:      makes a connection with the current settings, by its index from 0
        chance:    0 to 1, for jitter
        is_needed: returns whether there is work
        """
        self.connections: list[Connection] = []
        self.trouble: str = ""
        """Why the last connection ended, unless one has logged in since."""
        self._make = make
        self._timing = timing
        self._chance = chance
        self._counts = counts
        self._is_needed = is_needed
        self._awake = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def match(self, channel: Channel, wanted: int) -> None:
        """Keep so many connections to the channel's carrier; surplus ones log out."""
        self._channel = channel
        while len(self._tasks) < wanted:
            self._tasks.append(
                asyncio.create_task(self._keep(len(self._tasks)), name=f"dial-{channel.name}-{len(self._tasks)}")
            )
        while len(self._tasks) > wanted:
            self._tasks.pop().cancel()

    def wake(self) -> None:
        """There is something to send: make connections again that were closed because they were not needed."""
        self._awake.set()

    def end_pauses(self) -> None:
        """A change may have mended what was wrong: end the pauses, and begin anew with the shortest."""
        self._changed.set()
        self._changed = asyncio.Event()

    def logout(self) -> None:
        """Log out of all connections; those that are still wanted are made again after a pause."""
        for connection in list(self.connections):
            connection.logout()

    async def stop(self, within_s: float) -> None:
        """Log out for good; what has not ended in time is broken off."""
        for task in self._tasks:
            task.cancel()
        self.logout()
        if self.connections:
            await asyncio.wait([one.over for one in self.connections], timeout=max(0.0, min(self._timing.leave_s, within_s)))
        for connection in list(self.connections):
            connection.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, place: int) -> None:
        """Make one connection after the other."""
        timing = self._timing
        backoff = Backoff(timing.first_pause_s, timing.most_pause_s, timing.refused_pause_s)
        while True:
            changed = self._changed
            connection = self._make(place)
            closed = await self._serve_connection(connection)
            if rests_after(connection, closed.reason):
                await self._rest()
                continue
            if connection.was_up_s >= timing.healthy_s or changed.is_set():
                backoff.after_success()
            if closed.reason is Reason.REFUSED and connection.session.protocol_state.has_settled:
                pause_s, self.trouble = 0.0, ""  # the next login asks for the version that the carrier named
            else:
                pause_s = backoff.next_s(self._chance(), is_refused=connection.was_locked_out)
                self.trouble = _trouble_of(closed, self._channel.protocol)
            log.info(
                "carrier_connection_over",
                channel=self._channel.name,
                reason=closed.reason.name.lower(),
                status=closed.status,
                what=closed.what,
                again_in_s=round(pause_s, 1),
            )
            if not (changed.is_set() and closed.reason is Reason.LEFT):
                await self._pause(pause_s)

    async def _pause(self, seconds: float) -> None:
        """Wait until the pause is over, or something was changed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _rest(self) -> None:
        """Wait until there is something to send."""
        self.trouble = ""
        self._awake.clear()
        if not self._is_needed():
            await self._awake.wait()

    async def _serve_connection(self, connection: Connection) -> Closed:
        """Serve one connection from its opening to its end. When cancelled, it logs out."""
        self.connections.append(connection)
        connection.over.add_done_callback(lambda _: self.connections.remove(connection))
        try:
            await self._connected(connection)
            return await asyncio.shield(connection.over)
        except OSError as error:  # TimeoutError is one too
            self._counts.connects_failed += 1
            connection.abort()
            return Closed(Reason.LOST, what=Translatable("no connection: {reason}", reason=reason_of(error)))
        except asyncio.CancelledError:
            connection.logout()
            raise

    async def _connected(self, connection: Connection) -> None:
        """Wait until it is connected, or has ended before. raises: OSError"""
        connecting = asyncio.create_task(connect(self._channel, connection))
        connection.over.add_done_callback(lambda _: connecting.cancel())
        try:
            async with asyncio.timeout(self._timing.connect_s):
                await asyncio.wait([connecting])
            if not connecting.cancelled():
                connecting.result()
        finally:
            connecting.cancel()


def rests_after(connection: Connection, reason: Reason) -> bool:
    """Returns whether a connection ended in the usual way and is made again only when it is needed.

    Either we closed it because nobody used it, or the peer did, in a protocol whose connections no heartbeat can keep.
    """
    session = connection.session
    if not connection.has_been_up:
        return False
    return (reason is Reason.LEFT and session.limits.idle_s > 0) or (
        reason is Reason.PEER_LEFT and not session.protocol_state.heartbeat_tries
    )


_ENDS = {
    Reason.REFUSED: Translatable("the login was refused"),
    Reason.LOGIN_TIMEOUT: Translatable("the login was not answered"),
    Reason.PEER_LEFT: Translatable("the carrier logged us out"),
    Reason.PEER_DEAD: Translatable("the carrier gave no sign of life"),
    Reason.OUT_OF_STEP: Translatable("the carrier sent octets that are no messages"),
    Reason.WRONG_STATE: Translatable("the carrier spoke before the login"),
    Reason.LOST: Translatable("the connection was lost"),
    Reason.FORGOTTEN: Translatable("the carrier does not know our login any more"),
}


def _trouble_of(closed: Closed, protocol: Protocol) -> str:
    """Returns why a connection ended, for people; "" if we ended it."""
    if closed.reason is Reason.LEFT:
        return ""
    if isinstance(closed.what, Translatable):
        return closed.what  # of ours, and the whole of it
    end, what = _ENDS[closed.reason], Translatable.of(closed.what)
    if closed.status > 0:
        return Translatable("{end}, status {status}", end=end, status=refusal_of(protocol, closed.status))
    return Translatable("{end}: {what}", end=end, what=what) if what else end
