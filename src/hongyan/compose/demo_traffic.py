"""Traffic in a demo: two customers that send a few texts a second and fetch their reports, and a carrier that goes away now and
then.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import aiohttp

from hongyan.compose.demo_history import Texts
from hongyan.sim.carrier import CarrierSim

PAUSE_S = (0.3, 1.5)  # between two requests
FETCH_S = 5.0
AWAY_AFTER_S, AWAY_S = 240.0, 25.0


class Traffic:
    """`start()`, and `stop()` before the platform stops."""

    def __init__(self, door: str, logins: dict[str, dict[str, str]], texts: Texts, restless: CarrierSim) -> None:
        """logins:   by account, the parameters of its login
        restless: the carrier that goes away
        """
        self._door, self._logins, self._texts, self._restless = door, logins, texts, restless
        self._dice = random.Random()  # noqa: S311  nobody's secret
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(run()) for run in (self._send_on, self._fetch_on, self._go_away)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send_on(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                await asyncio.sleep(self._dice.uniform(*PAUSE_S))
                await self._ask(session, self._send)

    async def _fetch_on(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                await asyncio.sleep(FETCH_S)
                await self._ask(session, self._fetch)

    async def _ask(self, session: aiohttp.ClientSession, ask: Callable[[aiohttp.ClientSession], Awaitable[None]]) -> None:
        """Send a request. If the platform is busy or stops, it is sent again later."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await ask(session)

    async def _send(self, session: aiohttp.ClientSession) -> None:
        name = self._dice.choice(list(self._logins))
        number = f"{self._dice.choice(('159', '159', '176', '189'))}{self._dice.randrange(10**8):08}"
        fields = self._logins[name] | {"action": "send", "mobile": number, "content": self._dice.choice(self._texts[name])}
        async with session.post(f"{self._door}/sms.aspx", data=fields):
            pass

    async def _fetch(self, session: aiohttp.ClientSession) -> None:
        for login in self._logins.values():
            async with session.post(f"{self._door}/statusApi.aspx", data=login | {"action": "query"}):
                pass

    async def _go_away(self) -> None:
        while True:
            await asyncio.sleep(AWAY_AFTER_S)
            await self._restless.stop()
            await asyncio.sleep(AWAY_S)
            await self._restless.start()
