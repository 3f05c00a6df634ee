"""What alarms do inside their transactions, and what is looked at for them."""

from collections.abc import Sequence
from typing import Any, Protocol

from hongyan.model.alarm import Alarm, AlarmKind, AlarmRule, AlarmState, NoticeState, Silence
from hongyan.ports.tx.billing import TurnoverTx
from hongyan.ports.tx.queries import ListsTx
from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx
from hongyan.ports.tx.statistics import StatisticsTx


class AlarmRulesTx(Protocol):
    def alarm_rules(self) -> dict[tuple[AlarmKind, str], AlarmRule]:
        """The rules that were set, by kind and subject."""
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
        """Note the notice that people got of an alarm, unless it has changed since."""
        ...


class ObserveTx(AlarmRulesTx, StatisticsTx, ListsTx, TurnoverTx, Protocol):
    def alarm_rows(self) -> list[dict[str, Any]]: ...

    def alarms_in(self, state: AlarmState) -> int:
        """The number of alarms in a state."""
        ...

    def pushes_since(self, first_id: int) -> list[dict[str, Any]]:
        """How often each account was posted to since, by outcome."""
        ...

    def wallet_balances(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """Points, credit and top-ups of every wallet, by account and product."""
        ...
