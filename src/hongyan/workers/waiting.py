"""Sleeping until an event is set, or a time is over."""

import asyncio
from contextlib import suppress


async def wait_or_timeout(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
