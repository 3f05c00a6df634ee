"""hongyan task: what was submitted, one request a task."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import tasks
from hongyan.services.admin.tasks import Stopped
from hongyan.services.queries.lists.tasks import TASK_CODES, TASKS
from hongyan.services.queries.task_details import task_details

app = noun("task", "Tasks: one for each accepted request.")


list_verb(app, TASKS, "hongyan task list --most 20", "hongyan task list --account acme --jsonl")
list_verb(app, TASK_CODES, "hongyan task codes 2611210000000001", "hongyan task codes 2611210000000001 --json", name="codes")


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
        print_one(admin.read(task_details, task_id), form(as_json))


Stopping = Callable[[AdminStore, Any], Coroutine[Any, Any, Stopped]]

Which = Annotated[int | None, argument("The task's 16 digits.")]
Whose = Annotated[str | None, option("Instead of one task, all that this account has waiting.", "--account")]


@verb(
    app,
    "cancel",
    "Take back what was not sent of a task: its points come back, and each number gets a report.",
    "hongyan task cancel 2611210000000001",
    "hongyan task cancel --account acme --json",
)
def cancel(
    task_id: Which = None,
    account: Whose = None,
    message: Annotated[int | None, option("Instead of a task, one message: its id, as trace shows it.", "--message")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if message is not None:
        if task_id is not None or account is not None:
            raise Stop(Exit.USAGE, "give a task, --account or --message, one of them")
        with opened(data, config) as admin:
            print_stopped(admin.run(tasks.cancel_message(admin.admin, message)), as_json=as_json)
        return
    _stop(tasks.cancel, tasks.cancel_all, task_id, account, data, config, as_json=as_json)


@verb(
    app,
    "pause",
    "Send nothing more of a task until it is resumed.",
    "hongyan task pause 2611210000000001",
    "hongyan task pause --account acme --json",
)
def pause(
    task_id: Which = None, account: Whose = None, data: Data = None, config: Config = None, as_json: Json = False
) -> None:
    _stop(tasks.pause, tasks.pause_all, task_id, account, data, config, as_json=as_json)


@verb(
    app,
    "resume",
    "Send on what was paused.",
    "hongyan task resume 2611210000000001",
    "hongyan task resume --account acme --json",
)
def resume(
    task_id: Which = None, account: Whose = None, data: Data = None, config: Config = None, as_json: Json = False
) -> None:
    _stop(tasks.resume, tasks.resume_all, task_id, account, data, config, as_json=as_json)


def _stop(
    one: Stopping,
    several: Stopping,
    task_id: int | None,
    account: str | None,
    data: Path | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    if (task_id is None) is (account is None):
        raise Stop(Exit.USAGE, "give a task or --account, one of them")
    with opened(data, config) as admin:
        print_stopped(
            admin.run(several(admin.admin, account) if task_id is None else one(admin.admin, task_id)), as_json=as_json
        )


def print_stopped(stopped: Stopped, *, as_json: bool) -> None:
    print_one(
        {"tasks": stopped.tasks, "messages": stopped.count, "points": stopped.points, "leaving": stopped.leaving}, form(as_json)
    )
    if stopped.leaving:
        say(
            "{count:message was|messages were} leaving already: what leaves is sent, and reported as usual",
            count=stopped.leaving,
        )
