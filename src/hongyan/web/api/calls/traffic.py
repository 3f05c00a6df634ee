"""Tasks, messages, traces, what is owed to customers, and statistics."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from typing import Any

from hongyan.i18n import N_, language
from hongyan.model.act import Act
from hongyan.model.errors import Invalid
from hongyan.model.fields import Param
from hongyan.model.ids import DAY_MS
from hongyan.model.kinds import MOMENT, digits, name, number, word
from hongyan.model.replay import Replay
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.admin import sending, tasks
from hongyan.services.admin.tasks import Stopped
from hongyan.services.queries import statistics
from hongyan.services.queries.lists.delivery import OWED, PUSHES, UNMATCHED
from hongyan.services.queries.lists.filters import ACCOUNT, OF_ACCOUNT, OF_CHANNEL, SINCE, UNTIL
from hongyan.services.queries.lists.messages import MESSAGES, REPLIES
from hongyan.services.queries.lists.tasks import TASK_CODES, TASKS
from hongyan.services.queries.needs import needs
from hongyan.services.queries.route_test import try_route
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery
from hongyan.services.queries.task_details import task_details
from hongyan.services.queries.trace import LONGEST_MS, TraceQuery, trace
from hongyan.services.steps import owed
from hongyan.web.api.call import MOST, Asked, Call
from hongyan.web.api.list_call import FORM, ListForm, list_call, rows_as_file
from hongyan.web.api.params import ACCOUNT_NAME, NUMBER, PRODUCT, content, texts
from hongyan.web.api.shapes import COUNT, Shape, row_of, shape

ONE_TASK = row_of(TASKS).wider("TaskWithStates", "messages:map")
EVENT = shape("TraceEvent", "event at_ms facts:map")
LISTED = shape("TraceListed", "account end_s:int? note made_ms")
TRACE = shape("Trace", "kind id:int task_id:int account phone text state code", events=EVENT, listed=LISTED)
STOPPED = shape("TasksStopped", "tasks:int count:int points:int leaving:int")
SENT = shape("Sent", "task_id:int count:int points:int balance:int", rejected=shape("Rejected", "number code:int"))
FIGURES = shape(
    "Figures",
    "of submitted:int delivered:int failed:int unknown:int cancelled:int pending:int rate_percent:number? segments:int",
)

CODE_FIGURES = shape("CodeFigures", "code channel state count:int share:number meaning")
CANDIDATE = shape("RouteCandidate", "id:int channel carrier account tier:int weight:int standing")
ROUTE_TEST = shape("RouteTest", "carrier destination price:int channel", candidates=CANDIDATE)
NEED = shape("Need", "kind name count:int since_ms")

WHAT = Param("what", "A phone, a task, a message, or a carrier's id.", name(128), is_required=True)
DAYS = Param("days", "How many days back a phone is looked for.", number(1, 31), usual=1)
TO = Param("to", "The numbers.", texts(1_000, 32), is_required=True)
TEXT = Param("text", "The text.", content(2_000), is_required=True)
EXTNO = Param("extno", "Extension digits.", digits(20), usual="")
SEND_AT = Param("send_at_ms", "When; at once where nothing is said.", MOMENT, usual=0)
FROM = Param("since_ms", "What was made from this moment on.", MOMENT, is_required=True)
TO_MOMENT = Param("until_ms", "What was made before this moment.", MOMENT, is_required=True)
TESTED = Param("number", "The mobile number.", name(32), is_required=True)
BY = Param("by", "What the figures are grouped by.", word(GroupBy), usual=GroupBy.DAY)

_SPAN_MOST_MS = 31 * DAY_MS


def _span(asked: Asked) -> tuple[int, int]:
    """raises: Invalid"""
    until_ms = asked.given["until_ms"] if asked.given["until_ms"] is not None else asked.admin.now_ms() + 1
    since_ms = asked.given["since_ms"] if asked.given["since_ms"] is not None else max(0, until_ms - DAY_MS)
    if not since_ms <= until_ms <= since_ms + _SPAN_MOST_MS:
        raise Invalid("a span has {days} days at most, and ends after it begins", days=_SPAN_MOST_MS // DAY_MS)
    return since_ms, until_ms


async def show_task(asked: Asked) -> Any:
    return await asked.admin.read(task_details, asked.path["number"])


async def show_trace(asked: Asked) -> Any:
    back_ms = min(asked.given["days"] * DAY_MS, LONGEST_MS)
    query = TraceQuery(
        asked.given["what"], asked.admin.now_ms(), back_ms, min(asked.given["most"], 100), asked.sees_phones, language()
    )
    return [asdict(one) for one in await asked.admin.read(trace, query)]


async def send(asked: Asked) -> Any:
    """Send once under one Idempotency-Key, by the account's client reference."""
    given, key = asked.given, f"api:{asked.holder.actor.name}:{asked.key}" if asked.key else ""
    accepted = await sending.send(
        asked.admin,
        given["account"],
        given["to"],
        given["text"],
        extno=given["extno"],
        send_at_ms=given["send_at_ms"],
        source="api",
        client_ref=sha256(key.encode("utf-8", "replace")).hexdigest() if key else "",
        client_hash=sha256(asked.body).digest() if key else b"",
    )
    rejected = [{"number": number, "code": cause.words.number} for number, cause in accepted.rejected]
    sent = {"task_id": accepted.task_id, "count": accepted.count, "points": accepted.points_held, "balance": accepted.balance}
    return sent | {"rejected": rejected}


async def stop_task(stop: Callable[[AdminStore, int], Awaitable[Stopped]], asked: Asked) -> Any:
    return asdict(await stop(asked.admin, asked.path["number"]))


async def cancel_message(asked: Asked) -> Any:
    return asdict(await tasks.cancel_message(asked.admin, asked.path["number"]))


async def stop_tasks(stop: Callable[[AdminStore, str], Awaitable[Stopped]], asked: Asked) -> Any:
    return asdict(await stop(asked.admin, asked.path["name"]))


async def replay(asked: Asked) -> Any:
    return await asked.once(_replay, asked.path["name"], asked.change)


def _replay(tx: Tx, act: Act, account: str, change: Replay) -> dict[str, Any]:
    return {"count": owed.replay(tx, act, account, change)}


async def count(asked: Asked) -> Any:
    given, (since_ms, until_ms) = asked.given, _span(asked)
    if given["by"] is GroupBy.CODE:
        raise Invalid("{field} cannot be {value}", "group by something else", field="by", value="code")
    query = StatisticsQuery(given["by"], since_ms, until_ms, given["account"] or "", given["channel"] or "", language())
    rows = await asked.admin.read(statistics.statistics, query)
    return _figures(asked, FIGURES, [row | {"of": str(row[given["by"].value])} for row in rows])


async def count_codes(asked: Asked) -> Any:
    given, (since_ms, until_ms) = asked.given, _span(asked)
    query = StatisticsQuery(GroupBy.CODE, since_ms, until_ms, given["account"] or "", given["channel"] or "", language())
    return _figures(asked, CODE_FIGURES, await asked.admin.read(statistics.statistics, query))


def _figures(asked: Asked, figures: Shape, rows: list[dict[str, Any]]) -> Any:
    """Returns the first rows, or all of them as a file."""
    shown = [figures.cut(row) for row in rows]
    if asked.given["form"] is not ListForm.JSON:
        return rows_as_file("statistics", [column.name for column in figures.columns], shown, asked.given["form"])
    return {"items": shown[: asked.given["most"]], "next": None}


async def test_route(asked: Asked) -> Any:
    given = asked.given
    return asdict(try_route(await asked.admin.snapshot(), given["account"], given["number"], given["product"]))


async def list_needs(asked: Asked) -> Any:
    return [asdict(need) | {"kind": need.kind.value} for need in await asked.admin.read(needs)][: asked.given["most"]]


_ACCOUNT, _TASK = {"name": ACCOUNT_NAME}, {"number": NUMBER}

_STOPS = tuple(
    Call("POST", f"/tasks/{{number}}/{verb}", summary, Permission.TRAFFIC, partial(stop_task, stop), STOPPED, params=_TASK)
    for verb, stop, summary in (
        ("cancel", tasks.cancel, N_("Take back what was not sent of a task.")),
        ("pause", tasks.pause, N_("Send nothing more of a task until it is resumed.")),
        ("resume", tasks.resume, N_("Send on what was paused of a task.")),
    )
)
_STOPS_ALL = tuple(
    Call(
        "POST",
        f"/accounts/{{name}}/tasks/{verb}",
        summary,
        Permission.TRAFFIC,
        partial(stop_tasks, stop),
        STOPPED,
        params=_ACCOUNT,
    )
    for verb, stop, summary in (
        ("cancel", tasks.cancel_all, N_("Take back what was not sent of all tasks of an account.")),
        ("pause", tasks.pause_all, N_("Send nothing more of an account's tasks until they are resumed.")),
        ("resume", tasks.resume_all, N_("Send on what was paused of an account's tasks.")),
    )
)

CALLS = (
    list_call(TASKS, "/tasks"),
    Call("GET", "/tasks/{number}", "Show a task with its messages counted by state.", Permission.SEE, show_task, ONE_TASK, params=_TASK),
    list_call(TASK_CODES, "/tasks/{number}/codes", {"task": NUMBER}),
    *_STOPS,
    *_STOPS_ALL,
    list_call(MESSAGES, "/messages"),
    Call("POST", "/messages/{number}/cancel", "Take back one message that was not sent.", Permission.TRAFFIC, cancel_message, STOPPED, params={"number": NUMBER}),
    Call("POST", "/messages", "Send a text, paid by an account.", Permission.TRAFFIC, send, SENT, status=201, body=(ACCOUNT, TO, TEXT, EXTNO, SEND_AT), is_once=True),
    Call("GET", "/trace", "Show the life of messages, step by step.", Permission.SEE, show_trace, TRACE, is_list=True, query=(WHAT, DAYS, MOST)),
    list_call(REPLIES, "/replies"),
    list_call(OWED, "/owed"),
    list_call(PUSHES, "/accounts/{name}/pushes", {"account": ACCOUNT_NAME}),
    Call("POST", "/accounts/{name}/replay", "Owe again what was handed out, pushed or parked.", Permission.TRAFFIC, replay, COUNT, of=Replay, params=_ACCOUNT, is_once=True),
    list_call(UNMATCHED, "/receipts/unmatched"),
    Call("GET", "/statistics/codes", "Count codes by which messages of a span ended.", Permission.SEE, count_codes, CODE_FIGURES, is_list=True, is_table=True, query=(MOST, OF_ACCOUNT, OF_CHANNEL, SINCE, UNTIL, FORM)),
    Call("GET", "/routes/test", "Say where a number would go, and why; nothing is sent.", Permission.SEE, test_route, ROUTE_TEST, query=(ACCOUNT, TESTED, PRODUCT)),
    Call("GET", "/needs", "List what needs a person's hand now.", Permission.SEE, list_needs, NEED, is_list=True, query=(MOST,)),
    Call("GET", "/statistics", "Count messages of a span by what became of them.", Permission.SEE, count, FIGURES, is_list=True, is_table=True, query=(MOST, BY, OF_ACCOUNT, OF_CHANNEL, SINCE, UNTIL, FORM)),
)  # fmt: skip
