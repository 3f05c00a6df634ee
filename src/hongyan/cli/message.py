"""hongyan message and tail: messages by account, channel, state, code and span, and those that change now."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

from hongyan.cli.options import Config, Data, Json, Jsonl, Most, noun, option, verb
from hongyan.cli.out import Form, form, give, give_json, give_rows
from hongyan.cli.stats import From, To, span_of
from hongyan.cli.store import CommandStore, opened
from hongyan.i18n import N_, china_time, value_word
from hongyan.model.fields import word
from hongyan.model.message import MessageState
from hongyan.services.queries.pages import NEWEST, MessagesAsked, Page, messages_page

app = noun("message", "Messages: one number of a task each.")

STATE = word(MessageState)
_COLUMNS = ("accepted_ms", "id", "account", "phone", "state", "code", "channel", "segments", "points")

Account = Annotated[str, option("Only of this account.", "--account")]
Channel = Annotated[str, option("Only of this channel.", "--channel")]
Full = Annotated[bool, option("Phones in clear.", "--full")]


@verb(app, "list", "List messages of some days, newest first; phones are masked.",
      "hongyan message list --state failed --channel up1", "hongyan message list --account acme --from 2026-11-01 --json")  # fmt: skip
def list_(
    account: Account = "",
    channel: Channel = "",
    state: Annotated[str, option("Only in this state, such as failed.", "--state")] = "",
    code: Annotated[str, option("Only those that ended with this code.", "--code")] = "",
    from_: From = "",
    to: To = "",
    before: Annotated[int, option("Only messages before this id, for the next page.", "--before", min=1, max=NEWEST)] = NEWEST,
    most: Most = 50,
    full: Full = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    wanted = STATE.checked("state", state) if state else None
    asked = MessagesAsked(*span_of(from_, to), account, channel, wanted, full, code)
    with opened(data, config) as admin:
        rows = admin.read(messages_page, Page(before, most), asked)
    give_rows("messages", [_told(row) for row in rows], form(as_json, as_jsonl), _COLUMNS)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Without the numbers that only we use, and the text."""
    return {name: row[name] for name in (*_COLUMNS, "task_id", "product", "changed_ms")}


TAIL_HELP = N_("Print messages as they are accepted and as they end, until it is stopped.")
TAIL_EXAMPLES = ("hongyan tail --account acme", "hongyan tail --channel up1 --failed --jsonl")

WATCHED = 500
"""The newest messages, whose changes are seen."""

_BACK_MS = 3_600_000


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
    with opened(data, config) as admin:
        for row in _changes(admin, MessagesAsked(0, 0, account, channel, state, full), end):
            _give(row, how)


def _changes(admin: CommandStore, asked: MessagesAsked, end: float | None) -> Iterator[dict[str, Any]]:
    """Messages that are new, or in another state than a second ago; what was there at the beginning is not told."""
    seen: dict[int, str] | None = None
    while True:
        rows = admin.read(messages_page, Page(NEWEST, WATCHED), asked.within(admin.now_ms() - _BACK_MS, admin.now_ms() + 1))
        if seen is not None:
            yield from (row for row in reversed(rows) if seen.get(row["id"]) != row["state"])
        seen = {row["id"]: row["state"] for row in rows}
        if end is not None and time.monotonic() >= end:
            return
        time.sleep(1)


def _give(row: dict[str, Any], how: Form) -> None:
    if how is Form.JSONL:
        give_json(_told(row))
        return
    state = value_word("state", row["state"])
    told = (
        f"{china_time(row['changed_ms'])}  {row['phone']:<14} {row['account']:<16} {row['channel']:<16} {state} {row['code']}"
    )
    give(told.rstrip())
