"""Waiting for an event or a time: who waits can be cancelled at any moment, also in the one in which the event comes."""

import asyncio

import pytest

from hongyan.workers.waiting import wait_or_timeout


async def cancelled_after(turns: int) -> bool:
    """Whether a task that waits for ever again ends, cancelled so many turns of the loop after its event was set."""
    event = asyncio.Event()

    async def waits() -> None:
        while True:
            await wait_or_timeout(event, 10)
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


@pytest.mark.parametrize("turns", range(5))
def test_a_cancellation_is_never_lost(turns):
    assert asyncio.run(cancelled_after(turns))


def test_the_event_or_the_time_ends_the_wait():
    async def go() -> tuple[bool, bool]:
        event = asyncio.Event()
        await wait_or_timeout(event, 0.01)
        was_set = event.is_set()
        event.set()
        async with asyncio.timeout(5):
            await wait_or_timeout(event, 60)
        return was_set, event.is_set()

    assert asyncio.run(go()) == (False, True)
