"""SQL of alarms: their rules, what is bad, and the gauges that only they read."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from hongyan.model.alarm import Alarm, AlarmKind, AlarmRule, AlarmState, NoticeState, Silence
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Batch, Single, insert

_COLUMNS = "kind, subject, state, value, since_ms, changed_ms, notified, sending_ms"
_ALARMS = Single(f"SELECT {_COLUMNS} FROM alarm ORDER BY kind, subject", lock="FOR UPDATE")
_PUT = insert("alarm", {
    "kind": TEXT, "subject": TEXT, "state": SMALL, "value": INT, "since_ms": INT, "changed_ms": INT, "notified": SMALL, "sending_ms": INT,
}, "ON CONFLICT (kind, subject) DO UPDATE SET state = excluded.state, value = excluded.value, since_ms = excluded.since_ms,"
   " changed_ms = excluded.changed_ms, notified = excluded.notified, sending_ms = excluded.sending_ms")  # fmt: skip
_DROP = Batch(
    "DELETE FROM alarm WHERE (kind, subject) IN (SELECT r.kind, r.subject FROM {rows})", {"kind": TEXT, "subject": TEXT}
)
_NOTIFIED = Single(
    "UPDATE alarm SET notified = :notified WHERE kind = :kind AND subject = :subject AND changed_ms = :changed RETURNING kind"
)
_COUNT = Single("SELECT count(*) FROM alarm WHERE state = :state")
_RULES = Single("SELECT kind, subject, threshold, duration_s, is_on FROM alarm_rule ORDER BY kind, subject")
_PUT_RULE = Single(
    "INSERT INTO alarm_rule (kind, subject, threshold, duration_s, is_on) VALUES (:kind, :subject, :threshold, :duration, :is_on)"
    " ON CONFLICT (kind, subject) DO UPDATE SET threshold = excluded.threshold, duration_s = excluded.duration_s,"
    " is_on = excluded.is_on"
)
_DROP_RULE = Single("DELETE FROM alarm_rule WHERE kind = :kind AND subject = :subject RETURNING kind")
_SILENCES = Single("SELECT kind, subject, until_ms FROM alarm_silence")
_PUT_SILENCE = Single(
    "INSERT INTO alarm_silence (kind, subject, until_ms, note) VALUES (:kind, :subject, :until, :note)"
    " ON CONFLICT (kind, subject) DO UPDATE SET until_ms = excluded.until_ms, note = excluded.note"
)
_WALLETS = Single("SELECT account_id, product, points, credit, topped_up FROM wallet")


class AlarmsSql:
    db: Connection

    def lock_alarms(self) -> list[Alarm]:
        return [
            Alarm(
                kind=AlarmKind(kind),
                subject=subject,
                state=AlarmState(state),
                value=value,
                since_ms=since,
                changed_ms=changed,
                notified=NoticeState(notified),
                sending_ms=sending,
            )
            for kind, subject, state, value, since, changed, notified, sending in self.db.run(_ALARMS)
        ]

    def put_alarms(self, alarms: Sequence[Alarm]) -> None:
        self.db.write(
            _PUT,
            [
                (a.kind.value, a.subject, int(a.state), a.value, a.since_ms, a.changed_ms, int(a.notified), a.sending_ms)
                for a in alarms
            ],
        )

    def drop_alarms(self, keys: Sequence[tuple[AlarmKind, str]]) -> None:
        self.db.write(_DROP, [(kind.value, subject) for kind, subject in keys])

    def alarm_notified(self, alarm: Alarm, notified: NoticeState) -> None:
        self.db.run(_NOTIFIED, kind=alarm.kind.value, subject=alarm.subject, changed=alarm.changed_ms, notified=int(notified))

    def alarm_rules(self) -> dict[tuple[AlarmKind, str], AlarmRule]:
        return {
            (AlarmKind(kind), subject): AlarmRule(threshold, duration, bool(is_on))
            for kind, subject, threshold, duration, is_on in self.db.run(_RULES)
        }

    def put_alarm_rule(self, kind: AlarmKind, subject: str, rule: AlarmRule) -> None:
        self.db.run(
            _PUT_RULE, kind=kind.value, subject=subject, threshold=rule.threshold, duration=rule.duration_s, is_on=rule.is_on
        )

    def drop_alarm_rule(self, kind: AlarmKind, subject: str) -> bool:
        return bool(self.db.run(_DROP_RULE, kind=kind.value, subject=subject))

    def alarm_silences(self) -> list[Silence]:
        return [Silence(AlarmKind(kind), subject, until) for kind, subject, until in self.db.run(_SILENCES)]

    def put_alarm_silence(self, silence: Silence, note: str) -> None:
        self.db.run(_PUT_SILENCE, kind=silence.kind.value, subject=silence.subject, until=silence.until_ms, note=note)

    def alarm_rows(self) -> list[dict[str, Any]]:
        return self.db.core(select(schema.alarm))

    def alarms_in(self, state: AlarmState) -> int:
        return int(self.db.run(_COUNT, state=int(state))[0][0])

    def pushes_since(self, first_id: int) -> list[dict[str, Any]]:
        attempt = schema.attempt
        query = select(attempt.c.account_id, attempt.c.outcome, func.count().label("count")).where(attempt.c.id >= first_id)
        return self.db.core(query.group_by(attempt.c.account_id, attempt.c.outcome))

    def wallet_balances(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        return {
            (account, product): (points, credit, topped) for account, product, points, credit, topped in self.db.run(_WALLETS)
        }
