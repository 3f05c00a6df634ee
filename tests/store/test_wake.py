"""Waking other processes on PostgreSQL: channels that got messages, and accounts that are owed something for their sessions."""

import asyncio

from hongyan.store.engine.wake import ACCOUNTS, CHANNELS, NAMED_MOST, Waker


def test_what_one_process_announces_another_hears_by_its_kind(postgres_store):
    async def go():
        heard = {CHANNELS: set(), ACCOUNTS: set()}
        wakers = [Waker(postgres_store.url, {kind: heard[kind].update for kind in heard}) for _ in range(2)]
        accounts = set(range(10**9, 10**9 + 2 * NAMED_MOST + 1))
        try:
            async with asyncio.timeout(20):
                while heard != {CHANNELS: {1, 2}, ACCOUNTS: accounts}:
                    wakers[0].announce([1, 2])  # again and again: the other may not listen yet
                    wakers[0].announce_owed(accounts)
                    await asyncio.sleep(0.05)
        finally:
            for waker in wakers:
                await asyncio.to_thread(waker.stop)

    asyncio.run(go())
