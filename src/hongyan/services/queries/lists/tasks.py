"""Tasks, and the codes with which a task's messages failed."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from itertools import accumulate

from hongyan.model.account import Product
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Param
from hongyan.model.ids import GREATEST_TASK_ID
from hongyan.model.kinds import number, word
from hongyan.model.message import MessageState, TaskState
from hongyan.ports.tx.queries import LOOKED_MOST, ListsTx, TaskFilter, TaskSpan
from hongyan.ports.tx.statistics import StatisticsTx
from hongyan.services.queries.lists.filters import OF_ACCOUNT
from hongyan.services.queries.lists.listing import FOREVER, FoundRows, Listing, ListQuery, Span
from hongyan.services.queries.lists.names import only_of
from hongyan.services.queries.lists.span_parts import HOURS_MOST, SpanPart, look_through, parts_of
from hongyan.services.queries.statistics import explained

TASK = Param("task", "The task's 16 digits.", number(0, GREATEST_TASK_ID), is_required=True)


class TaskStateWord(StrEnum):
    """The state of a task as people read it: one that is paused is paused, wherever it stands."""

    WAITING = "waiting"
    RELEASING = "releasing"
    RELEASED = "released"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class TaskSize(StrEnum):
    SINGLE = "single"
    BATCH = "batch"


TASK_STATE = Param("state", "Only tasks in this state.", word(TaskStateWord))
SIZE = Param("size", "Only tasks of one number, or only those of several.", word(TaskSize))
PRODUCT = Param("product", "Only of this product.", word(Product))


def _tasks(tx: ListsTx, query: ListQuery) -> FoundRows:
    """Read tasks in the order of their acceptance: ids are taken in blocks by several processes."""
    wanted, after = _wanted(tx, query), tuple(query.after) if query.after else None
    if not wanted.is_narrow:
        return FoundRows(_with_progress(tx, tx.tasks(query.most, wanted, after)), 0, None)

    def part_of(part: SpanPart) -> TaskFilter:
        return replace(wanted, since_ms=part.since_ms, until_ms=part.until_ms)

    found = look_through(
        _parts_with_tasks(tx, wanted, after),
        query.most,
        LOOKED_MOST,
        lambda part, most, looked_most: tx.tasks(most, part_of(part), after, looked_most),
        lambda part, looked_most: tx.tasks_looked_at(part_of(part), after, looked_most),
    )
    return replace(found, rows=_with_progress(tx, found.rows))


def _parts_with_tasks(tx: ListsTx, wanted: TaskFilter, after: tuple[int, int] | None) -> list[SpanPart]:
    """Returns what is looked through for tasks: of an account the hours in which it paid for some."""
    span = SpanPart(wanted.since_ms, wanted.until_ms if after is None else min(wanted.until_ms, after[0] + 1))
    if wanted.account_id is None:
        return [span]
    return parts_of(span, tx.hours_with_tasks(wanted.account_id, span.hours, HOURS_MOST))


def _with_progress(tx: ListsTx, rows: list[Facts]) -> list[Facts]:
    counted = _counted(tx, rows)
    return [
        row
        | {
            "state": "paused" if row["is_paused"] else TaskState(row["state"]).name.lower(),
            "product": Product(row["product"]).name.lower(),
        }
        | counted.get(row["id"], {})
        for row in rows
    ]


def _wanted(tx: ListsTx, query: ListQuery) -> TaskFilter:
    """raises: NotFound"""
    state, size, product = (query.given.get(name) for name in ("state", "size", "product"))
    is_paused = state is TaskStateWord.PAUSED
    return TaskFilter(
        account_id=only_of(tx, query).get("account_id"),
        product=None if product is None else int(product),
        state=None if state is None or is_paused else int(TaskState[state.name]),
        is_paused=None if state is None else is_paused,
        is_batch=None if size is None else size is TaskSize.BATCH,
        since_ms=query.given.get("since_ms", 0),
        until_ms=query.given.get("until_ms", FOREVER),
    )


def _counted(tx: ListsTx, rows: list[Facts]) -> dict[int, Facts]:
    """Returns the progress of tasks by id: of the small ones first, until as many messages are read as a page may read.

    Messages of other tasks may lie between those of a task. So each task may read no more than its share, by its numbers.
    """
    small_first = sorted(rows, key=lambda row: row["numbers"])
    sums = accumulate(row["numbers"] for row in small_first)
    chosen = {row["id"]: row for row, so_far in zip(small_first, sums, strict=True) if so_far <= LOOKED_MOST}
    a_number = LOOKED_MOST / max(1, sum(row["numbers"] for row in chosen.values()))
    spans = [TaskSpan(row["id"], row["first_id"], row["last_id"], int(row["numbers"] * a_number)) for row in chosen.values()]
    counted = tx.task_states_within(spans)
    return {task_id: progress_of(states, chosen[task_id]["numbers"]) for task_id, states in counted.items()}


PROGRESS = ("sent", "delivered", "failed", "unknown", "cancelled")


def progress_of(states: Mapping[int, int], numbers: int) -> Facts:
    """Returns how many of a task's messages are in each state that counts as progress, and the share that ended, in percent."""
    counts = {name: states.get(int(MessageState[name.upper()]), 0) for name in PROGRESS}
    ended = sum(counts.values()) - counts["sent"]
    return {"progress": round(100 * ended / numbers, 1) if numbers else 100.0} | counts


def _task_codes(tx: StatisticsTx, query: ListQuery) -> list[Facts]:
    """Returns codes, the most frequent first."""
    rows = explained(tx, tx.task_codes(query.given["task"]), query.language)
    return [row | {"place": place} for place, row in enumerate(rows)]


TASKS = Listing(
    name="tasks",
    thing="Task",
    title="Tasks",
    summary="List tasks, newest first.",
    columns=columns_of(
        "id:int account product source address extno numbers:int points:int state progress:number? sent:int? delivered:int?"
        " failed:int? unknown:int? cancelled:int? send_at_ms accepted_ms sms_id is_paused"
    ),
    table=("id", "account", "numbers", "progress", "state", "points", "source", "accepted_ms", "send_at_ms"),
    rows=_tasks,
    filters=(OF_ACCOUNT, TASK_STATE, PRODUCT, SIZE),
    span=Span(is_open=True),
    order=("accepted_ms", "id"),
    usual_most=50,
)

TASK_CODES = Listing(
    name="codes",
    thing="TaskCode",
    title="With which codes they failed",
    summary="List the codes with which messages of a task failed, the most frequent first.",
    columns=columns_of("code channel state count:int share:number meaning"),
    table=("code", "meaning", "channel", "state", "count", "share"),
    rows=_task_codes,
    filters=(TASK,),
    order=("place",),
    is_whole=True,
)

LISTS: tuple[Listing, ...] = (TASKS, TASK_CODES)
