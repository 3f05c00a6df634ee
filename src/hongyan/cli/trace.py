"""hongyan trace: the life of a phone's messages, of a task, or of one message, step by step with milliseconds."""

from collections.abc import Sequence
from typing import Annotated, Any

from rich.cells import set_cell_size

from hongyan.cli.options import Config, Data, Json, Jsonl, Most, alone, argument, option, verb
from hongyan.cli.out import Form, form, print_json, print_text
from hongyan.cli.store import opened
from hongyan.i18n import _, china_time, column_head, event_word, language, value_word
from hongyan.model.columns import Facts
from hongyan.services.queries.lists.cells import written
from hongyan.services.queries.lists.rules import EVERYBODYS
from hongyan.services.queries.trace import Trace, TraceQuery
from hongyan.services.queries.trace import trace as traces_of
from hongyan.services.queries.trace_events import TraceEvent

app = alone()

EVENT_COLUMNS = 17
"""Columns of a step's name."""


@verb(
    app,
    "trace",
    "Show the life of a phone, a task or a message: every step and its milliseconds.",
    "hongyan trace 13800138000 --hours 48",
    "hongyan trace 2611210000000001 --json",
)
def trace(
    what: Annotated[str, argument("A phone, a task id, a message id, or a carrier's id.")],
    hours: Annotated[float, option("How far back a phone is looked for.", "--hours", min=0.01, max=31 * 24)] = 24,
    most: Most = 100,
    full: Annotated[bool, option("Show phones and texts in clear.", "--full")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        sought = TraceQuery(what, admin.now_ms(), round(hours * 3_600_000), most, full, language())
        print_traces(admin.read(traces_of, sought), form(as_json, as_jsonl))


def print_traces(traces: Sequence[Trace], how: Form) -> None:
    if how is Form.JSON:
        print_json({"traces": [_as_json(found) for found in traces]})
    elif how is Form.JSONL:
        for found in traces:
            print_json(_as_json(found))
    else:
        for found in traces:
            _print_trace(found)


def _as_json(found: Trace) -> dict[str, Any]:
    steps = [{"event": one.event, "at_ms": one.at_ms, "after_ms": after} | one.facts for one, after in spaced(found)]
    return {
        "kind": found.kind,
        "id": found.id,
        "task_id": found.task_id,
        "account": found.account,
        "phone": found.phone,
        "text": found.text,
        "state": found.state,
        "code": found.code,
        "listed": found.listed,
        "steps": steps,
    }


def _print_trace(found: Trace) -> None:
    kind, state = value_word("kind", found.kind), value_word("state", found.state)
    print_text(
        f"{kind} {found.id} · {column_head('task')} {found.task_id} · {found.account} · {found.phone} · {state} {found.code}".rstrip()
    )
    print_text(f"  {column_head('text')}: {found.text}")
    for listed in found.listed:
        print_text("  " + listed_line(listed))
    for one, after in spaced(found):
        facts = "  ".join(
            f"{column_head(name)}={written(name, value)}" for name, value in one.facts.items() if value not in {"", None}
        )
        print_text(
            f"  {china_time(one.at_ms)}  +{after:>7} ms  {set_cell_size(event_word(one.event), EVENT_COLUMNS)} {facts}".rstrip()
        )


def listed_line(listed: Facts) -> str:
    """Returns that a number is on a black list now, and why."""
    facts = {"account": listed["account"] or value_word("account", EVERYBODYS), "since": china_time(listed["made_ms"])}
    return " · ".join(filter(None, (_("black-listed for {account} since {since}", **facts), listed["note"])))


def spaced(found: Trace) -> list[tuple[TraceEvent, int]]:
    """Returns each step with the milliseconds since the one before; 0 if the clock was put back in between."""
    steps = found.events
    return [(one, max(0, one.at_ms - steps[place - 1].at_ms) if place else 0) for place, one in enumerate(steps)]
