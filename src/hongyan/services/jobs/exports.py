"""Exports: pages of rows, read from snapshots of their own and stored as the job's result. The first row has the columns'
names.

They are rows for programs. A file for people is made of them when it is asked for.
"""

from typing import Any

from hongyan.i18n import china_time
from hongyan.model.ids import first_id
from hongyan.model.job import Job, Slice, packed
from hongyan.model.message import MessageState
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import national
from hongyan.model.words import EVERYBODY
from hongyan.ports.tx import Tx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel
from hongyan.services.queries.lists.cells import program_cells
from hongyan.services.queries.lists.messages import MESSAGES, message
from hongyan.services.queries.lists.names import names_of

PAGE = 100
"""Rows that are read at once, in a millisecond: who wants the core meanwhile waits for no more."""


def messages(tx: Tx, job: Job, _: int) -> Slice:
    """Read messages of a span, of one account, channel or state if given. Phones are masked unless they are asked for in full."""
    asked = job.asked
    account = find_account(tx, asked["account"])["id"] if asked.get("account") else None
    channel = find_channel(tx, asked["channel"])["id"] if asked.get("channel") else None
    page = tx.message_page(int(job.place or first_id(asked["since_ms"]) - 1), first_id(asked["until_ms"]), PAGE)
    accounts, channels = names_of(tx, "account", page), names_of(tx, "channel", page)
    wanted = (
        message(row, accounts, channels)
        for row in page
        if account in {None, row["account_id"]}
        and channel in {None, row["channel_id"]}
        and asked.get("state") in {None, "", MessageState(row["state"]).name.lower()}
    )
    shown = (MESSAGES.cut(row, is_full=bool(asked.get("full"))) for row in wanted)
    return _slice(job, MESSAGES.names, program_cells(MESSAGES.names, shown), str(page[-1]["id"]) if len(page) == PAGE else None)


def words(tx: Tx, job: Job, _: int) -> Slice:
    """Read the words of an account, "" for the words of all accounts."""
    account_id = find_account(tx, job.asked["account"])["id"] if job.asked.get("account") else EVERYBODY
    page = tx.words_page((account_id, job.place), PAGE)
    rows = [[text] for owner, _, text in page if owner == account_id]
    is_last = len(page) < PAGE or page[-1][0] != account_id
    return _slice(job, ["word"], rows, None if is_last else page[-1][1])


def listed(tx: Tx, job: Job, now_ms: int) -> Slice:
    """Read the numbers that are black-listed now, in clear, so that they can be imported again."""
    account_id = find_account(tx, job.asked["account"])["id"] if job.asked.get("account") else EVERYBODY
    numbers = tx.listed_page((account_id, int(job.place or -1)), PAGE)
    rows = [
        [national(phone), note, "" if end_s == FOREVER_S else china_time(end_s * 1000)]
        for owner, phone, end_s, note, _ in numbers
        if owner == account_id and end_s > now_ms // 1000
    ]
    is_last = len(numbers) < PAGE or numbers[-1][0] != account_id
    return _slice(job, ["number", "note", "until"], rows, None if is_last else str(numbers[-1][1]))


def _slice(job: Job, columns: list[str], rows: list[list[Any]], next_place: str | None) -> Slice:
    head: list[list[Any]] = [] if job.place else [columns]
    return Slice(len(rows), next_place, {}, (packed(head + rows),))
