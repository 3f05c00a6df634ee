"""Alarms: rules over counters and gauges, what was observed, and the state of each alarm. docs/alarms.md says what to do at
each.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto
from typing import ClassVar

from hongyan.model.fields import Change, Param, described
from hongyan.model.ids import DAY_MS
from hongyan.model.kinds import FLAG, decimal, number, word
from hongyan.model.names import NOTE


class AlarmKind(StrEnum):
    CHANNEL_DOWN = "channel_down"
    BACKLOG_OLD = "backlog_old"
    SUCCESS_LOW = "success_low"
    PUSHES_FAILING = "pushes_failing"
    BALANCE_LOW = "balance_low"
    LEDGER_DIFFERS = "ledger_differs"
    CERTIFICATE_ENDS = "certificate_ends"


ALARM_KIND = Param("kind", "Which alarm.", word(AlarmKind), is_required=True)


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When a value counts as bad, and how long it must stay bad before an alarm begins.

    threshold: the bound beyond which the value is bad, in the unit of its kind
    """

    threshold: int
    duration_s: int
    is_on: bool = True


USUAL: dict[AlarmKind, AlarmRule] = {
    AlarmKind.CHANNEL_DOWN: AlarmRule(0, 60),
    AlarmKind.BACKLOG_OLD: AlarmRule(300, 60),  # seconds that the oldest message has waited
    AlarmKind.SUCCESS_LOW: AlarmRule(20, 300),  # percentage points below the week before
    AlarmKind.PUSHES_FAILING: AlarmRule(50, 300),  # percent of the posts of ten minutes that failed
    AlarmKind.BALANCE_LOW: AlarmRule(1_000, 0),  # points that are free
    AlarmKind.LEDGER_DIFFERS: AlarmRule(0, 0),  # points by which wallets and ledger differ
    AlarmKind.CERTIFICATE_ENDS: AlarmRule(14, 0),  # days that the certificate still lasts
}
"""The rules that hold where nobody has set another one."""

THRESHOLD_MOST = 10**12
DURATION_MOST_S = 7 * 24 * 3600

EVERYTHING = ""
"""The subject of a rule or a silence that holds for all channels or accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRuleChange(Change):
    """The fields of a rule that can be changed; None leaves a field as it is."""

    thing: ClassVar[type] = AlarmRule

    threshold: int | None = described(
        "Beyond it something is bad; its unit stands in the list of rules.", number(0, THRESHOLD_MOST)
    )
    duration_s: int | None = described("Seconds for which it must be bad.", number(0, DURATION_MOST_S))
    is_on: bool | None = described("Whether the rule holds at all.", FLAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceChange(Change):
    """The fields of a new silence."""

    hours: float = described("For so many hours; 0 ends a silence.", decimal(0, 30 * 24), is_required=True)
    note: str = described("Why; the audit keeps it.", NOTE, is_required=True)


class AlarmState(IntEnum):
    PENDING = 1  # bad, but not for long enough yet
    FIRING = 2
    CLEARED = 3


class NoticeState(IntEnum):
    """The last notice of an alarm that was sent to people."""

    NOTHING = 0
    FIRING = 1
    CLEARED = 2


@dataclass(frozen=True, slots=True)
class Observation:
    """One observed value of a channel, an account or the ledger, in the unit of its kind."""

    kind: AlarmKind
    subject: str
    value: int
    is_bad: bool


@dataclass(frozen=True, slots=True)
class CertificateEnd:
    """When a certificate ends. name: of its file"""

    name: str
    ends_ms: int

    def days_left(self, now_ms: int) -> int:
        return max(0, self.ends_ms - now_ms) // DAY_MS

    def is_near(self, now_ms: int, days: int = USUAL[AlarmKind.CERTIFICATE_ENDS].threshold) -> bool:
        """Returns whether it ends within so many days, or has ended."""
        return self.ends_ms - now_ms <= days * DAY_MS


@dataclass(frozen=True, slots=True)
class Alarm:
    kind: AlarmKind
    subject: str
    state: AlarmState
    value: int
    since_ms: int  # since when it has been bad
    changed_ms: int  # when it began to fire, or was cleared
    notified: NoticeState = NoticeState.NOTHING
    sending_ms: int = 0  # when a process last began to send a notice of it


@dataclass(frozen=True, slots=True)
class Silence:
    kind: AlarmKind
    subject: str
    until_ms: int


class NoticeResult(StrEnum):
    """The outcome of sending a notice."""

    SENT = auto()
    FAILED = auto()
    NOBODY = auto()  # no address is configured
