"""Alarms over a store: observations, alarms that fire, notices, rules and silences."""

import pytest
from sqlalchemy import update
from tests.scene import HOUR_MS, UP1, mobiles

from hongyan.model.account import Product
from hongyan.model.alarm import AlarmKind, AlarmRuleChange, AlarmState, Observation, SilenceChange
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.message import ReceiptState
from hongyan.model.owed import OwedKind, Pushed, PushOutcome
from hongyan.services.admin import alarms as admin
from hongyan.services.notices import notice_of
from hongyan.services.queries import alarms as reading
from hongyan.services.queries.needs import NeedKind, needs
from hongyan.services.steps.alarming import CLEARED_MS, Notified
from hongyan.store import schema


def see(scene, with_ledger=False):
    return scene.within(lambda tx: reading.observe(tx, scene.now, with_success=True, with_ledger=with_ledger))


def bad(scene, kind, **others):
    return {one.subject: one.value for one in see(scene, **others) if one.kind is kind and one.is_bad}


def judge(scene, *seen):
    judged = scene.ask(scene.steps.judge_alarms, seen or see(scene))
    return [(alarm.kind, alarm.subject, alarm.state) for alarm in judged.to_notify], judged


def noted(scene, judged):
    for alarm in judged.to_notify:
        scene.ask(scene.steps.alarm_notified, Notified(alarm))


def set_rule(scene, kind, subject="", **said):
    return scene.within(lambda tx: admin.set_rule(tx, scene.act(), kind, subject, AlarmRuleChange(**said)))


def silence(scene, kind, subject="", hours=1, note="works"):
    scene.within(lambda tx: admin.silence(tx, scene.act(), kind, subject, SilenceChange(hours=hours, note=note)))


def firing(scene):
    return scene.within(reading.firing)


def shown(scene):
    return [(row["kind"], row["subject"], row["state"]) for row in scene.within(lambda tx: reading.alarms(tx, scene.now))]


DOWN = Observation(AlarmKind.CHANNEL_DOWN, "up1", 5, is_bad=True)
UP = Observation(AlarmKind.CHANNEL_DOWN, "up1", 0, is_bad=False)
FIRES = (AlarmKind.CHANNEL_DOWN, "up1", AlarmState.FIRING)


def test_channels_that_run_and_are_not_up_are_down(scene):
    scene.own(UP1)

    assert bad(scene, AlarmKind.CHANNEL_DOWN).keys() == {"up1", "up2", "up3"}


def test_a_backlog_is_old_by_its_oldest_message(scene):
    scene.send()
    assert bad(scene, AlarmKind.BACKLOG_OLD) == {}
    scene.now += 301_000
    assert bad(scene, AlarmKind.BACKLOG_OLD) == {"up1": 301}
    set_rule(scene, AlarmKind.BACKLOG_OLD, "up1", threshold=400)
    assert bad(scene, AlarmKind.BACKLOG_OLD) == {}


def test_success_is_low_by_the_week_before(scene):
    _ended(scene, 600, failed=30)
    scene.now += 5 * HOUR_MS
    _ended(scene, 60, failed=30, first=1_000)

    assert bad(scene, AlarmKind.SUCCESS_LOW) == {"up1": 50}
    set_rule(scene, AlarmKind.SUCCESS_LOW, threshold=60)
    assert bad(scene, AlarmKind.SUCCESS_LOW) == {}


def _ended(scene, count, failed, first=0):
    scene.send(numbers=mobiles(count, first))
    segments = scene.claim()
    names = [f"{segment.message_id}" for segment in segments]
    scene.record([scene.accepted(s, name) for s, name in zip(segments, names, strict=True)])
    ends = [(ReceiptState.FAILED, "MK:0001")] * failed + [(ReceiptState.DELIVERED, "DELIVRD")] * (count - failed)
    scene.report(*[scene.receipt(name, state=state, code=code) for name, (state, code) in zip(names, ends, strict=True)])


def test_pushes_fail_when_most_of_some_do(scene):
    account = scene.account("pushed")

    def push(outcome, count):
        for _ in range(count):
            attempt_id, pushed = scene.ids.one(scene.now), Pushed(outcome, 500, "", scene.now, 5)
            scene.within(lambda tx, i=attempt_id, p=pushed: tx.add_attempt(i, account.id, OwedKind.REPORT, 1, "u", p))

    push(PushOutcome.UNREACHED, 4)
    assert bad(scene, AlarmKind.PUSHES_FAILING) == {}
    push(PushOutcome.TAKEN, 1)
    assert bad(scene, AlarmKind.PUSHES_FAILING) == {"pushed": 80}
    scene.now += 11 * 60_000
    assert bad(scene, AlarmKind.PUSHES_FAILING) == {}


def test_a_balance_is_low_by_what_is_free(scene):
    assert bad(scene, AlarmKind.BALANCE_LOW) == {"post": 50}
    set_rule(scene, AlarmKind.BALANCE_LOW, "pre", threshold=10_001)
    set_rule(scene, AlarmKind.BALANCE_LOW, "post", threshold=50)
    assert bad(scene, AlarmKind.BALANCE_LOW) == {"pre": 10_000}


def test_the_ledger_differs_by_its_points(scene):
    assert bad(scene, AlarmKind.LEDGER_DIFFERS, with_ledger=True) == {}
    wallet = schema.wallet
    changed = update(wallet).where(wallet.c.account_id == 1, wallet.c.product == int(Product.SMS))
    scene.within(lambda tx: tx.db.core(changed.values(points=wallet.c.points - 7)))
    assert bad(scene, AlarmKind.LEDGER_DIFFERS, with_ledger=True) == {"ledger": 7}


def test_an_alarm_fires_after_its_duration_is_reported_once_and_cleared(scene):
    assert judge(scene, DOWN)[0] == []
    assert shown(scene) == [("channel_down", "up1", "pending")]
    assert firing(scene) == 0
    scene.now += 60_000
    to_notify, judged = judge(scene, DOWN)
    assert to_notify == [FIRES]
    assert firing(scene) == 1
    assert [alarm.subject for alarm in judged.firing] == ["up1"]
    assert judge(scene, DOWN)[0] == []  # another process sends the notice
    noted(scene, judged)
    scene.now += 3_600_000
    assert judge(scene, DOWN)[0] == []
    to_notify, judged = judge(scene, UP)
    assert to_notify == [(AlarmKind.CHANNEL_DOWN, "up1", AlarmState.CLEARED)]
    noted(scene, judged)
    assert shown(scene) == [("channel_down", "up1", "cleared")]
    assert firing(scene) == 0
    scene.now += CLEARED_MS + 1
    assert judge(scene, UP)[0] == []
    assert scene.rows("alarm") == []


def test_what_could_not_be_reported_is_reported_once_more_a_minute_later(scene):
    set_rule(scene, AlarmKind.CHANNEL_DOWN, duration_s=0)
    assert judge(scene, DOWN)[0] == [FIRES]
    scene.now += 59_999
    assert judge(scene, DOWN)[0] == []
    scene.now += 1
    assert judge(scene, DOWN)[0] == [FIRES]


def test_nobody_hears_of_the_end_of_what_nobody_heard_of(scene):
    set_rule(scene, AlarmKind.CHANNEL_DOWN, duration_s=0)
    silence(scene, AlarmKind.CHANNEL_DOWN, "up1")
    assert judge(scene, DOWN)[0] == []
    assert judge(scene, UP)[0] == []


def test_a_silence_ends_and_then_it_is_reported(scene):
    set_rule(scene, AlarmKind.CHANNEL_DOWN, duration_s=0)
    silence(scene, AlarmKind.CHANNEL_DOWN)
    assert judge(scene, DOWN)[0] == []
    (row,) = scene.within(lambda tx: reading.alarms(tx, scene.now))
    assert row["silenced_until_ms"] == scene.now + HOUR_MS
    scene.now += HOUR_MS
    assert judge(scene, DOWN)[0] == [FIRES]


def test_what_is_gone_is_not_bad_any_more_and_kinds_that_were_not_looked_at_stay(scene):
    set_rule(scene, AlarmKind.CHANNEL_DOWN, duration_s=0)
    ledger = Observation(AlarmKind.LEDGER_DIFFERS, "ledger", 7, is_bad=True)
    _, judged = judge(scene, DOWN, ledger)
    noted(scene, judged)
    other = Observation(AlarmKind.CHANNEL_DOWN, "up2", 0, is_bad=False)

    to_notify, judged = judge(scene, other)
    assert to_notify == [(AlarmKind.CHANNEL_DOWN, "up1", AlarmState.CLEARED)]
    assert [alarm.kind for alarm in judged.firing] == [AlarmKind.LEDGER_DIFFERS]


def test_rules_are_checked_shown_and_reset(scene):
    set_rule(scene, AlarmKind.BACKLOG_OLD, "up1", threshold=900)
    rules = {(row["kind"], row["subject"]): row["threshold"] for row in scene.within(reading.rules)}
    assert (rules["backlog_old", "up1"], rules["backlog_old", "all"]) == (900, 300)
    scene.within(lambda tx: admin.reset_rule(tx, scene.act(), AlarmKind.BACKLOG_OLD, "up1"))
    with pytest.raises(NotFound):
        scene.within(lambda tx: admin.reset_rule(tx, scene.act(), AlarmKind.BACKLOG_OLD, "up1"))
    for kind, subject in ((AlarmKind.BACKLOG_OLD, "pre"), (AlarmKind.BALANCE_LOW, "up1"), (AlarmKind.LEDGER_DIFFERS, "x")):
        with pytest.raises(NotFound):
            set_rule(scene, kind, subject, threshold=1)
    with pytest.raises(Invalid):
        set_rule(scene, AlarmKind.BACKLOG_OLD, duration_s=10**9)
    with pytest.raises(Invalid):
        silence(scene, AlarmKind.BACKLOG_OLD, note="")
    with pytest.raises(Invalid):
        silence(scene, AlarmKind.BACKLOG_OLD, hours=31 * 24)


def test_what_fires_needs_a_hand_the_ledger_first(scene):
    kinds = (AlarmKind.BACKLOG_OLD, AlarmKind.SUCCESS_LOW, AlarmKind.PUSHES_FAILING, AlarmKind.LEDGER_DIFFERS)
    seen = [Observation(kind, "up1", 5, is_bad=True) for kind in kinds]
    judge(scene, *seen)
    assert {need.kind for need in scene.within(needs)}.isdisjoint(NeedKind(kind) for kind in kinds[:3])
    scene.now += 400_000
    judge(scene, *seen)

    found = scene.within(needs)
    assert found[0].kind is NeedKind.LEDGER_DIFFERS
    assert {NeedKind(kind) for kind in kinds} <= {need.kind for need in found}


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_has_its_sentence(scene, kind):
    seen = [Observation(kind, "up1", 5, is_bad=True)]
    scene.ask(scene.steps.judge_alarms, seen)
    scene.now += 400_000
    (alarm,) = scene.ask(scene.steps.judge_alarms, seen).firing

    english, chinese = (notice_of(alarm, language) for language in ("en", "zh"))
    assert english.startswith("Hongyan alarm: ")
    assert chinese.startswith("鸿雁告警：")
    assert "5" in english or kind is AlarmKind.CHANNEL_DOWN
