"""The alarming step: observations become alarms. Alarms that need a notice are returned, each to one process only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState, NoticeState, Observation
from hongyan.policy.alarms import after, needs_notice, rule_of
from hongyan.ports.tx.alarms import JudgeAlarmsTx

CLEARED_MS = 3 * 24 * 3_600_000
"""How long a cleared alarm is still shown."""


@dataclass(frozen=True, slots=True)
class Notified:
    """The state of an alarm of which people got a notice."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Judged:
    to_notify: list[Alarm]  # to be sent now, by the process that asked
    firing: list[Alarm]


def judge(tx: JudgeAlarmsTx, batches: Sequence[Sequence[Observation]], *, now_ms: int) -> list[Judged]:
    """Judge each batch of observations.

    A subject that is no longer observed, such as a removed channel, is no longer bad. Kinds that a batch does not observe stay
    as they are.
    """
    return [_judge(tx, batch, now_ms) for batch in batches]


def _judge(tx: JudgeAlarmsTx, seen: Sequence[Observation], now_ms: int) -> Judged:
    rules, silences = tx.alarm_rules(), tx.alarm_silences()
    before = {(alarm.kind, alarm.subject): alarm for alarm in tx.lock_alarms()}
    kinds = {one.kind for one in seen}
    known = {(one.kind, one.subject): one for one in seen}
    gone = [Observation(*key, 0, is_bad=False) for key in before if key[0] in kinds and key not in known]
    now: dict[tuple[AlarmKind, str], Alarm] = {}
    for one in (*seen, *gone):
        alarm = after(before.get((one.kind, one.subject)), one, rule_of(rules, one.kind, one.subject), now_ms)
        if alarm is not None and not _is_over(alarm, now_ms):
            now[one.kind, one.subject] = alarm
    due = [
        replace(alarm, sending_ms=now_ms)
        for key in before.keys() | now.keys()
        if (alarm := now.get(key) or (before.get(key) if key[0] not in kinds else None))
        and needs_notice(alarm, silences, now_ms)
    ]
    now |= {(alarm.kind, alarm.subject): alarm for alarm in due}
    tx.put_alarms([alarm for key, alarm in sorted(now.items()) if alarm != before.get(key)])
    tx.drop_alarms([key for key in sorted(before) if key[0] in kinds and key not in now])
    rest = [alarm for key, alarm in before.items() if key[0] not in kinds and key not in now]
    firing = [alarm for alarm in (*now.values(), *rest) if alarm.state is AlarmState.FIRING]
    return Judged(sorted(due, key=lambda alarm: (alarm.kind, alarm.subject)), firing)


def _is_over(alarm: Alarm, now_ms: int) -> bool:
    return alarm.state is AlarmState.CLEARED and now_ms - alarm.changed_ms > CLEARED_MS


def note_notified(tx: JudgeAlarmsTx, due: Sequence[Notified]) -> list[None]:
    for one in due:
        heard = NoticeState.FIRING if one.alarm.state is AlarmState.FIRING else NoticeState.CLEARED
        tx.alarm_notified(one.alarm, heard)
    return [None] * len(due)
