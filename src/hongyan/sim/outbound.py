"""Connections that a simulated carrier opens to its clients, if the protocol delivers in that way."""

import asyncio
from collections.abc import Callable

from hongyan.sim.connection import Connection

_AGAIN_S = 0.2


class OutboundConnections:
    """Opens one connection for each client that something waits for; tried again as long as it does."""

    def __init__(self, host: str, port: int, make: Callable[[str], Connection], is_wanted: Callable[[str], bool]) -> None:
        """make: makes a connection on behalf of a client's user name; is_wanted: returns whether something waits for it"""
        self.host, self.port = host, port
        self._make = make
        self._is_wanted = is_wanted
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def call(self, user: str) -> None:
        """Something waits for this user and no connection takes it."""
        if user not in self._tasks:
            self._tasks[user] = asyncio.create_task(self._keep(user), name=f"call-{user}")

    def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def _keep(self, user: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection = self._make(user)
            try:
                await loop.create_connection(lambda made=connection: made, self.host, self.port)  # type: ignore[misc]
                await asyncio.shield(connection.over)  # stopping the caller does not end it
            except OSError:
                pass  # the client does not listen yet
            while not self._is_wanted(user):  # noqa: ASYNC110  any claim: there is no event that stands for all
                await asyncio.sleep(_AGAIN_S)
            await asyncio.sleep(_AGAIN_S)
