"""hongyan task: what was submitted, one request a task."""

from typing import Annotated

from hongyan.cli.options import Config, Data, Json, Jsonl, Most, argument, noun, option, verb
from hongyan.cli.out import Row, china_time, form, give_one, give_rows
from hongyan.cli.store import opened
from hongyan.services.queries import reading

app = noun("task", "Tasks: one for each accepted request.")

_COLUMNS = ("id", "account", "numbers", "points", "state", "source", "accepted", "send_at")


@verb(app, "list", "List tasks, newest first.", "hongyan task list --most 20", "hongyan task list --account acme --jsonl")
def list_(
    account: Annotated[str | None, option("Only of this account.", "--account")] = None,
    most: Most = 50,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        rows = admin.read(reading.tasks, most, account)
    give_rows("tasks", [_with_times(row) for row in rows], form(as_json, as_jsonl), _COLUMNS)


@verb(
    app,
    "show",
    "Show one task, its messages counted by state.",
    "hongyan task show 2611210000000001",
    "hongyan task show 2611210000000001 --json",
)
def show(
    task_id: Annotated[int, argument("The task's 16 digits.")], data: Data = None, config: Config = None, as_json: Json = False
) -> None:
    with opened(data, config) as admin:
        give_one(_with_times(admin.read(reading.task, task_id)), form(as_json))


def _with_times(row: Row) -> Row:
    return {**row, "accepted": china_time(int(str(row["accepted_ms"]))), "send_at": china_time(int(str(row["send_at_ms"])))}
