"""Ids of 63 bits: time | node | sequence. They sort by time, and partitions are pruned by them. Task ids begin with a day
instead.
"""

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
EVER_MS = 2**63 - 1
"""Behind every moment: the end of a span that has none."""

GREATEST_TASK_ID = 10**16
_TIME_SHIFT = NODE_BITS + SEQ_BITS
_GREATEST_MS = (1 << 63 - _TIME_SHIFT) - 1  # in 2089
IDS_AN_HOUR = HOUR_MS << _TIME_SHIFT
FIRST_HOUR = EPOCH_MS // HOUR_MS
"""The hour since 1970, in UTC, in which an id was made is id // IDS_AN_HOUR plus this."""

_SMS_ID = re.compile("[0-9a-fA-F]{16}0[0-9a-fA-F]{15}")  # the first of the 16 hexadecimal digits of a task id is always 0


def first_id(at_ms: int) -> int:
    """Returns the smallest id of this moment (milliseconds since 1970, UTC); of one that no id can have the nearest."""
    return min(max(0, at_ms - EPOCH_MS), _GREATEST_MS) << _TIME_SHIFT


def first_task_id(at_ms: int) -> int:
    """Returns the smallest task id of this moment's day in China: yyMMdd and ten digits."""
    return int(china_day(at_ms)) * TASKS_A_DAY


def china_day(at_ms: int) -> str:
    """Returns the day of a moment in China, yyMMdd: the first digits of the ids of its tasks."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).strftime("%y%m%d")


def name_task(day: str, number: int, origin: str) -> tuple[int, str]:
    """Returns the task id and the smsId of a day's task with this number. Every task gets its ids here.

    day:     of China, yyMMdd
    origin:  16 hexadecimal digits that differ between installations
    returns: 16 digits; 32 hexadecimal digits, of which the last 16 are the task id
    """
    task_id = int(day) * TASKS_A_DAY + number
    return task_id, f"{origin}{task_id:016x}"


def task_of(sms_id: str) -> int | None:
    """Returns the task id at the end of an smsId; None for a text that is no smsId."""
    return int(sms_id[16:], 16) if _SMS_ID.fullmatch(sms_id) else None


def made_ms(some_id: int) -> int:
    """Returns the moment at which an id was made, in milliseconds since 1970, UTC."""
    return (some_id >> _TIME_SHIFT) + EPOCH_MS


def reference_of(some_id: int) -> int:
    """Returns a number of two octets for the parts of a long text, of which the lower octet alone will do.

    Handsets join parts by it, so texts that follow each other must differ in it. The ids of those that come one by one differ in their
    time alone, those of one millisecond in their sequence alone.
    """
    return (some_id ^ some_id >> _TIME_SHIFT) & 0xFFFF


@dataclass(slots=True)
class IdSource:
    """Makes ids that only grow, for one node number. Threads may share it.

    More than 4096 ids in a millisecond use numbers of the next milliseconds. When the clock steps back, ids go on from where
    they were. After a restart they go on behind `newest`.
    """

    node: int
    newest: InitVar[int] = 0  # the greatest id that is stored
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
