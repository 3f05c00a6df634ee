"""Accounts take turns at the lane once more waits than it takes at once."""

import asyncio
from types import SimpleNamespace

import pytest

from hongyan.workers import accept_turns
from hongyan.workers.accept_turns import AcceptTurns

pytestmark = pytest.mark.interpreted


class PretendedLane:
    def __init__(self):
        self.asked = []

    def ask(self, step, item, *, is_urgent=False):
        future = asyncio.get_running_loop().create_future()
        self.asked.append((item.name, future))
        return future


class Asker:
    """Enters and leaves as the customers' API does."""

    def __init__(self, lane):
        self.turns = AcceptTurns(lane, SimpleNamespace(accept=None))

    def ask(self, admission):
        self.turns.enter()
        answer = self.turns.ask(admission)
        answer.add_done_callback(lambda _: self.turns.leave())
        return answer


def admission(account_id, name):
    return SimpleNamespace(submission=SimpleNamespace(account=SimpleNamespace(id=account_id)), name=name)


def play(scene, monkeypatch, most=2):
    monkeypatch.setattr(accept_turns, "IN_LANE_MOST", most)

    async def whole():
        lane = PretendedLane()
        return await scene(lane, Asker(lane))

    return asyncio.run(whole())


def names(lane):
    return [name for name, _ in lane.asked]


def test_an_account_with_much_waiting_delays_its_own(monkeypatch):
    async def scene(lane, turns):
        answers = [turns.ask(admission(1, f"a{n}")) for n in range(6)]
        answers += [turns.ask(admission(2, f"b{n}")) for n in range(2)]
        for place in range(8):
            lane.asked[place][1].set_result(place)
            await asyncio.sleep(0)
        return names(lane), await asyncio.gather(*answers)

    order, answers = play(scene, monkeypatch)
    assert order == ["a0", "a1", "a2", "b0", "a3", "b1", "a4", "a5"]
    assert answers == [0, 1, 2, 4, 6, 7, 3, 5]


def test_no_more_are_in_the_lane_than_may_be(monkeypatch):
    async def scene(lane, turns):
        for n in range(10):
            turns.ask(admission(1, n))
        return len(lane.asked)

    assert play(scene, monkeypatch, most=4) == 4


def test_an_error_reaches_who_asked_and_the_next_goes_on(monkeypatch):
    async def scene(lane, turns):
        first, second, third = (turns.ask(admission(1, n)) for n in range(3))
        lane.asked[0][1].set_result(1)
        await asyncio.sleep(0)
        lane.asked[2][1].set_exception(ValueError("third"))
        lane.asked[1][1].set_result(2)
        with pytest.raises(ValueError, match="third"):
            await third
        return await first, await second

    assert play(scene, monkeypatch) == (1, 2)


def test_a_request_whose_client_went_away_is_left_out(monkeypatch):
    async def scene(lane, turns):
        turns.ask(admission(1, "a"))
        gone = turns.ask(admission(1, "gone"))
        turns.ask(admission(1, "b"))
        gone.cancel()
        lane.asked[0][1].set_result(1)
        await asyncio.sleep(0)
        return names(lane)

    assert play(scene, monkeypatch, most=1) == ["a", "b"]
