"""Questions of customers, over their sessions, about messages that they submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from hongyan.model.hourly import hours_of
from hongyan.model.ids import HOUR_MS, TASKS_A_DAY, first_id
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedState
from hongyan.model.session_question import MessageCounts
from hongyan.ports.tx.session_queries import SessionQueriesTx

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """A task, or a part of a long text, of an account."""

    account_id: int
    number: int


@dataclass(frozen=True, slots=True)
class MessageFound:
    """is_part: the text that it belongs to is not complete yet"""

    task_id: int
    state: MessageState = MessageState.QUEUED
    code: str = ""
    changed_ms: int = 0
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class CountAsked:
    account_id: int
    day: date  # of China
    service: str | None


def find_messages(tx: SessionQueriesTx, asked: Sequence[MessageAsked]) -> list[MessageFound | None]:
    return [_find(tx, one) for one in asked]


def _find(tx: SessionQueriesTx, asked: MessageAsked) -> MessageFound | None:
    of_part = tx.part_of_task(asked.account_id, asked.number)
    if of_part == 0:
        return MessageFound(0, is_part=True)
    task_id = of_part or asked.number
    found = tx.state_of_task(asked.account_id, task_id)
    return MessageFound(task_id, *found) if found else None


def names_of_tasks(tx: SessionQueriesTx, task_ids: Sequence[int]) -> list[str]:
    return [tx.name_of_task(task_id) for task_id in task_ids]


def count_messages(tx: SessionQueriesTx, asked: Sequence[CountAsked]) -> list[MessageCounts]:
    return [_count(tx, one) for one in asked]


def _count(tx: SessionQueriesTx, asked: CountAsked) -> MessageCounts:
    hours = hours_of((asked.day - _EPOCH).days)
    if asked.service is not None:
        first = int(f"{asked.day:%y%m%d}") * TASKS_A_DAY
        return tx.count_service(asked.account_id, asked.service, first, first + TASKS_A_DAY - 1)
    counts = tx.count_day(asked.account_id, hours.start, hours.stop - 1)
    replies = tx.count_replies(asked.account_id, first_id(hours.start * HOUR_MS), first_id(hours.stop * HOUR_MS) - 1)
    waiting, failed = replies.get(OwedState.WAITING, 0), replies.get(OwedState.PARKED, 0)
    return replace(
        counts, replies_delivered=sum(replies.values()) - waiting - failed, replies_waiting=waiting, replies_failed=failed
    )
