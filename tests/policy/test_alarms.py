"""An alarm begins once something was bad for long enough, ends when it is good, and each causes one notice."""

from dataclasses import replace

import pytest

from hongyan.model.alarm import Alarm, AlarmKind, AlarmRule, AlarmState, NoticeState, Observation, Silence
from hongyan.policy.alarms import RESEND_MS, after, needs_notice, rule_of

KIND, NOW = AlarmKind.CHANNEL_DOWN, 1_000_000
RULE = AlarmRule(0, 60)
BAD, GOOD = (Observation(KIND, "up1", 7, is_bad) for is_bad in (True, False))
PENDING = Alarm(KIND, "up1", AlarmState.PENDING, 7, NOW, NOW)
FIRING = replace(PENDING, state=AlarmState.FIRING, changed_ms=NOW + 60_000)
CLEARED = replace(FIRING, state=AlarmState.CLEARED, changed_ms=NOW + 90_000, notified=NoticeState.CLEARED)


@pytest.mark.parametrize(("alarm", "seen", "at_ms", "state"), [
    (None, GOOD, NOW, None),
    (None, BAD, NOW, AlarmState.PENDING),
    (PENDING, BAD, NOW + 59_999, AlarmState.PENDING),
    (PENDING, BAD, NOW + 60_000, AlarmState.FIRING),
    (PENDING, GOOD, NOW + 1, None),
    (FIRING, BAD, NOW + 70_000, AlarmState.FIRING),
    (FIRING, GOOD, NOW + 70_000, AlarmState.CLEARED),
    (CLEARED, GOOD, NOW + 95_000, AlarmState.CLEARED),
    (CLEARED, BAD, NOW + 95_000, AlarmState.PENDING),
])  # fmt: skip
def test_what_follows_an_observation(alarm, seen, at_ms, state):
    found = after(alarm, seen, RULE, at_ms)

    assert (found and found.state) == state


def test_it_begins_at_once_where_no_duration_is_wanted_and_never_while_its_rule_is_off():
    assert after(None, BAD, AlarmRule(0, 0), NOW).state is AlarmState.FIRING
    assert after(None, BAD, AlarmRule(0, 0, is_on=False), NOW) is None
    assert after(FIRING, BAD, AlarmRule(0, 0, is_on=False), NOW).state is AlarmState.CLEARED


def test_one_that_begins_again_is_reported_again():
    again = after(after(CLEARED, BAD, RULE, NOW + 100_000), BAD, RULE, NOW + 160_000)

    assert (again.state, again.since_ms, again.notified) == (AlarmState.FIRING, NOW + 100_000, NoticeState.NOTHING)


@pytest.mark.parametrize(("alarm", "is_reported"), [
    (PENDING, False), (FIRING, True), (replace(FIRING, notified=NoticeState.FIRING), False),
    (replace(CLEARED, notified=NoticeState.FIRING), True), (CLEARED, False), (replace(CLEARED, notified=NoticeState.NOTHING), False),
])  # fmt: skip
def test_people_hear_of_each_change_once(alarm, is_reported):
    assert needs_notice(alarm, (), NOW + 200_000) is is_reported
    assert not needs_notice(replace(alarm, sending_ms=NOW + 200_000), (), NOW + 200_000 + RESEND_MS - 1)
    assert needs_notice(replace(alarm, sending_ms=NOW), (), NOW + RESEND_MS) is is_reported


@pytest.mark.parametrize(("silence", "is_reported"), [
    (Silence(KIND, "up1", NOW + 1), False), (Silence(KIND, "", NOW + 1), False), (Silence(KIND, "up1", NOW), True),
    (Silence(KIND, "up2", NOW + 1), True), (Silence(AlarmKind.BACKLOG_OLD, "", NOW + 1), True),
])  # fmt: skip
def test_a_silence_lasts_for_its_time(silence, is_reported):
    assert needs_notice(FIRING, [silence], NOW) is is_reported


def test_the_rule_of_one_goes_before_that_of_all():
    rules = {(KIND, "up1"): AlarmRule(1, 1), (KIND, ""): AlarmRule(2, 2)}

    assert [rule_of(rules, KIND, name).threshold for name in ("up1", "up2")] == [1, 2]
    assert rule_of({}, AlarmKind.BACKLOG_OLD, "up1").threshold == 300
