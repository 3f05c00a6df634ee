"""A link in the loop that the platform runs in, whose timers are not asyncio's: one that is due at once is none."""

import asyncio

import uvloop


def test_a_wait_that_ends_at_once_may_be_followed_by_another(trial, some):
    """A throttled link is let go within the same half millisecond in which its next segments are offered."""

    async def go():
        async with trial() as t:
            now = asyncio.get_running_loop().time()
            for when in (now, now + 0.0001, now + 5):
                t.link._send_gate._wake_at(when)
            t.link.offer(some(3))
            await t.accepted(3)

    uvloop.run(go())
