"""The Msg_Id of a submit: 26 bits of time, 22 of a gateway code, 16 of a sequence.

The 38 bits of code and sequence hold the number that the task has on its day, from the day's counter in the store. So no two
processes and no restart use an id twice within a year, and it leads back to its task.

source: CMPP 3.0, 7.4.3.2
"""

from datetime import datetime, timedelta
from functools import lru_cache

from hongyan.adapters.carrier_time import BEIJING, beijing
from hongyan.model.ids import TASKS_A_DAY
from hongyan.wire.cmpp.auth import MsgId

_SEQUENCE_BITS = 16
_DAY = timedelta(days=1)
_MOST = 2**64


class CmppMessageNames:
    """Implements ports.message_names.MessageNames."""

    def name(self, task_id: int, at_ms: int) -> str:
        day, number = divmod(task_id, TASKS_A_DAY)
        return str(_moment_of(day, at_ms // 1000) | number)

    def task_of(self, message_id: str, now_ms: int) -> int | None:
        if not (message_id.isascii() and message_id.isdecimal() and int(message_id) < _MOST):
            return None
        parts = MsgId.unpacked(int(message_id))
        number = parts.gateway << _SEQUENCE_BITS | parts.sequence
        day = _latest(parts.month, parts.day, beijing(now_ms / 1000) + _DAY)
        return None if day is None or number >= TASKS_A_DAY else int(day.strftime("%y%m%d")) * TASKS_A_DAY + number


@lru_cache(maxsize=16)
def _moment_of(day: int, second: int) -> int:
    """Returns the id of number 0 of a task's day, YYMMDD, at a second; that of the day's last one if the second is of another
    day.
    """
    at = beijing(second)
    month, of_month = day // 100 % 100, day % 100
    clock = (at.hour, at.minute, at.second) if (at.month, at.day) == (month, of_month) else (23, 59, 59)
    return MsgId(month, of_month, *clock, gateway=0, sequence=0).packed()


def _latest(month: int, day: int, until: datetime) -> datetime | None:
    """Returns the last such day before a moment; None if there is none. The 29th of February may be years ago."""
    for year in range(until.year, until.year - 9, -1):
        try:
            found = datetime(year, month, day, tzinfo=BEIJING)
        except ValueError:
            continue
        if found <= until:
            return found
    return None
