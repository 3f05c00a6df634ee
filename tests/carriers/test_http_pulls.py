"""Reports and replies that a channel of kind http pulls, and asks for once more by their tasks."""

import asyncio

import pytest
from tests.carriers.upstream import STATUS, Upstream, captured

from hongyan.adapters.aspx.client import AspxClient
from hongyan.carriers.http import reconcile
from hongyan.carriers.http.pull import BATCH
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState
from hongyan.model.protocol import Protocol
from hongyan.wire.aspx.pdu import Status


def test_what_was_pulled_is_kept_until_it_is_stored_and_only_then_more_is_asked_for(upstream, wait):
    async def go():
        async with upstream() as t:
            t.events.stores = False
            t.up.pulls = [STATUS.format(1, 10, "DELIVRD").encode(), STATUS.format(2, 20, "MK:0011").encode()]
            await wait(lambda: len(t.events.receipts) >= 3)
            assert {r.carrier_ids for r in t.events.receipts} == {("1-8613800000001",)}

            t.events.stores = True
            await wait(lambda: t.events.receipts[-1].carrier_ids == ("2-8613800000001",))
            assert (t.events.receipts[-1].state, t.events.receipts[-1].code) == (ReceiptState.FAILED, "MK:0011")

    asyncio.run(go())


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("UNKNOWN", ReceiptState.UNKNOWN),
        ("EXPIRED", ReceiptState.FAILED),
        ("2", ReceiptState.FAILED),
        ("7", ReceiptState.FAILED),
    ],
)
def test_a_verdict_without_a_receipt_stays_unknown_and_a_number_is_the_gateways_own_word(upstream, wait, code, state):
    async def go():
        async with upstream() as t:
            t.up.pulls = [STATUS.format(1, 20, code).encode()]
            await wait(lambda: t.events.receipts)
            assert (t.events.receipts[0].state, t.events.receipts[0].code) == (state, code)

    asyncio.run(go())


@pytest.mark.parametrize(
    "written",
    ["2026/11/1 9:05:07", "2026-11-01 09:05:07", "2026-11-1T9:05:07", "20261101090507", "2026-11-01T09:05:07+08:00"],
)
def test_a_time_is_read_with_or_without_zeros(written):
    status = Status("13800138000", "7", True, "DELIVRD", written)
    adapter = AspxClient(Channel(7, "up", Protocol.HTTP, "127.0.0.1", 1))

    assert adapter.receipt(status, 0).done_ms == 1_793_495_107_000


def test_a_pull_that_is_refused_is_reported(upstream, wait):
    async def go():
        async with upstream() as t:
            t.up.pulls = [
                "<returnsms><errorstatus><error>3</error><remark>该用户不允许查看状态报告</remark></errorstatus></returnsms>".encode()
            ]
            await wait(lambda: "该用户不允许查看状态报告" in t.link.trouble)
            assert t.link.is_up

    asyncio.run(go())


def test_a_platform_that_hands_out_the_same_again_is_asked_at_the_next_poll_and_reported(upstream, wait):
    async def go():
        up = Upstream()
        up.pulls = [full_batch(1), full_batch(2), full_batch(2), full_batch(3)]
        async with upstream(up=up) as t:
            await wait(lambda: "it hands out the same items again" in t.link.trouble)
            await asyncio.sleep(0.2)

            assert (len(t.events.receipts), len(up.pulls)) == (3 * BATCH, 1)

    asyncio.run(go())


def full_batch(task):
    one = STATUS.format(task, 10, "DELIVRD")
    head, tail = one[: one.index("<statusbox>")], one[one.index("</statusbox>") + len("</statusbox>") :]
    return (head + one[len(head) : len(one) - len(tail)] * BATCH + tail).encode()


HOUR_MS = 3_600_000


def test_a_message_without_a_report_is_asked_for_once_by_its_task(upstream, wait, now_ms):
    async def go():
        up = Upstream()
        up.said_again = {"a1": STATUS.format("A1", 10, "DELIVRD").encode()}
        old, young = now_ms() - 2 * HOUR_MS, now_ms() - HOUR_MS // 2
        silent = {"a1-8613800000001": old, "b2-8613800000001": old, "c3-8613800000001": young}
        async with upstream(up=up, silent=silent) as t:
            await wait(lambda: len(t.up.questions) == 2)
            await asyncio.sleep(0.2)

            assert t.up.questions == [("a1", "1"), ("b2", "1")]
            assert [r.carrier_ids for r in t.events.receipts] == [("a1-8613800000001",)], "named as it was asked for"

    asyncio.run(go())


def test_a_question_without_an_answer_is_asked_again_and_what_came_is_kept_until_it_is_stored(upstream, wait, now_ms):
    async def go():
        up = Upstream()
        up.said_again = {"1": 500}
        async with upstream(up=up, silent={"1-8613800000001": now_ms() - 2 * HOUR_MS}, stores=False) as t:
            await wait(lambda: len(t.up.questions) == 2)
            t.up.said_again = {"1": STATUS.format(1, 10, "DELIVRD").encode()}
            await wait(lambda: len(t.events.receipts) >= 2)
            t.events.stores, seen = True, len(t.events.receipts)
            await wait(lambda: len(t.events.receipts) == seen + 1)
            asked = len(t.up.questions)
            await asyncio.sleep(0.2)

            assert len(t.up.questions) == asked

    asyncio.run(go())


@pytest.fixture
def given_up(monkeypatch):
    """Returns the log lines about reports that are no longer asked for."""
    return captured(monkeypatch, reconcile)


@pytest.mark.parametrize("answer", [None, 500], ids=["none", "status"])
def test_a_message_that_is_never_answered_holds_up_no_other_and_is_given_up(
    upstream, wait, now_ms, monkeypatch, given_up, answer
):
    monkeypatch.setattr("hongyan.carriers.http.reconcile.WITHIN_S", 1.5)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.SILENCES_MOST", 3)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.FIRST_PAUSE_S", 1.0)  # the others are asked before it is over
    monkeypatch.setattr("hongyan.carriers.http.unanswered.MOST_PAUSE_S", 1.0)

    async def go():
        up, old = Upstream(), now_ms() - 2 * HOUR_MS
        up.said_again = {task: STATUS.format(task, 10, "DELIVRD").encode() for task in ("2", "3")} | {"1": answer}
        async with upstream(up=up, silent={f"{n}-8613800000001": old for n in (1, 2, 3)}) as t:
            await wait(lambda: given_up)
            await asyncio.sleep(0.2)

            assert {r.carrier_ids for r in t.events.receipts} == {("2-8613800000001",), ("3-8613800000001",)}
            assert t.up.questions[:2] == [("1", "1"), ("2", "1")], "the next one was not kept waiting"
            assert t.up.questions.count(("1", "1")) == 3
            (line,) = given_up
            assert (line["event"], line["channel"], line["task"]) == ("report_given_up", "up", "1")
            assert "13800000001" not in str(line)

    asyncio.run(go())


def test_when_too_many_wait_the_next_is_asked_once_one_has_left(upstream, wait, now_ms, monkeypatch, given_up):
    monkeypatch.setattr("hongyan.carriers.http.unanswered.SILENCES_MOST", 2)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.WAITING_MOST", 1)

    async def go():
        up, old = Upstream(), now_ms() - 2 * HOUR_MS
        up.said_again = {"1": 500, "2": 500, "3": STATUS.format(3, 10, "DELIVRD").encode()}
        async with upstream(up=up, silent={f"{n}-8613800000001": old for n in (1, 2, 3)}) as t:
            await wait(lambda: t.events.receipts)

            assert [task for task, _ in t.up.questions] == ["1", "1", "2", "2", "3"]
            assert [line["task"] for line in given_up] == ["1", "2"]

    asyncio.run(go())


def test_where_the_channel_says_never_nothing_is_asked_for(upstream, now_ms):
    async def go():
        async with upstream(options={"ask_after_s": "0"}, silent={"1-8613800000001": now_ms() - 2 * HOUR_MS}) as t:
            await asyncio.sleep(0.2)
            assert t.up.questions == []

    asyncio.run(go())
