"""The hourly counters count the messages, whatever became of them, in the transactions that changed them."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scene import HOUR_MS, NOW, UP1, UP2, Scene, mobiles

from hongyan.model.ids import HOUR_MS as HOUR
from hongyan.model.message import ReceiptState
from hongyan.services.admin import tasks
from hongyan.services.queries import statistics
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery, china_day, china_day_ms, china_hour
from hongyan.services.steps.cancelled import CancelPage
from hongyan.services.steps.pausing import PausePage
from hongyan.services.steps.reroute import Reroute
from hongyan.store.database import Database
from hongyan.store.sql import hourly

FAILED = ReceiptState.FAILED


def ask(scene, by, **others):
    query = StatisticsQuery(by, scene.now - 48 * HOUR_MS, scene.now + HOUR_MS, **others)
    return scene.within(lambda tx: statistics.statistics(tx, query))


def differences(scene):
    hours = range((NOW - HOUR_MS) // HOUR, scene.now // HOUR + 2)
    return [row for hour in hours for row in scene.within(lambda tx, hour=hour: statistics.verify(tx, hour))]


def tallied(rows):
    return [
        (r["submitted"], r["delivered"], r["failed"], r["unknown"], r["cancelled"], r["pending"], r["rate_percent"])
        for r in rows
    ]


def test_each_message_is_counted_as_submitted_and_by_its_end(scene):
    scene.sent(count=5, text="一" * 80)  # two segments each
    scene.report(*[scene.receipt(f"c{n}") for n in range(1, 7)])
    scene.report(scene.receipt("c7", state=FAILED, code="MK:0001"))

    assert tallied(ask(scene, GroupBy.ACCOUNT)) == [(5, 3, 1, 0, 0, 1, 75.0)]
    assert [(r["account"], r["segments"]) for r in ask(scene, GroupBy.ACCOUNT)] == [("pre", 10)]
    assert [(r["channel"], r["submitted"]) for r in ask(scene, GroupBy.CHANNEL)] == [("up1", 5)]
    assert [(r["carrier"], r["submitted"]) for r in ask(scene, GroupBy.CARRIER)] == [("mobile", 5)]
    assert [(r["product"], r["submitted"]) for r in ask(scene, GroupBy.PRODUCT)] == [("sms", 5)]
    assert [(r["code"], r["channel"], r["state"], r["count"], r["share"]) for r in ask(scene, GroupBy.CODE)] == [
        ("MK:0001", "up1", "failed", 1, 100.0)
    ]
    assert ask(scene, GroupBy.CODE)[0]["meaning"]
    assert differences(scene) == []


def test_repeats_count_nothing(scene):
    (segment,) = scene.sent()
    for _ in range(2):
        scene.record([scene.accepted(segment, "c1")])
        scene.report(scene.receipt("c1"))

    assert tallied(ask(scene, GroupBy.DAY)) == [(1, 1, 0, 0, 0, 0, 100.0)]
    assert differences(scene) == []


def test_what_was_rolled_back_is_not_counted(scene):
    class Lost(Exception):
        pass

    def lose(tx):
        scene.steps.accept.run(tx, [scene.admission()])
        raise Lost

    with pytest.raises(Lost):
        scene.within(lose)

    assert scene.rows("hourly") == []
    assert scene.rows("turnover") == [row for row in scene.rows("turnover") if row["kind"] == 1]


def test_a_message_counts_at_the_channel_that_has_it_last(scene):
    scene.send(numbers=mobiles(3))
    segments = scene.claim()
    scene.record([scene.refused(s) for s in segments[:1]] + [scene.accepted(s, f"c{s.phone}") for s in segments[1:]])

    assert {r["channel"]: r["submitted"] for r in ask(scene, GroupBy.CHANNEL)} == {"up1": 2, "up2": 1}
    assert differences(scene) == []


def test_it_counts_in_the_hour_of_its_submission_whenever_it_ends(scene):
    scene.sent(count=2)
    scene.now += 5 * HOUR_MS
    scene.report(scene.receipt("c1"))
    scene.send()

    assert [(r["hour"], r["submitted"], r["delivered"]) for r in ask(scene, GroupBy.HOUR)] == [
        ("2026-02-02 10:00", 2, 1),
        ("2026-02-02 15:00", 1, 0),
    ]
    assert [(r["day"], r["submitted"]) for r in ask(scene, GroupBy.DAY)] == [("2026-02-02", 3)]


def test_a_batch_whose_ids_cross_the_hour_counts_in_both(scene):
    scene.now = (NOW // HOUR_MS + 1) * HOUR_MS - 1
    scene.ids.take(4_094, scene.now)  # two are left in the last millisecond of the hour
    scene.send(numbers=mobiles(5))

    hours = [(r["hour"], r["submitted"]) for r in ask(scene, GroupBy.HOUR)]
    assert [count for _, count in hours] == [2, 3]
    assert len({hour for hour, _ in hours}) == 2
    assert differences(scene) == []


def test_endings_of_one_batch_that_differ_are_counted_and_charged_each_for_itself(scene):
    scene.sent("delivered", count=4)
    points = scene.points("delivered")
    codes = ("MK:0001", "MK:0012", "MK:0001")
    scene.report(scene.receipt("c4"), *[scene.receipt(f"c{n}", state=FAILED, code=code) for n, code in enumerate(codes, 1)])

    assert tallied(ask(scene, GroupBy.ACCOUNT)) == [(4, 1, 3, 0, 0, 0, 25.0)]
    assert sorted((r["code"], r["count"]) for r in ask(scene, GroupBy.CODE)) == [("MK:0001", 2), ("MK:0012", 1)]
    assert scene.points("delivered") == points + 3
    assert scene.books_balance()
    assert differences(scene) == []


def test_days_are_chinas(scene):
    assert china_day((NOW // HOUR + 8) // 24) == "2026-02-02"
    scene.now = china_day_ms("2026-02-03") - 1
    scene.send()
    scene.now += 1
    scene.send()

    assert [(r["day"], r["submitted"]) for r in ask(scene, GroupBy.DAY)] == [("2026-02-02", 1), ("2026-02-03", 1)]
    assert china_hour(scene.now // HOUR) == "2026-02-03 00:00"


def test_figures_of_one_account_or_channel(scene):
    scene.send(numbers=mobiles(2))
    scene.send("taken")

    assert tallied(ask(scene, GroupBy.DAY, account="taken")) == [(1, 0, 0, 0, 0, 1, None)]
    assert tallied(ask(scene, GroupBy.ACCOUNT, channel="up1"))[0][0] == 2
    assert ask(scene, GroupBy.ACCOUNT, channel="up3") == []


def test_the_accounts_that_sent_by_a_channel_lately_are_counted(scene):
    scene.send(numbers=mobiles(2))
    scene.send("taken")
    served = statistics.accounts_served

    assert scene.within(lambda tx: served(tx, "up1", scene.now)) == len(ask(scene, GroupBy.ACCOUNT, channel="up1")) > 0
    assert scene.within(lambda tx: served(tx, "up3", scene.now)) == 0
    assert scene.within(lambda tx: served(tx, "up1", scene.now + 3 * HOUR_MS)) == 0


def test_carriers_that_invent_codes_fill_no_disk(scene, monkeypatch):
    monkeypatch.setattr(hourly, "CODES_MOST", 3)
    scene.sent(count=6)
    for number in range(1, 7):
        scene.report(scene.receipt(f"c{number}", state=FAILED, code=f"X{number}"))

    assert {row["code"] for row in scene.rows("hourly_code")} == {"X1", "X2", "X3", "*"}
    assert sum(row["messages"] for row in scene.rows("hourly_code")) == 6
    assert differences(scene) == []


def test_ended_messages_are_counted_for_the_metrics(scene):
    scene.sent(count=2)

    def report(tx):
        scene.steps.receipts.run(tx, [[scene.receipt("c1"), scene.receipt("c2", state=FAILED, code="MK:0001")]])
        tx.before_commit()
        return dict(tx.counts)

    counts = scene.within(report)
    assert {key: count for key, count in counts.items() if key[0] == "ended"} == {("ended", UP1, 10): 1, ("ended", UP1, 11): 1}


@pytest.fixture
def new_scene(_sqlite_stores, tmp_path_factory):
    """Makes furnished scenes, each in a file of its own."""
    return lambda: Scene(
        Database(f"sqlite:///{shutil.copy(_sqlite_stores[1], tmp_path_factory.mktemp('life') / 'hongyan.db')}")
    )


LIFE = st.lists(
    st.sampled_from(["send", "bulk", "release", "claim", "refuse", "report", "fail", "reroute", "cancel", "hold", "later"])
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(traced=LIFE)
def test_whatever_happens_the_counters_are_the_messages(new_scene, traced):
    scene, known, made = new_scene(), [], []
    try:
        for event in traced:
            _happen(scene, event, known, made)
        assert differences(scene) == []
        assert scene.books_balance()
    finally:
        scene.close()


def _happen(scene, event, known, made):
    match event:
        case "send":
            made.append(scene.send(numbers=[*mobiles(2), "13000000001"]).task_id)
        case "bulk":
            made.append(scene.send("delivered", numbers=mobiles(1_001)).task_id)
        case "release":
            scene.ask(scene.steps.release)
        case "claim" | "refuse":
            for channel in (UP1, UP2):
                segments = scene.claim(channel, 3)
                names = [f"{s.message_id}" for s in segments]
                answer = scene.accepted if event == "claim" else lambda s, _: scene.refused(s)
                scene.record([answer(s, name) for s, name in zip(segments, names, strict=True)], channel)
                if event == "claim":
                    known += [(channel, name) for name in names]
        case "report" | "fail" if known:
            channel, name = known.pop()
            state, code = (ReceiptState.DELIVERED, "DELIVRD") if event == "report" else (FAILED, "MK:0001")
            scene.report(scene.receipt(name, state=state, code=code, channel_id=channel))
        case "reroute":
            scene.ask(scene.steps.reroute, Reroute(UP1))
        case "cancel" if made:
            task_id = made.pop()
            scene.within(lambda tx: tasks.begin_cancelling(tx, scene.act(), task_id))
            page = CancelPage(task_id)
            while page is not None:
                page = scene.ask(scene.steps.cancel, page).next_page
        case "hold" if made:
            task_id = made[-1]
            scene.within(lambda tx: tasks.set_paused(tx, scene.act(), task_id, is_paused=True))
            scene.ask(scene.steps.pause, PausePage(task_id, is_paused=True))
            scene.within(lambda tx: tasks.set_paused(tx, scene.act(), task_id, is_paused=False))
            scene.ask(scene.steps.pause, PausePage(task_id, is_paused=False))
        case "later":
            scene.now += 3 * HOUR_MS
