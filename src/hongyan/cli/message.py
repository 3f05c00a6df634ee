"""hongyan message and tail: messages by account, channel, state, code and span, and those that change now."""

import time
from collections.abc import Iterator
from typing import Annotated

from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, Jsonl, alone, argument, noun, option, verb
from hongyan.cli.out import Form, form, print_json, print_one, print_text
from hongyan.cli.store import CommandStore, opened
from hongyan.i18n import china_time, value_word
from hongyan.model.columns import Facts
from hongyan.model.message import MessageState
from hongyan.services.admin import sending
from hongyan.services.queries.lists.listing import ListQuery, read_list
from hongyan.services.queries.lists.messages import MESSAGES

app = noun("message", "Messages: one number of a task each.")
tail_app = alone()


Account = Annotated[str, option("Only of this account.", "--account")]
Channel = Annotated[str, option("Only of this channel.", "--channel")]
Full = Annotated[bool, option("Phones in clear.", "--full")]


list_verb(
    app,
    MESSAGES,
    "hongyan message list --state failed --channel up1",
    "hongyan message list --account acme --from 2026-11-01 --json",
)


@verb(
    app,
    "resend",
    "Send the text of a message to its number again, as a new task that its account pays.",
    "hongyan message resend 7251893046517760",
    "hongyan message resend 7251893046517760 --json",
)
def resend(
    number: Annotated[int, argument("The message's id, as trace shows it.")],
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        accepted = admin.run(sending.send_again(admin.admin, number, source="cli"))
    print_one({"task_id": accepted.task_id, "points": accepted.points_held, "balance": accepted.balance}, form(as_json))


WATCHED = 500
"""How many of the newest messages are watched."""

_BACK_MS = 3_600_000


@verb(
    tail_app,
    "tail",
    "Print messages as they are accepted and as they end, until it is stopped.",
    "hongyan tail --account acme",
    "hongyan tail --channel up1 --failed --jsonl",
)
def tail(
    account: Account = "",
    channel: Channel = "",
    failed: Annotated[bool, option("Only those that failed.", "--failed")] = False,
    seconds: Annotated[float | None, option("End after so many seconds.", "--seconds", min=0)] = None,
    full: Full = False,
    data: Data = None,
    config: Config = None,
    as_jsonl: Jsonl = False,
) -> None:
    state = MessageState.FAILED if failed else None
    how = form(as_json=False, as_jsonl=as_jsonl)
    end = None if seconds is None else time.monotonic() + seconds
    given = {"account": account, "channel": channel, "state": state}
    with opened(data, config) as admin:
        for row in _changes(admin, given, end, is_full=full):
            _print(row, how)


def _changes(admin: CommandStore, given: Facts, end: float | None, *, is_full: bool) -> Iterator[Facts]:
    """Yields messages that are new, or in another state than a second ago; those there at the beginning are not shown."""
    seen: dict[int, str] | None = None
    while True:
        now_ms = admin.now_ms()
        span = {"since_ms": now_ms - _BACK_MS, "until_ms": now_ms + 1}
        rows = admin.read(read_list, MESSAGES, ListQuery(WATCHED, now_ms, given | span, is_full=is_full)).rows
        if seen is not None:
            yield from (row for row in reversed(rows) if seen.get(row["id"]) != row["state"])
        seen = {row["id"]: row["state"] for row in rows}
        if end is not None and time.monotonic() >= end:
            return
        time.sleep(1)


def _print(row: Facts, how: Form) -> None:
    if how is Form.JSONL:
        print_json(row)
        return
    state = value_word("state", row["state"])
    text = (
        f"{china_time(row['changed_ms'])}  {row['phone']:<14} {row['account']:<16} {row['channel']:<16} {state} {row['code']}"
    )
    print_text(text.rstrip())
