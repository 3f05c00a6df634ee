"""What time brings: each job does its work, waits for its turn, and survives a store that was away."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic

import pytest
from structlog.testing import capture_logs
from tests.scene import HOUR_MS, UP1, UP2, mobiles

from hongyan.model.black_list import ListedNumber
from hongyan.model.message import MessageState
from hongyan.model.number_list import FOREVER_S
from hongyan.model.owed import OwedKind
from hongyan.model.route import Route
from hongyan.services.admin.rules import add_listed
from hongyan.services.queries.backlog import Backlog
from hongyan.services.steps import dispatch
from hongyan.store.sql import sums
from hongyan.workers import scheduler
from hongyan.workers.sweeps import DOOR_REFERENCES_MS, IN_VAIN_MOST, LISTED_MS, RetentionTimes, Sweeps

QUEUED, SENT, DELIVERED, UNKNOWN = MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED, MessageState.UNKNOWN
DAY_MS = 24 * HOUR_MS
RETENTION = RetentionTimes(
    references_ms=72 * HOUR_MS, carrier_refs_ms=30 * DAY_MS, media_ms=35 * DAY_MS, messages_ms=155 * DAY_MS
)

NOTHING = Backlog([], {}, 0)


class Months:
    """A store that keeps nothing by months."""

    def __init__(self):
        self.made, self.forgot = [], []

    def make_partitions(self, now_ms):
        self.made.append(now_ms)

    def forget_months(self, before_ms, now_ms, take_ids):
        self.forgot.append((before_ms, now_ms, len(take_ids(3))))

    def kept_from_ms(self, before_ms):
        return before_ms


def sweeps_of(rig, months=None, keep=RETENTION):
    return Sweeps(rig.process_state, rig.lane, rig.steps, rig.signals, keep, months or Months(), lambda: NOTHING)


@asynccontextmanager
async def running(rig, months=None):
    stopping = asyncio.Event()
    task = asyncio.create_task(sweeps_of(rig, months).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, 20)


# --- verdicts and sweeps ---------------------------------------------------------------------------------------------------


def test_silence_ends_messages_in_bites_until_none_is_left(on_sqlite_rig):
    async def go(rig):
        rig.scene.sent(count=1_000)
        rig.scene.send(numbers=mobiles(500, first=5_000))
        rig.scene.record([rig.scene.accepted(s, f"d{n}") for n, s in enumerate(rig.scene.claim())])
        rig.scene.now += 73 * HOUR_MS
        await sweeps_of(rig)._end_silent()
        return set(rig.scene.states()), len(rig.lane.asked["silent"]), {1} in rig.owed

    assert on_sqlite_rig(go) == ({UNKNOWN}, 3, True)


@pytest.mark.interpreted
def test_what_slipped_is_concluded_page_by_page_and_later_only_what_is_new(on_rig, monkeypatch):
    monkeypatch.setattr(dispatch, "conclude", lambda *_: set())  # so that something slips

    async def slip(rig, name):
        rig.scene.send()
        rig.scene.report(rig.scene.receipt(name))
        await rig.lane.ask(rig.steps.record, rig.scene.heard([rig.scene.accepted(s, name) for s in rig.scene.claim()]))

    async def go(rig):
        await slip(rig, "a")
        rig.scene.now += 10_000
        sweeps = sweeps_of(rig)
        await sweeps._conclude_slipped()
        first = rig.scene.states()
        rig.scene.now += 2 * HOUR_MS
        await slip(rig, "b")
        rig.scene.now += 10_000
        await sweeps._conclude_slipped()
        return first, rig.scene.states(), rig.owed[0]

    assert on_rig(go) == ([DELIVERED], [DELIVERED, DELIVERED], {1})


def test_receipts_that_outran_their_answers_are_tried_in_their_other_spellings(on_sqlite_rig):
    async def go(rig):
        rig.scene.send()
        rig.scene.report(rig.scene.receipt("ff", "255"))
        rig.scene.record([rig.scene.accepted(s, "255") for s in rig.scene.claim()])
        rig.scene.now += 1_001
        await sweeps_of(rig)._try_spellings()
        return rig.scene.states(), rig.owed

    assert on_sqlite_rig(go) == ([DELIVERED], [{1}])


@pytest.mark.parametrize("step_ms", [-3 * HOUR_MS, 3 * HOUR_MS], ids=["back", "forward"])
def test_receipts_are_tried_in_other_spellings_though_the_clock_was_put(on_sqlite_rig, step_ms):
    async def go(rig):
        rig.scene.send()
        sweeps = sweeps_of(rig)
        rig.scene.report(rig.scene.receipt("ff", "255"))
        rig.scene.now += 1_001
        await sweeps._try_spellings()
        rig.scene.now += step_ms
        rig.scene.record([rig.scene.accepted(s, "255") for s in rig.scene.claim()])
        await sweeps._try_spellings()
        return rig.scene.states()

    assert on_sqlite_rig(go) == [DELIVERED]


def test_incomplete_replies_are_handed_on(on_sqlite_rig):
    async def go(rig):
        rig.scene.ask(rig.steps.replies, [rig.scene.reply("half", part=1, parts=2, reference=3)])
        rig.scene.now += 11 * 60_000
        await sweeps_of(rig)._hand_on_parts()
        return [row["text"] for row in rig.scene.rows("mo")], rig.owed, rig.owed_kinds

    assert on_sqlite_rig(go) == (["half"], [{1}], [(OwedKind.REPLY,)])


# --- dead channels ---------------------------------------------------------------------------------------------------------


def dead(rig, since_s=31):
    rig.process_state.snapshot = replace(rig.scene.snapshot, down=frozenset({UP1}))
    rig.process_state.down_since = {UP1: monotonic() - since_s}


def test_messages_of_a_channel_that_is_down_too_long_go_another_way(on_rig):
    async def go(rig):
        woken = []
        rig.signals.on_queued(UP2, lambda: woken.append(UP2))
        for number in mobiles(10):
            rig.scene.send(numbers=[number])
        dead(rig)
        await sweeps_of(rig)._reroute_dead()
        return {m["channel_id"] for m in rig.scene.rows("message")}, bool(woken)

    assert on_rig(go) == ({UP2}, True)


def test_messages_of_a_channel_that_is_down_for_a_moment_wait(on_sqlite_rig):
    async def go(rig):
        rig.scene.send()
        dead(rig, since_s=20)
        await sweeps_of(rig)._reroute_dead()
        return rig.lane.asked["reroute"]

    assert on_sqlite_rig(go) == []


def test_a_backlog_with_nowhere_to_go_is_gone_through_in_turns(on_sqlite_rig):
    """An account bound to the dead channel has a long backlog; behind it stands one that may go elsewhere."""

    async def go(rig):
        bound = Route(99, UP1, account_id=rig.scene.account("taken").id)
        rig.process_state.snapshot = replace(rig.scene.snapshot, routes=(*rig.scene.snapshot.routes, bound))
        for number in mobiles(4 * (IN_VAIN_MOST + 5)):
            rig.scene.send("taken", [number])
        rig.scene.send("pre")
        dead(rig)
        sweeps = sweeps_of(rig)
        batches = []
        for _ in range(3):
            before = len(rig.lane.asked["reroute"])
            await sweeps._reroute_dead()
            batches.append(len(rig.lane.asked["reroute"]) - before)
        return batches, [m["account_id"] for m in rig.scene.rows("message") if m["channel_id"] == UP2]

    batches, moved = on_sqlite_rig(go)
    assert batches == [IN_VAIN_MOST, 7, IN_VAIN_MOST]
    assert moved == [1]


def test_a_channel_that_comes_back_is_left_alone(on_sqlite_rig):
    async def go(rig):
        for number in mobiles(10):
            rig.scene.send(numbers=[number])
        dead(rig)
        ask = rig.lane.ask

        def ask_and_recover(step, item):
            rig.process_state.down_since = {}
            return ask(step, item)

        rig.lane.ask = ask_and_recover
        await sweeps_of(rig)._reroute_dead()
        return [m["channel_id"] for m in rig.scene.rows("message")].count(UP2)

    assert on_sqlite_rig(go) == 4


# --- pruning ---------------------------------------------------------------------------------------------------------------


def test_references_are_forgotten_after_their_time_and_no_earlier(on_rig):
    async def go(rig):
        rig.scene.send(client_ref="old", client_hash=b"h")
        rig.scene.now += RETENTION.references_ms
        rig.scene.send(client_ref="new", client_hash=b"h")
        sweeps = sweeps_of(rig)
        await sweeps._prune()
        kept = [row["ref"] for row in rig.scene.rows("client_ref")]
        rig.scene.now += 1
        await sweeps._prune()
        return kept, [row["ref"] for row in rig.scene.rows("client_ref")]

    assert on_rig(go) == (["new", "old"], ["new"])


def test_references_that_doors_made_are_forgotten_within_the_hour(on_rig):
    async def go(rig):
        for ref in (" text64 a", "a customer's own"):
            rig.scene.send(client_ref=ref, client_hash=b"h")
        rig.scene.now += DOOR_REFERENCES_MS
        await sweeps_of(rig)._prune()
        kept = len(rig.scene.rows("client_ref"))
        rig.scene.now += 1
        await sweeps_of(rig)._prune()
        return kept, [row["ref"] for row in rig.scene.rows("client_ref")]

    assert on_rig(go) == (2, ["a customer's own"])


@pytest.mark.parametrize(("messages_days", "kept"), [(155, 0), (1_500, 1)])
def test_counters_are_kept_for_three_years_and_as_long_as_the_messages(on_sqlite_rig, messages_days, kept):
    async def go(rig):
        rig.scene.send()
        rig.scene.now += 1_200 * DAY_MS
        await sweeps_of(rig, keep=replace(RETENTION, messages_ms=messages_days * DAY_MS))._prune()
        return rig.scene.rows("hourly")

    assert len(on_sqlite_rig(go)) == kept


def test_many_references_are_forgotten_in_batches(on_sqlite_rig):
    async def go(rig):
        answered = [(1, f"r{n}", b"h", "[]") for n in range(4_500)]
        rig.scene.within(lambda tx: tx.add_references(answered, 0))
        await sweeps_of(rig)._prune()
        return len(rig.lane.asked["prune"]), rig.scene.rows("client_ref")

    batches, left = on_sqlite_rig(go)
    assert batches >= 4  # and one for each other thing that is pruned
    assert left == []


def test_black_listed_numbers_are_forgotten_a_week_after_their_end(on_rig):
    async def go(rig):
        entries = [
            ListedNumber(phone=1, end_s=rig.scene.now // 1000 + 1, note=""),
            ListedNumber(phone=2, end_s=FOREVER_S, note=""),
        ]
        rig.scene.within(lambda tx: add_listed(tx, rig.scene.act(), entries, ""))
        rig.scene.now += LISTED_MS
        await sweeps_of(rig)._prune()
        kept = len(rig.scene.rows("listed"))
        rig.scene.now += 2_000
        await sweeps_of(rig)._prune()
        return kept, [row["phone"] for row in rig.scene.rows("listed")]

    assert on_rig(go) == (2, [2])


def test_carrier_ids_are_forgotten_in_key_order_round_and_round(on_rig):
    async def go(rig):
        rig.scene.report(*(rig.scene.receipt(f"old{n:04}") for n in range(3_000)))
        rig.scene.now += RETENTION.carrier_refs_ms
        rig.scene.sent(count=3)
        rig.scene.now += 1
        sweeps = sweeps_of(rig)
        counts = []
        for _ in range(4):
            await sweeps._prune_carrier_refs()
            counts.append(len(rig.scene.rows("carrier_ref")))
        rig.scene.now += RETENTION.carrier_refs_ms
        for _ in range(3):
            await sweeps._prune_carrier_refs()
        return counts, rig.scene.rows("carrier_ref")

    counts, left = on_rig(go)
    assert counts[-1] == 3
    assert counts[0] == 3_003 - 1_997
    assert left == []


def test_messages_go_after_their_days_month_by_month_and_batch_by_batch(on_rig):
    async def go(rig):
        rig.scene.ask(rig.scene.steps.replies, [rig.scene.reply("T", phone=8613800000000 + n) for n in range(500)])
        months, start_ms = Months(), rig.scene.now
        sweeps = sweeps_of(rig, months)
        rig.scene.now += RETENTION.messages_ms
        await sweeps._forget()
        kept = len(rig.scene.rows("mo"))
        rig.scene.now += 1
        await sweeps._forget()
        return kept, rig.scene.rows("mo"), months.forgot[0] == (start_ms, start_ms + RETENTION.messages_ms, 3)

    assert on_rig(go) == (500, [], True)


# --- the loop --------------------------------------------------------------------------------------------------------------


def test_every_job_runs_at_the_start_and_a_failing_one_stops_no_other(on_sqlite_rig, wait):
    async def go(rig):
        months = Months()
        rig.lane.fails.update(silent=10, parts=10, prune=10)
        async with running(rig, months):
            jobs = {"silent", "parked", "slipped", "parts", "prune", "prune_refs", "release", "forget"}
            await wait(lambda: jobs <= set(rig.lane.asked) and months.made)

    on_sqlite_rig(go)


def test_a_job_that_failed_has_its_next_turn(on_sqlite_rig, wait, monkeypatch):
    async def short(event, seconds):
        await asyncio.sleep(0.005)

    monkeypatch.setattr(scheduler, "wait_or_timeout", short)

    async def go(rig):
        rig.scene.sent()
        rig.scene.now += 73 * HOUR_MS
        rig.lane.fails["silent"] = 3
        async with running(rig):
            await wait(lambda: rig.scene.states() == [UNKNOWN])

    on_sqlite_rig(go)


@pytest.mark.parametrize("after_s", [0, 0.05])
def test_stopping_ends_every_job(on_sqlite_rig, after_s):
    async def go(rig):
        async with running(rig):
            await asyncio.sleep(after_s)

    on_sqlite_rig(go)


def test_what_waits_is_looked_at_and_every_job_is_counted(on_rig, wait):
    async def go(rig):
        sweeps, stopping = sweeps_of(rig), asyncio.Event()
        task = asyncio.create_task(sweeps.run(stopping))
        await wait(lambda: sweeps.backlog is NOTHING and sweeps.scheduler.runs["end_silent", "done"])
        stopping.set()
        await asyncio.wait_for(task, 20)
        return sweeps

    sweeps = on_rig(go)
    runs = sweeps.scheduler.runs["end_silent", "done"] + sweeps.scheduler.runs["end_silent", "failed"]
    assert sum(sweeps.scheduler.durations["end_silent"].counts) == runs


# --- sums --------------------------------------------------------------------------------------------------------------


def test_what_is_over_is_summed_up_little_by_little_and_the_log_says_how_far(on_rig, wait, monkeypatch):
    monkeypatch.setattr("hongyan.workers.sweeps.LOG_EACH_S", 0)
    monkeypatch.setattr(sums, "AT_ONCE", 1)

    async def go(rig):
        for account in ("pre", "taken"):
            rig.scene.send(account)
        rig.scene.now += 3 * HOUR_MS
        with capture_logs() as lines:
            async with running(rig):
                await wait(lambda: rig.scene.rows("summed_up")[0]["hour"] == rig.scene.now // HOUR_MS - 2)
        said = [line["hours_left"] for line in lines if line["event"] == "counters_being_summed"]
        return said, [row["account_id"] for row in rig.scene.rows("account_day")]

    assert on_rig(go) == ([1], [1, 2])
