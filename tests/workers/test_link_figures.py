"""A process says again and again how its links do; a store that is away is asked again."""

import asyncio

import uvloop

from hongyan.workers import link_figures
from hongyan.workers.link_figures import LinkFigures

LINKS = {"up1": {"connections_up": 1, "submits": 7}, "up2": {"delivered": 3}}


class Steps:
    keep_link_figures = "keep"


class Lane:
    """The first call fails; the third one ends the loop that makes it."""

    def __init__(self, stopping):
        self.asked, self._stopping = [], stopping

    async def ask(self, step, item):
        self.asked.append((step, item))
        if len(self.asked) == 3:
            self._stopping.set()
        if len(self.asked) == 1:
            raise OSError("away")


def test_links_are_reported_and_reported_again_after_a_failure(monkeypatch):
    monkeypatch.setattr(link_figures, "OFTEN_S", 0.001)

    async def go():
        stopping = asyncio.Event()
        lane = Lane(stopping)
        await LinkFigures(lane, Steps(), lambda: LINKS).run(stopping)
        return lane.asked

    asked = uvloop.run(go())
    assert {step for step, _ in asked} == {"keep"}
    assert asked[-1][1] == {"up1": LINKS["up1"]}  # of up2 it has receipts and no link
