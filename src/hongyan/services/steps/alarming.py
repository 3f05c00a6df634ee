"""The alarming step: what was seen becomes alarms, and those of which people are to be told now are given out, each to one process."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState, Observation, ToldState
from hongyan.policy.alarms import after, is_to_be_told, rule_of
from hongyan.ports.tx.alarms import JudgeAlarmsTx

CLEARED_MS = 3 * 24 * 3_600_000
"""How long an alarm that was cleared is still shown."""


@dataclass(frozen=True, slots=True)
class Told:
    """People were told of an alarm as it was."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Judged:
    to_tell: list[Alarm]  # to people, now, by whoever asked
    firing: list[Alarm]


def judge(tx: JudgeAlarmsTx, batches: Sequence[Sequence[Observation]], *, now_ms: int) -> list[Judged]:
    """What each batch of observations amounts to.

    What is looked at no more, such as a channel that is gone, is not bad any more. Kinds that a batch has nothing of stay as they are.
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
    told = [
        replace(alarm, sending_ms=now_ms)
        for key in before.keys() | now.keys()
        if (alarm := now.get(key) or (before.get(key) if key[0] not in kinds else None))
        and is_to_be_told(alarm, silences, now_ms)
    ]
    now |= {(alarm.kind, alarm.subject): alarm for alarm in told}
    tx.put_alarms([alarm for key, alarm in sorted(now.items()) if alarm != before.get(key)])
    tx.drop_alarms([key for key in sorted(before) if key[0] in kinds and key not in now])
    rest = [alarm for key, alarm in before.items() if key[0] not in kinds and key not in now]
    firing = [alarm for alarm in (*now.values(), *rest) if alarm.state is AlarmState.FIRING]
    return Judged(sorted(told, key=lambda alarm: (alarm.kind, alarm.subject)), firing)


def _is_over(alarm: Alarm, now_ms: int) -> bool:
    return alarm.state is AlarmState.CLEARED and now_ms - alarm.changed_ms > CLEARED_MS


def note_told(tx: JudgeAlarmsTx, told: Sequence[Told]) -> list[None]:
    for one in told:
        heard = ToldState.FIRING if one.alarm.state is AlarmState.FIRING else ToldState.CLEARED
        tx.alarm_told(one.alarm, heard)
    return [None] * len(told)
