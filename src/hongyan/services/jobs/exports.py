"""Exports: pages of rows, read from snapshots of their own and kept as the job's result. The first row has the columns' names.

Moments are China's time, as people read it.
"""

from typing import Any

from hongyan.i18n import china_time
from hongyan.model.ids import first_id
from hongyan.model.job import Job, Slice
from hongyan.model.listed import FOREVER_S
from hongyan.model.message import MessageState
from hongyan.model.phone import masked, national
from hongyan.model.words import EVERYBODY
from hongyan.ports.tx import Tx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel

PAGE = 2_000

_MESSAGE_COLUMNS = [
    "id",
    "accepted",
    "account",
    "task_id",
    "phone",
    "state",
    "code",
    "channel",
    "segments",
    "points",
    "changed",
]


def messages(tx: Tx, job: Job, _: int) -> Slice:
    """Those of a span, of one account, channel or state if it is said. Phones are masked unless they are asked for in full."""
    asked = job.asked
    account = find_account(tx, asked["account"])["id"] if asked.get("account") else None
    channel = find_channel(tx, asked["channel"])["id"] if asked.get("channel") else None
    page = tx.message_page(int(job.place or first_id(asked["since_ms"]) - 1), first_id(asked["until_ms"]))
    show = national if asked.get("full") else masked
    rows = [
        [
            str(m["id"]),
            china_time(m["accepted_ms"]),
            m["account"],
            str(m["task_id"]),
            show(m["phone"]),
            MessageState(m["state"]).name.lower(),
            m["code"],
            m["channel"] or "",
            m["segments"],
            m["points"],
            china_time(m["changed_ms"]),
        ]
        for m in page
        if account in {None, m["account_id"]}
        and channel in {None, m["channel_id"]}
        and asked.get("state") in {None, "", MessageState(m["state"]).name.lower()}
    ]
    return _slice(job, _MESSAGE_COLUMNS, rows, str(page[-1]["id"]) if len(page) == PAGE else None)


def words(tx: Tx, job: Job, _: int) -> Slice:
    """The words of an account, "" for everybody's."""
    account_id = find_account(tx, job.asked["account"])["id"] if job.asked.get("account") else EVERYBODY
    page = tx.words_page((account_id, job.place), PAGE)
    rows = [[text] for owner, _, text in page if owner == account_id]
    is_last = len(page) < PAGE or page[-1][0] != account_id
    return _slice(job, ["word"], rows, None if is_last else page[-1][1])


def listed(tx: Tx, job: Job, now_ms: int) -> Slice:
    """The numbers that stand on a list now, in clear, to be imported again."""
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
    return Slice(len(rows), next_place, {}, head + rows)
