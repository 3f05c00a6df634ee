"""Links that another process has are shown as that process said some seconds ago; what is older is not."""

import re

from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.staff import Role
from hongyan.services.admin import channels
from hongyan.services.steps.link_figures import OLD_MS, keep_link_figures

FIGURES = {
    "connections_up": 2,
    "window_used": 0.25,
    "submits": 8_271,
    "refusals": 3,
    "unanswered": 1,
    "throttled": 0,
    "delivered": 90,
    "failures": 10,
    "sockets": [{"state": "ready", "peer": "203.0.113.7:7890", "in_air": 4}],
    "delays": [[1.0, 80], [None, 20]],
}


def say(admin, age_ms=0):
    """Another process says how its link does."""
    return admin.change(lambda tx, act: keep_link_figures(tx, [{"up1": FIGURES}], now_ms=act.now_ms - age_ms))


def test_a_channel_shows_the_link_that_another_process_has(browse):
    async def go(site):
        await site.admin.change(
            channels.add_channel, Channel(0, "up1", Protocol.CMPP3, host="203.0.113.7", port=7890), site.admin.sealer
        )
        await say(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            text = (await browser.get("/channels/up1"))[2]
            assert "8,271" in text
            assert "203.0.113.7:7890" in text
            assert "90.0 %" in text
            assert re.search(r"2 / 1\s*<", (await browser.get("/channels"))[2])

    browse(go)


def test_what_was_said_a_while_ago_is_not_shown(browse):
    async def go(site):
        await site.admin.change(channels.add_channel, Channel(0, "up1", Protocol.LOOPBACK), site.admin.sealer)
        await say(site.admin, age_ms=OLD_MS + 1)
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            assert "8,271" not in (await browser.get("/channels/up1"))[2]

    browse(go)
