"""What carriers deliver while the store is away, or pour in: nothing is lost, nothing doubled, nobody kept waiting."""

import asyncio
import itertools

import pytest
from tests.scene import UP1, UP2

from hongyan.model.message import MessageState
from hongyan.workers import deliveries as room

DELIVERED = MessageState.DELIVERED
NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(room, "AGAIN_S", 0.02)


def receipts_line(rig, channel_id=UP1):
    return rig.deliveries.receipts_of(rig.scene.channel(channel_id))


def replies_line(rig, channel_id=UP1):
    return rig.deliveries.replies_of(rig.scene.channel(channel_id))


def test_a_store_that_is_away_is_asked_until_it_takes_them_and_only_then_the_carrier_is_answered(on_rig, wait, pause):
    async def go(rig):
        rig.scene.sent()
        rig.lane.fails.update(receipts=1_000_000, replies=1_000_000)
        said = []
        receipts_line(rig).take([rig.scene.receipt("c1")], lambda ok: said.append(("receipt", ok)))
        replies_line(rig).take([rig.scene.reply("好")], lambda ok: said.append(("reply", ok)))
        await pause()
        before = list(said)
        rig.lane.fails.clear()
        await wait(lambda: len(said) == 2)
        return before, sorted(said), rig.scene.states(), len(rig.scene.rows("mo"))

    assert on_rig(go) == ([], [("receipt", True), ("reply", True)], [DELIVERED], 1)


def as_smpp(rig, body):
    """It names nothing that it delivers."""
    return rig.scene.reply(body)


def as_sgip(rig, body):
    """Its name is the sequence of one try."""
    return rig.scene.reply(body, carrier_id=f"101001-1129013000-{next(NUMBERS)}", is_named_anew=True)


each_nameless = pytest.mark.parametrize("reply", [as_smpp, as_sgip])


@each_nameless
def test_repeats_of_what_is_held_are_one_with_it_and_all_are_answered(on_sqlite_rig, wait, reply):
    """Five copies of a reply in an outage would be five replies."""

    async def go(rig):
        said, line = [], replies_line(rig)
        rig.lane.fails["replies"] = 1_000_000
        for _ in range(5):
            line.take([reply(rig, "好")], said.append)
            await asyncio.sleep(0.005)
        rig.lane.fails.clear()
        line.take([reply(rig, "好")], said.append)
        await wait(lambda: len(said) == 6)
        return said, len(rig.scene.rows("mo"))

    assert on_sqlite_rig(go) == ([True] * 6, 1)


@each_nameless
@pytest.mark.parametrize("repeated", ["first", "second"])
def test_a_repeat_that_comes_while_what_was_held_is_being_stored_is_one_with_it(on_sqlite_rig, wait, reply, repeated):
    """The first is stored to find out whether the store is back, the second once it is."""

    async def go(rig):
        said, line = [], replies_line(rig)
        rig.lane.fails["replies"] = 2
        line.take([reply(rig, "first")], said.append)
        line.take([reply(rig, "second")], said.append)
        asked, answered, ask = asyncio.Event(), asyncio.Event(), line._ask

        async def late(done):
            await answered.wait()
            return await done

        def ask_late(items, is_urgent):
            if items[0].body != repeated.encode("utf-16-be"):
                return ask(items, is_urgent)
            asked.set()
            return asyncio.ensure_future(late(ask(items, is_urgent)))

        line._ask = ask_late
        await asked.wait()
        line.take([reply(rig, repeated)], said.append)
        answered.set()
        await wait(lambda: len(said) == 3)
        return said, sorted(row["text"] for row in rig.scene.rows("mo"))

    assert on_sqlite_rig(go) == ([True] * 3, ["first", "second"])


@each_nameless
def test_a_reply_that_was_held_and_comes_again_on_another_connection_is_stored_once(on_sqlite_rig, wait, reply):
    async def go(rig):
        said, line = [], replies_line(rig)
        rig.lane.fails["replies"] = 1
        line.take([reply(rig, "好")], said.append)
        await wait(lambda: said)
        line.take([reply(rig, "好"), reply(rig, "不")], said.append)
        line.take([reply(rig, "好")], said.append)
        await wait(lambda: len(said) == 3)
        return said, sorted(row["text"] for row in rig.scene.rows("mo"))

    assert on_sqlite_rig(go) == ([True] * 3, ["不", "好"])


@each_nameless
def test_a_reply_whose_answer_was_lost_is_known_once_when_it_comes_again(on_sqlite_rig, wait, reply):
    """The third one is the person's own: who got our answer repeats no more."""

    async def go(rig):
        said, line = [], replies_line(rig)
        first = reply(rig, "1")
        line.take([first], said.append)
        await wait(lambda: said)
        line.expect([first])
        for _ in range(2):
            line.take([reply(rig, "1")], said.append)
        await wait(lambda: len(said) == 3)
        return said, len(rig.scene.rows("mo"))

    assert on_sqlite_rig(go) == ([True] * 3, 2)


@each_nameless
def test_the_same_words_seconds_later_are_another_reply(on_sqlite_rig, wait, reply):
    async def go(rig):
        said, line = [], replies_line(rig)
        for _ in range(2):
            line.take([reply(rig, "1")], said.append)
        line.expect([reply(rig, "2")])
        line.take([reply(rig, "1")], said.append)
        await wait(lambda: len(said) == 3)
        return len(rig.scene.rows("mo"))

    assert on_sqlite_rig(go) == 3


def test_what_was_expected_long_ago_and_too_much_of_it_is_forgotten(on_sqlite_rig, wait, monkeypatch):
    async def go(rig):
        said, line = [], replies_line(rig)
        line.expect([as_smpp(rig, "1")])
        monkeypatch.setattr(room, "REPEAT_S", 0.0)
        line.take([as_smpp(rig, "1")], said.append)
        monkeypatch.setattr(room, "REPEAT_S", 600.0)
        monkeypatch.setattr(room, "EXPECTED_MOST", 1)
        line.expect([as_smpp(rig, "2"), as_smpp(rig, "3")])
        line.take([as_smpp(rig, "2"), as_smpp(rig, "3")], said.append)
        await wait(lambda: len(said) == 2)
        return [row["text"] for row in rig.scene.rows("mo")]

    assert on_sqlite_rig(go) == ["1", "2"]


@pytest.mark.interpreted
def test_what_can_never_be_stored_harms_no_other_and_is_let_go_in_the_end(on_sqlite_rig, wait, monkeypatch):
    async def go(rig):
        rig.scene.sent(count=2)
        poisoned = rig.scene.receipt("c1")
        poisoned.done_ms = "never"
        said = []
        receipts_line(rig).take([poisoned, rig.scene.receipt("c2")], said.append)
        await wait(lambda: DELIVERED in rig.scene.states())
        before = list(said)
        monkeypatch.setattr(room, "KEEP_S", 0.0)
        await wait(lambda: said)
        return before, said

    assert on_sqlite_rig(go) == ([], [False])


def test_what_one_carrier_pours_in_waits_while_others_pass(on_sqlite_rig, wait, monkeypatch):
    monkeypatch.setattr(room, "PIECE", 10)
    monkeypatch.setattr(room, "ASKED_MOST", 20)

    async def go(rig):
        said = []
        flood = [rig.scene.receipt(f"nobody-{n}") for n in range(200)]
        receipts_line(rig, UP1).take(flood, lambda ok: said.append(("flood", ok)))
        first = len(rig.lane.asked["receipts"])
        receipts_line(rig, UP2).take([rig.scene.receipt("other", channel_id=UP2)], lambda ok: said.append(("other", ok)))
        await wait(lambda: len(said) == 2)
        return first, said, max(map(len, rig.lane.asked["receipts"])), len(rig.scene.rows("carrier_ref"))

    assert on_sqlite_rig(go) == (2, [("other", True), ("flood", True)], 10, 201)


def test_more_than_may_wait_is_refused_at_once(on_sqlite_rig, wait, monkeypatch):
    monkeypatch.setattr(room, "LINE_OCTETS", 1_000)

    async def go(rig):
        said, line = [], receipts_line(rig)
        rig.lane.fails["receipts"] = 1_000_000
        for n in range(4):
            line.take([rig.scene.receipt(f"nobody-{n}")], lambda ok, n=n: said.append((n, ok)))
            await asyncio.sleep(0)
        refused = list(said)
        rig.lane.fails.clear()
        await wait(lambda: len(said) == 4)
        line.take([rig.scene.receipt("nobody-3")], lambda ok: said.append((3, ok)))
        await wait(lambda: len(said) == 5)
        return refused, said

    refused, said = on_sqlite_rig(go)

    assert refused == [(2, False), (3, False)]
    assert sorted(said[2:]) == [(0, True), (1, True), (3, True)]
