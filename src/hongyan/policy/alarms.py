"""The life of an alarm: it begins once something was bad for long enough, and is cleared when it is no longer bad."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hongyan.model.alarm import EVERYTHING, USUAL, Alarm, AlarmKind, AlarmRule, AlarmState, NoticeState, Observation, Silence

AlarmKey = tuple[AlarmKind, str]

RESEND_MS = 60_000
"""When a notice is sent once more that was not confirmed."""


def rule_of(rules: Mapping[AlarmKey, AlarmRule], kind: AlarmKind, subject: str) -> AlarmRule:
    """Returns the rule for a channel or account, else that of the kind, else the usual one."""
    return rules.get((kind, subject)) or rules.get((kind, EVERYTHING)) or USUAL[kind]


def after(alarm: Alarm | None, seen: Observation, rule: AlarmRule, now_ms: int) -> Alarm | None:
    """Returns the alarm after an observation; None if there is none, or none any more."""
    if not (seen.is_bad and rule.is_on):
        return _cleared(alarm, seen, now_ms)
    if alarm is None or alarm.state is AlarmState.CLEARED:
        alarm = Alarm(seen.kind, seen.subject, AlarmState.PENDING, seen.value, now_ms, now_ms)
    if alarm.state is AlarmState.PENDING and now_ms - alarm.since_ms >= rule.duration_s * 1000:
        alarm = replace(alarm, state=AlarmState.FIRING, changed_ms=now_ms)
    return replace(alarm, value=seen.value)


def _cleared(alarm: Alarm | None, seen: Observation, now_ms: int) -> Alarm | None:
    if alarm is None or alarm.state is AlarmState.PENDING:
        return None
    if alarm.state is AlarmState.FIRING:
        return replace(alarm, state=AlarmState.CLEARED, value=seen.value, changed_ms=now_ms, sending_ms=0)
    return alarm


def needs_notice(alarm: Alarm, silences: Iterable[Silence], now_ms: int) -> bool:
    """Returns whether people are to be notified now: it fires, or an alarm of which they were notified is cleared."""
    if now_ms - alarm.sending_ms < RESEND_MS or is_silenced(alarm, silences, now_ms):
        return False
    if alarm.state is AlarmState.FIRING:
        return alarm.notified is NoticeState.NOTHING
    return alarm.state is AlarmState.CLEARED and alarm.notified is NoticeState.FIRING


def is_silenced(alarm: Alarm, silences: Iterable[Silence], now_ms: int) -> bool:
    return any(
        one.kind is alarm.kind and one.subject in {EVERYTHING, alarm.subject} and one.until_ms > now_ms for one in silences
    )
