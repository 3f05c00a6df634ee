"""Lines that strangers cause."""

import asyncio

from hongyan.carriers import logpace
from hongyan.carriers.logpace import LogPace


def test_an_address_is_told_once_in_a_while_and_few_at_a_time(monkeypatch):
    async def main():
        loop, pace = asyncio.get_running_loop(), LogPace()
        now = 1_000.0
        monkeypatch.setattr(loop, "time", lambda: now)

        assert [pace.passes("a"), pace.passes("a"), pace.passes("b")] == [True, False, True]
        assert sum(pace.passes(f"n{n}") for n in range(10_000)) == logpace.ADDRESSES_MOST - 2
        now += logpace.AGAIN_S
        assert [pace.passes("a"), pace.passes("a")] == [True, False]

    asyncio.run(main())
