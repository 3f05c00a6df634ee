"""Message ids: 63 bits, time | node | sequence, so that ids sort by time and partitions prune by them. Task ids begin with a day."""

import re
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
NODE_BITS, SEQ_BITS = 10, 12
NODES = 1 << NODE_BITS
TASKS_A_DAY = 10**10
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
GREATEST_TASK_ID = 10**16
_TIME_SHIFT = NODE_BITS + SEQ_BITS
IDS_AN_HOUR = HOUR_MS << _TIME_SHIFT
FIRST_HOUR = EPOCH_MS // HOUR_MS
"""An id divided by IDS_AN_HOUR, and this added, is the hour since 1970, UTC, in which it was made."""

_SMS_ID = re.compile("[0-9a-fA-F]{16}0[0-9a-fA-F]{15}")  # a task id of 16 digits leaves the first of its 16 hexadecimal ones 0


def first_id(at_ms: int) -> int:
    """The smallest id that can be made at this moment (milliseconds since 1970, UTC)."""
    return max(0, at_ms - EPOCH_MS) << _TIME_SHIFT


def first_task_id(at_ms: int) -> int:
    """The smallest task id of the day that this moment has in China: yyMMdd and ten digits."""
    return int(china_day(at_ms)) * TASKS_A_DAY


def china_day(at_ms: int) -> str:
    """The day of a moment in China, yyMMdd: how the ids of its tasks begin."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).strftime("%y%m%d")


def name_task(day: str, number: int, origin: str) -> tuple[int, str]:
    """The task id and the smsId of a day's task of this number. Every task is named here.

    day:     of China, yyMMdd
    origin:  16 hexadecimal digits that keep installations apart
    returns: 16 digits; 32 hexadecimal digits, of which the last 16 are the task id
    """
    task_id = int(day) * TASKS_A_DAY + number
    return task_id, f"{origin}{task_id:016x}"


def task_of(sms_id: str) -> int | None:
    """The task id that an smsId ends in; None for what is no smsId."""
    return int(sms_id[16:], 16) if _SMS_ID.fullmatch(sms_id) else None


def made_ms(some_id: int) -> int:
    """The moment an id was made, in milliseconds since 1970, UTC."""
    return (some_id >> _TIME_SHIFT) + EPOCH_MS


@dataclass(slots=True)
class IdSource:
    """Returns ids that only grow, for one node number; threads may share it.

    A burst of more than 4096 ids in a millisecond borrows from the next ones; a clock that steps back is waited out: ids go on
    from where they were. So they do after a restart, behind `newest`.
    """

    node: int
    newest: InitVar[int] = 0  # of all ids that are stored
    _next: int = field(default=0, init=False)  # time and sequence, without the node
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def __post_init__(self, newest: int) -> None:
        self._next = ((newest >> _TIME_SHIFT) + 1) << SEQ_BITS if newest else 0

    def take(self, count: int, now_ms: int) -> list[int]:
        floor = (now_ms - EPOCH_MS) << SEQ_BITS
        with self._lock:
            start = max(self._next, floor)
            self._next = start + count
        node = self.node << SEQ_BITS
        low = (1 << SEQ_BITS) - 1
        return [(n >> SEQ_BITS) << _TIME_SHIFT | node | (n & low) for n in range(start, start + count)]

    def one(self, now_ms: int) -> int:
        return self.take(1, now_ms)[0]
