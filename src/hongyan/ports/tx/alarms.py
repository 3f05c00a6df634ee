"""What alarms do inside their transactions, and what they look at."""

from collections.abc import Sequence
from typing import Any, Protocol

from hongyan.model.alarm import Alarm, AlarmKind, AlarmRule, AlarmState, NoticeState, Silence
from hongyan.ports.tx.billing import TurnoverTx
from hongyan.ports.tx.queries import ListsTx
from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx
from hongyan.ports.tx.statistics import StatisticsTx


class AlarmRulesTx(Protocol):
    def alarm_rules(self) -> dict[tuple[AlarmKind, str], AlarmRule]:
        """Returns the rules that were set, by kind and subject."""
        ...

    def alarm_silences(self) -> list[Silence]: ...


class SetAlarmsTx(AlarmRulesTx, ConfigRowsTx, AuditTx, Protocol):
    def put_alarm_rule(self, kind: AlarmKind, subject: str, rule: AlarmRule) -> None: ...

    def drop_alarm_rule(self, kind: AlarmKind, subject: str) -> bool: ...

    def put_alarm_silence(self, silence: Silence, note: str) -> None: ...


class JudgeAlarmsTx(AlarmRulesTx, Protocol):
    def lock_alarms(self) -> list[Alarm]: ...

    def put_alarms(self, alarms: Sequence[Alarm]) -> None: ...

    def drop_alarms(self, keys: Sequence[tuple[AlarmKind, str]]) -> None: ...

    def alarm_notified(self, alarm: Alarm, notified: NoticeState) -> None:
        """Store which notice of an alarm was sent, unless the alarm changed since."""
        ...


class ObserveTx(AlarmRulesTx, StatisticsTx, ListsTx, TurnoverTx, Protocol):
    def alarm_rows(self) -> list[dict[str, Any]]: ...

    def alarms_in(self, state: AlarmState) -> int:
        """Returns the number of alarms in a state."""
        ...

    def pushes_since(self, first_id: int) -> list[dict[str, Any]]:
        """Returns how often each account was posted to since then, by outcome."""
        ...

    def wallet_balances(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """Returns points, credit and top-ups of every wallet, by account and product."""
        ...
