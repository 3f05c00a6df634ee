"""The sums of the hourly counters: what statistics read of them is what the counters say, whatever was summed up until then."""

import shutil
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scene import HOUR_MS, NOW, UP1, UP2, Scene, mobiles

from hongyan.model.hourly import FIGURES, STATES, SUBMITTED, day_of, hours_of, hours_within, whole_days
from hongyan.model.ids import HOUR_MS as HOUR
from hongyan.model.message import ReceiptState
from hongyan.services.queries import statistics
from hongyan.services.queries.statements import StatementQuery, statement
from hongyan.services.steps.pruning import Prune, Pruned
from hongyan.store.database import Database
from hongyan.store.sql import sums
from hongyan.store.sql.tx import SqlTx

FAILED = ReceiptState.FAILED
HOURS = range(NOW // HOUR - 30, NOW // HOUR + 200)
COLUMNS = {"account": "account_id", "channel": "channel_id", "carrier": "carrier", "product": "product", "hour": "hour"}


def sum_up(scene):
    while scene.ask(scene.steps.sum_up):
        pass


def summed(scene):
    """Up to which hour the sums reach."""
    return scene.rows("summed_up")[0]["hour"]


def of_counters(rows, by, hours, equal):
    """What the counters alone say."""
    found = defaultdict(Counter)
    for row in rows:
        if row["hour"] in hours and all(row[name] == value for name, value in equal.items()):
            figures = found[row[COLUMNS[by]]]
            figures[STATES[row["state"]]] += row["messages"]
            figures["segments"] += row["segments"] if row["state"] == SUBMITTED else 0
    return {of: tuple(figures[name] for name in FIGURES) for of, figures in found.items()}


def codes_of_counters(rows, hours, equal):
    found = Counter()
    for row in rows:
        if row["hour"] in hours and all(row[name] == value for name, value in equal.items()):
            found[row["channel_id"], row["state"], row["code"]] += row["messages"]
    return found


SPANS = (
    HOURS,
    range(HOURS.start + 31, HOURS.start + 44),
    hours_of(day_of(NOW // HOUR)),
    range(HOURS.start + 33, HOURS.stop - 7),
)
EQUAL = ({}, {"account_id": 1}, {"channel_id": UP1}, {"account_id": 1, "channel_id": UP2}, {"product": 1})


def assert_sums_are_the_counters(scene):
    counters, codes = scene.rows("hourly"), scene.rows("hourly_code")
    for hours, equal in product(SPANS, EQUAL):
        for by in COLUMNS:
            asked = scene.within(lambda tx, by=by, hours=hours, equal=equal: tx.hourly_sums(by, hours, **equal))
            found = {row["of"]: tuple(row[name] for name in FIGURES) for row in asked}
            assert found == of_counters(counters, by, hours, equal), (by, hours, equal)
        if "product" not in equal:
            asked = scene.within(lambda tx, hours=hours, equal=equal: tx.code_sums(hours, **equal))
            found = {(row["channel_id"], row["state"], row["code"]): row["messages"] for row in asked}
            assert found == codes_of_counters(codes, hours, equal), (hours, equal)
    days = range(day_of(HOURS.start), day_of(HOURS.stop) + 1)
    assert [row for day in days for row in scene.within(lambda tx, day=day: statistics.verify_sums(tx, day))] == []


@pytest.mark.parametrize(("hours", "days"), [
    (hours_of(7), range(7, 8)),
    (range(hours_of(7).start - 1, hours_of(8).stop + 1), range(7, 9)),
    (range(hours_of(7).start + 1, hours_of(8).stop - 1), range(8, 8)),
    (range(hours_of(7).start + 2, hours_of(7).start + 5), range(8, 8)),
])  # fmt: skip
def test_days_of_a_span_are_those_of_which_it_has_every_hour(hours, days):
    assert whole_days(hours) == days
    assert hours_within(days, hours).start >= hours.start
    assert hours_within(days, hours).stop <= hours.stop


def test_hours_are_summed_up_two_hours_after_their_end(scene):
    scene.sent(count=3)
    sum_up(scene)
    assert scene.rows("account_day") == scene.rows("channel_hour") == []

    scene.now += 3 * HOUR_MS
    sum_up(scene)

    assert [(row["account_id"], row["channel_id"], row["submitted"]) for row in scene.rows("account_day")] == [(1, UP1, 3)]
    assert [(row["hour"], row["carrier"], row["submitted"]) for row in scene.rows("channel_hour")] == [
        (NOW // HOUR, "mobile", 3)
    ]
    assert_sums_are_the_counters(scene)


def test_what_comes_late_changes_the_sums_too(scene):
    scene.sent(count=3)
    scene.now += 30 * HOUR_MS
    sum_up(scene)

    scene.report(scene.receipt("c1"))
    scene.report(scene.receipt("c2", state=FAILED, code="MK:0001"))

    assert [(row["submitted"], row["delivered"], row["failed"]) for row in scene.rows("account_day")] == [(3, 1, 1)]
    assert [(row["code"], row["messages"]) for row in scene.rows("code_day")] == [("MK:0001", 1)]
    assert_sums_are_the_counters(scene)


def test_a_message_that_moves_late_moves_in_the_sums_too(scene):
    scene.send(numbers=mobiles(2))
    scene.now += 5 * HOUR_MS
    sum_up(scene)
    segments = scene.claim()
    scene.record([scene.refused(segments[0]), scene.accepted(segments[1], "c1")])

    assert {row["channel_id"]: row["submitted"] for row in scene.rows("channel_hour")} == {UP1: 1, UP2: 1}
    assert_sums_are_the_counters(scene)


def test_a_step_ends_behind_an_account(scene, monkeypatch):
    monkeypatch.setattr(sums, "AT_ONCE", 1)
    for account in ("pre", "taken", "delivered"):
        scene.send(account, [*mobiles(2), "13000000001", "17000000001"])
    scene.now += 3 * HOUR_MS
    left, places = 1, []
    while left:
        left = scene.ask(scene.steps.sum_up)
        places += [(row["hour"] - NOW // HOUR, row["account_id"]) for row in scene.rows("summed_up")]
        assert_sums_are_the_counters(scene)

    assert places == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 0)]


def test_a_second_step_over_the_same_adds_nothing(scene):
    scene.sent(count=3)
    scene.now += 3 * HOUR_MS
    scene.run(scene.steps.sum_up, None, None)
    before = scene.rows("account_day"), scene.rows("channel_hour")

    scene.run(scene.steps.sum_up, None, None)

    assert (scene.rows("account_day"), scene.rows("channel_hour")) == before
    assert_sums_are_the_counters(scene)


def test_when_the_clock_is_put_back_the_last_days_are_summed_up_anew(scene):
    scene.sent(count=3)
    scene.now += 50 * HOUR_MS
    sum_up(scene)
    scene.now -= 50 * HOUR_MS
    scene.report(scene.receipt("c1"))  # by this clock its hour is not over
    scene.send()
    sum_up(scene)
    assert summed(scene) <= NOW // HOUR - 2
    assert_sums_are_the_counters(scene)

    scene.now += 50 * HOUR_MS
    sum_up(scene)
    assert summed(scene) == scene.now // HOUR - 2
    assert_sums_are_the_counters(scene)


def test_a_statement_reads_the_same_before_and_behind_the_sums(scene):
    scene.sent(count=3)
    scene.report(scene.receipt("c1"))
    query = StatementQuery(hours_of(day_of(NOW // HOUR)).start * HOUR, hours_of(day_of(NOW // HOUR)).stop * HOUR)
    before = scene.within(lambda tx: statement(tx, query, {1: "pre"}))
    scene.now += 3 * HOUR_MS
    sum_up(scene)

    assert scene.within(lambda tx: statement(tx, query, {1: "pre"})) == before
    assert (before[0]["submitted"], before[0]["delivered"]) == (3, 1)


def test_sums_that_differ_from_their_counters_are_named(scene):
    scene.sent(count=3)
    scene.now += 3 * HOUR_MS
    sum_up(scene)
    scene.within(lambda tx: tx.db.plain("UPDATE channel_hour SET delivered = 7"))

    (wrong,) = scene.within(lambda tx: statistics.verify_sums(tx, day_of(NOW // HOUR)))
    assert wrong == {
        "day": "2026-02-02",
        "channel_id": UP1,
        "product": 1,
        "carrier": "mobile",
        "figure": "delivered",
        "counted": 0,
        "summed": 7,
    }


def test_sums_are_dropped_with_their_counters_by_whole_days(scene):
    scene.sent(count=3)
    scene.report(scene.receipt("c1", state=FAILED, code="MK:0001"))
    scene.now += 40 * HOUR_MS
    scene.send()
    sum_up(scene)
    scene.now += 40 * HOUR_MS
    sum_up(scene)

    scene.ask(scene.steps.prune, Prune(Pruned.COUNTERS, NOW + HOUR_MS))
    assert len(scene.rows("account_day")) == 2
    scene.ask(scene.steps.prune, Prune(Pruned.COUNTERS, NOW + 24 * HOUR_MS))

    assert [row["submitted"] for row in scene.rows("account_day")] == [1]
    assert scene.rows("code_day") == []
    assert_sums_are_the_counters(scene)


@pytest.fixture
def new_scene(engine, request, tmp_path_factory):
    """Makes furnished scenes, on either engine in turn: on SQLite each in a file of its own, on PostgreSQL one after another."""
    if engine == "sqlite":
        _, furnished = request.getfixturevalue("_sqlite_stores")
        return lambda: Scene(Database(f"sqlite:///{shutil.copy(furnished, tmp_path_factory.mktemp('sums') / 'hongyan.db')}"))
    shared = request.getfixturevalue("_postgres_shared")
    return lambda: Scene(shared.clean(furnished=True), connection=shared.connection)


LIFE = st.lists(
    st.sampled_from(["send", "bulk", "claim", "refuse", "report", "fail", "later", "much_later", "summing", "all", "back"]),
    max_size=30,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(traced=LIFE)
def test_whatever_happens_the_sums_are_the_counters(new_scene, traced):
    scene, known = new_scene(), []
    try:
        for event in traced:
            _happen(scene, event, known)
        assert_sums_are_the_counters(scene)
        scene.now += 3 * HOUR_MS
        sum_up(scene)
        assert_sums_are_the_counters(scene)
    finally:
        if scene.connection.is_sqlite:
            scene.close()


def _happen(scene, event, known):
    match event:
        case "send":
            scene.send(numbers=[*mobiles(2), "13000000001"])
        case "bulk":
            scene.send("taken", numbers=mobiles(30), text="一" * 80)
        case "claim" | "refuse":
            for channel in (UP1, UP2):
                segments = scene.claim(channel, 3)
                names = [f"{s.message_id}-{s.part}" for s in segments]
                answer = scene.accepted if event == "claim" else lambda s, _: scene.refused(s)
                scene.record([answer(s, name) for s, name in zip(segments, names, strict=True)], channel)
                known += [(channel, name) for name in names] if event == "claim" else []
        case "report" | "fail" if known:
            channel, name = known.pop()
            state, code = (ReceiptState.DELIVERED, "DELIVRD") if event == "report" else (FAILED, "MK:0001")
            scene.report(scene.receipt(name, state=state, code=code, channel_id=channel))
        case "later":
            scene.now += HOUR_MS
        case "much_later":
            scene.now += 11 * HOUR_MS
        case "back":
            scene.now -= 7 * HOUR_MS
            scene.ask(scene.steps.sum_up)  # within a minute
        case "summing":
            scene.ask(scene.steps.sum_up)
        case "all":
            sum_up(scene)


@pytest.fixture
def two_scenes(furnished_postgres_store):
    """Two processes on one store, three hours after a message was sent."""
    first, second = Scene(furnished_postgres_store), Scene(furnished_postgres_store, node=2)
    first.sent(count=3)
    first.now += 3 * HOUR_MS
    second.now = first.now
    yield first, second
    first.close()
    second.close()


def open_transaction(scene, step, item=None):
    """Run a step up to the moment before the commit."""
    scene.connection.begin()
    tx = SqlTx(scene.connection)
    step.run(tx, [item])
    tx.before_commit()
    scene.connection.plain("SELECT 1")  # all of it has reached the server


@pytest.mark.parametrize("is_step_first", [True, False], ids=["sums", "report"])
def test_a_step_and_a_late_report_wait_for_each_other(two_scenes, is_step_first):
    summing, late = two_scenes
    report = late.steps.receipts, [late.receipt("c1")]
    holder, other = (summing, late) if is_step_first else (late, summing)
    open_transaction(holder, *((summing.steps.sum_up,) if is_step_first else report))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(other.ask, *(report if is_step_first else (summing.steps.sum_up,)))
        assert wait([waiting], 0.2).not_done
        holder.connection.commit()
        waiting.result(20)

    sum_up(summing)
    assert [(row["submitted"], row["delivered"]) for row in summing.rows("account_day")] == [(3, 1)]
    assert_sums_are_the_counters(summing)
