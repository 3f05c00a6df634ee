"""Waiting for an event or a time: who waits can be cancelled at any moment, also in the one in which the event comes."""

import asyncio

import pytest

from hongyan.workers.waiting import wait_any_or_timeout, wait_or_timeout


async def wait_for_one(event: asyncio.Event, seconds: float) -> None:
    await wait_any_or_timeout((asyncio.Event(), event), seconds)


WAYS = pytest.mark.parametrize("wait", [wait_or_timeout, wait_for_one])


async def cancelled_after(turns: int, wait) -> bool:
    """Whether a task that waits for ever again ends, cancelled so many turns of the loop after its event was set."""
    event = asyncio.Event()

    async def waits() -> None:
        while True:
            await wait(event, 10)
            event.clear()

    task = asyncio.create_task(waits())
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=1)
    task.cancel()
    return bool(done) and task.cancelled()


@WAYS
@pytest.mark.parametrize("turns", range(5))
def test_a_cancellation_is_never_lost(turns, wait):
    assert asyncio.run(cancelled_after(turns, wait))


@WAYS
def test_the_event_or_the_time_ends_the_wait(wait):
    async def go() -> tuple[bool, bool]:
        event = asyncio.Event()
        await wait(event, 0.01)
        was_set = event.is_set()
        event.set()
        async with asyncio.timeout(5):
            await wait(event, 60)
        return was_set, event.is_set()

    assert asyncio.run(go()) == (False, True)
