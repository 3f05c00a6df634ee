"""What was sent, what came back, and how customers got it: lists that grow by ids, the newest first."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from itertools import accumulate
from typing import Any

from hongyan.model.account import Product
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Param
from hongyan.model.hourly import STATES, SUBMITTED
from hongyan.model.ids import GREATEST_TASK_ID, first_id, made_ms
from hongyan.model.kinds import name, number, word
from hongyan.model.masking import without_password
from hongyan.model.message import MessageState, ReceiptState, TaskState
from hongyan.model.owed import OwedKind, OwedState, PushOutcome, read_answer
from hongyan.model.receipt_words import DELIVERED
from hongyan.ports.tx.queries import LOOKED_MOST, ListsTx, PagesTx, TaskFilter, TaskSpan
from hongyan.ports.tx.statistics import StatisticsTx
from hongyan.services.queries.lists.filters import ACCOUNT, OF_ACCOUNT, OF_CHANNEL
from hongyan.services.queries.lists.listing import FOREVER, FoundRows, Listing, ListQuery, Span
from hongyan.services.queries.lists.names import names_of, only_of
from hongyan.services.queries.lists.span_parts import HOURS_MOST, SpanPart, look_through, parts_of
from hongyan.services.queries.statistics import explained

STATE = Param("state", "Only what is in this state.", word(MessageState))
CODE = Param("code", "Only those that ended with this code.", name(64))

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
    """Returns the progress of tasks by id: the small ones first, as long as no more messages are read than a page may read.

    Messages of others may lie among a task's: by its share of all numbers, it has a share of what may be read.
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


def _messages(tx: PagesTx, query: ListQuery) -> FoundRows:
    state, code = query.given.get("state"), query.named("code")
    equal = only_of(tx, query) | ({"state": int(state)} if state is not None else {})
    equal |= {"code": "" if code == DELIVERED else code} if code else {}
    least, before = query.ids
    if not equal:
        return FoundRows(_shown(tx, tx.messages_before(before, query.most, {}, least, LOOKED_MOST)), 0, None)

    def ids(part: SpanPart) -> tuple[int, int]:
        return min(before, first_id(part.until_ms)), max(least, first_id(part.since_ms))

    def find(part: SpanPart, most: int, looked_most: int) -> list[Facts]:
        below, least = ids(part)
        return tx.messages_before(below, most, equal, least, looked_most)

    found = look_through(
        _parts_with_messages(tx, equal, least, before),
        query.most,
        LOOKED_MOST,
        find,
        lambda part, looked_most: tx.messages_looked_at(*ids(part), looked_most),
    )
    return replace(found, rows=_shown(tx, found.rows))


def _parts_with_messages(tx: PagesTx, equal: Mapping[str, Any], least_id: int, before_id: int) -> list[SpanPart]:
    """Returns what is looked through for messages: of an account the hours in which it has some, on this channel and in this state if
    that is counted.
    """
    span = SpanPart(made_ms(least_id), made_ms(before_id - 1) + 1)
    if "account_id" not in equal:
        return [span]
    counted = {name: equal[name] for name in ("account_id", "channel_id") if name in equal}
    state = equal.get("state", SUBMITTED)
    return parts_of(span, tx.hours_with_messages(span.hours, HOURS_MOST, state if state in STATES else SUBMITTED, counted))


def _shown(tx: PagesTx, rows: list[Facts]) -> list[Facts]:
    accounts, channels = names_of(tx, "account", rows), names_of(tx, "channel", rows)
    return [message(row, accounts, channels) for row in rows]


def message(row: Facts, accounts: dict[int, str], channels: dict[int, str]) -> Facts:
    """Returns a stored message as lists and exports show it, with the names of its account and channel."""
    return row | {
        "account": accounts.get(row["account_id"], ""),
        "channel": channels.get(row["channel_id"], ""),
        "state": MessageState(row["state"]).name.lower(),
        "product": Product(row["product"]).name.lower(),
        "code": row["code"] or (DELIVERED if row["state"] == MessageState.DELIVERED else ""),
        "accepted_ms": made_ms(row["id"]),
    }


def _replies(tx: PagesTx, query: ListQuery) -> list[Facts]:
    least, before = query.ids
    rows = tx.rows_before("mo", before, query.most, only_of(tx, query), least)
    accounts, channels = names_of(tx, "account", rows), names_of(tx, "channel", rows)
    return [
        row | {"account": accounts.get(row["account_id"], ""), "channel": channels.get(row["channel_id"], "")} for row in rows
    ]


def _pushes(tx: PagesTx, query: ListQuery) -> list[Facts]:
    return [
        row
        | {
            "kind": OwedKind(row["kind"]).name.lower(),
            "outcome": PushOutcome(row["outcome"]).name.lower(),
            "url": without_password(row["url"]),
            "answer": read_answer(row["status"], row["answer"]),
            "at_ms": made_ms(row["id"]),
        }
        for row in tx.rows_before("attempt", query.before_id, query.most, only_of(tx, query))
    ]


def _owed(tx: ListsTx, query: ListQuery) -> list[Facts]:
    account_id, kind, state = query.after or (0, 0, 0)
    rows = tx.owed_counts((account_id, kind, state), query.most)
    names = names_of(tx, "account", rows)
    return [
        {
            "account": names.get(row["account_id"], ""),
            "kind": OwedKind(row["kind"]).name.lower(),
            "state": OwedState(row["state"]).name.lower(),
            "count": row["count"],
            "place": [row["account_id"], row["kind"], row["state"]],
        }
        for row in rows
    ]


def _unmatched(tx: ListsTx, query: ListQuery) -> list[Facts]:
    channel_id, after = only_of(tx, query).get("channel_id"), tuple(query.after) if query.after else None
    rows = tx.unmatched_receipts(query.given["since_ms"], query.most, channel_id, after)
    channels = names_of(tx, "channel", rows)
    return [
        row
        | {
            "channel": channels.get(row["channel_id"], ""),
            "state": ReceiptState(row["receipt"]).name.lower(),
            "why": "another phone has the id" if row["n"] < 0 else "nothing has the id",
        }
        for row in rows
    ]


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

MESSAGES = Listing(
    name="messages",
    thing="Message",
    title="Messages",
    summary="List messages of a span, newest first.",
    columns=columns_of(
        "id:int task_id:int account product phone:phone segments:int points:int state channel code accepted_ms changed_ms"
    ),
    table=("accepted_ms", "phone", "state", "code", "account", "channel", "segments", "points", "id", "task_id"),
    rows=_messages,
    filters=(OF_ACCOUNT, OF_CHANNEL, STATE, CODE),
    span=Span(),
    usual_most=50,
)

REPLIES = Listing(
    name="replies",
    thing="Reply",
    title="Replies",
    summary="List what handsets sent, newest first.",
    columns=columns_of("id:int account channel phone:phone dest extno text:private task_id:int is_whole received_ms"),
    table=("received_ms", "phone", "text", "account", "channel", "dest", "extno", "task_id"),
    rows=_replies,
    filters=(OF_ACCOUNT,),
    span=Span(is_open=True),
    usual_most=50,
)

PUSHES = Listing(
    name="pushes",
    thing="Push",
    title="Pushes",
    summary="List posts to a customer, newest first.",
    columns=columns_of("id:int at_ms kind items:int url outcome status:int answer took_ms"),
    table=("at_ms", "kind", "items", "outcome", "status", "took_ms", "url", "answer"),
    rows=_pushes,
    filters=(ACCOUNT,),
    usual_most=50,
)

OWED = Listing(
    name="owed",
    thing="Owed",
    title="What customers have not got yet",
    summary="Count what customers are owed and have not got.",
    columns=columns_of("account kind state count:int"),
    table=("account", "kind", "state", "count"),
    rows=_owed,
    order=("place",),
)

UNMATCHED = Listing(
    name="reports",
    thing="UnmatchedReceipt",
    title="Unmatched reports",
    summary="List receipts that met no message, newest first.",
    columns=columns_of("received_ms channel carrier_id phone:phone state code why"),
    table=("received_ms", "channel", "carrier_id", "phone", "state", "code", "why"),
    rows=_unmatched,
    filters=(OF_CHANNEL,),
    span=Span(),
    order=("made_ms", "channel_id", "carrier_id", "n"),
    usual_most=100,
)

LISTS: tuple[Listing, ...] = (TASKS, TASK_CODES, MESSAGES, REPLIES, PUSHES, OWED, UNMATCHED)
