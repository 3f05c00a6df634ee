"""Sleeping until an event is set, or a time is over."""

import asyncio
from contextlib import suppress


async def wait_or_timeout(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def wait_any_or_timeout(events: tuple[asyncio.Event, ...], seconds: float) -> None:
    """Return when the first of the events is set. It costs a task an event: for waits of a second, not of a message."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
