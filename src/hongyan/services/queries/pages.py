"""Long lists, page by page, newest first: a page begins behind an id, so it costs the same wherever one is."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from hongyan.model.account import Product
from hongyan.model.errors import Invalid
from hongyan.model.ids import first_id, made_ms
from hongyan.model.masking import without_password
from hongyan.model.message import MessageState, TaskState
from hongyan.model.owed import OwedKind, PushOutcome
from hongyan.model.phone import masked, national
from hongyan.model.receipt_words import DELIVERED
from hongyan.model.words import EVERYBODY
from hongyan.ports.tx.queries import KeyPagesTx, PagesTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel

Facts = dict[str, Any]

NEWEST = 2**63 - 1
"""In place of an id: the first page."""


@dataclass(frozen=True, slots=True)
class Page:
    """At most so many rows with smaller ids than this one."""

    before_id: int
    most: int


@dataclass(frozen=True, slots=True)
class MessagesAsked:
    """Which messages; "" and None: any. The span is of the moments at which they were accepted."""

    since_ms: int
    until_ms: int
    account: str = ""
    channel: str = ""
    state: MessageState | None = None
    full: bool = False  # phones in clear
    code: str = ""  # by which they ended

    def within(self, since_ms: int, until_ms: int) -> "MessagesAsked":
        """The same of another span."""
        return replace(self, since_ms=since_ms, until_ms=until_ms)


def audit_page(
    tx: PagesTx, page: Page, actor: str = "", action: str = "", subject: str = "", *, full: bool = False
) -> list[Facts]:
    """Who changed what. `actor` is kind:name; `action` such as account.change. `full`: phones in clear"""
    equal = {name: value for name, value in (("actor", actor), ("action", action), ("subject", subject)) if value}
    rows = tx.rows_before("audit", page.before_id, page.most, equal)
    shown = [row | {"before": orjson.loads(row["before"]), "after": orjson.loads(row["after"])} for row in rows]
    return shown if full else [_without_phones(row) for row in shown]


def _without_phones(row: Facts) -> Facts:
    """Changes of black lists name the first numbers."""
    if not row["action"].startswith("blacklist."):
        return row
    return row | {
        side: row[side] | {"first": list(map(masked, row[side]["first"]))} for side in ("before", "after") if row[side]
    }


def tasks_page(tx: PagesTx, page: Page, account: str = "") -> list[Facts]:
    """Tasks by their numbers, which begin with the day; texts are left out. raises: NotFound"""
    equal = {"account_id": find_account(tx, account)["id"]} if account else {}
    names = _names(tx, "account")
    return [
        row
        | {
            "account": names.get(row["account_id"], ""),
            "state": TaskState(row["state"]).name.lower(),
            "product": Product(row["product"]).name.lower(),
        }
        for row in tx.rows_before("task", page.before_id, page.most, equal)
    ]


LOOKED_MOST = 200_000
"""Messages that one page looks through at most: seldom ones are found within a narrower span."""


def messages_page(tx: PagesTx, page: Page, asked: MessagesAsked) -> list[Facts]:
    """Messages of a span; texts are left out.

    raises: NotFound, and Invalid where so many were looked through that the rest would take too long
    """
    equal = {"account_id": find_account(tx, asked.account)["id"]} if asked.account else {}
    equal |= {"channel_id": find_channel(tx, asked.channel)["id"]} if asked.channel else {}
    equal |= {"state": int(asked.state)} if asked.state is not None else {}
    equal |= {"code": "" if asked.code == DELIVERED else asked.code} if asked.code else {}
    before, least = min(page.before_id, first_id(asked.until_ms)), first_id(asked.since_ms)
    rows = tx.messages_before(before, page.most, equal, least, LOOKED_MOST)
    if len(rows) < page.most and equal and tx.has_more_messages(before, least, LOOKED_MOST):
        raise Invalid("this page would look through more than {count:,} messages", "narrow the span", count=LOOKED_MOST)
    accounts, channels = _names(tx, "account"), _names(tx, "channel")
    return [
        row
        | {
            "account": accounts.get(row["account_id"], ""),
            "channel": channels.get(row["channel_id"], ""),
            "state": MessageState(row["state"]).name.lower(),
            "product": Product(row["product"]).name.lower(),
            "phone": _phone(row["phone"], full=asked.full),
            "code": row["code"] or (DELIVERED if row["state"] == MessageState.DELIVERED else ""),
            "accepted_ms": made_ms(row["id"]),
        }
        for row in rows
    ]


def replies_page(tx: PagesTx, page: Page, account: str = "", *, full: bool = False) -> list[Facts]:
    """What handsets sent. Texts are shown with whole phones alone. raises: NotFound"""
    equal = {"account_id": find_account(tx, account)["id"]} if account else {}
    accounts, channels = _names(tx, "account"), _names(tx, "channel")
    return [
        row
        | {
            "account": accounts.get(row["account_id"], ""),
            "channel": channels.get(row["channel_id"], ""),
            "phone": _phone(row["phone"], full=full),
            "text": row["text"] if full else "",
        }
        for row in tx.rows_before("mo", page.before_id, page.most, equal)
    ]


def pushes_page(tx: PagesTx, page: Page, account: str) -> list[Facts]:
    """Posts to a customer. raises: NotFound"""
    equal = {"account_id": find_account(tx, account)["id"]}
    return [
        row
        | {
            "kind": OwedKind(row["kind"]).name.lower(),
            "outcome": PushOutcome(row["outcome"]).name.lower(),
            "url": without_password(row["url"]),
            "at_ms": made_ms(row["id"]),
        }
        for row in tx.rows_before("attempt", page.before_id, page.most, equal)
    ]


@dataclass(frozen=True, slots=True)
class KeyPage:
    """At most so many rows behind a key: the account, 0 for everybody's, and the word or the phone."""

    after: tuple[int, Any]
    most: int


def words_after(tx: KeyPagesTx, page: KeyPage, account: str | None = None) -> list[Facts]:
    """Words in key order, of one account if it is named ("": everybody's); each with its `key`. raises: NotFound"""
    only, after = _begin(tx, page, account, "")
    names = _names(tx, "account")
    return [
        {"word": text, "account": names.get(owner, ""), "key": [owner, plain]}
        for owner, plain, text in tx.words_page(after, page.most)
        if only in {None, owner}
    ]


def listed_after(tx: KeyPagesTx, page: KeyPage, now_ms: int, account: str | None = None) -> list[Facts]:
    """What is black-listed now, in key order, as `words_after`. raises: NotFound"""
    only, after = _begin(tx, page, account, 0)
    names, found = _names(tx, "account"), list[Facts]()
    while len(found) < page.most and (rows := tx.listed_page(after, page.most)):
        found += [
            {
                "phone": phone,
                "account": names.get(owner, ""),
                "end_s": end_s,
                "note": note,
                "made_ms": made_ms,
                "key": [owner, phone],
            }
            for owner, phone, end_s, note, made_ms in rows
            if end_s > now_ms // 1000 and only in {None, owner}
        ]
        after = rows[-1][:2]
        if only is not None and after[0] != only:
            break
    return found[: page.most]


def _begin(tx: ConfigRowsTx, page: KeyPage, account: str | None, first: Any) -> tuple[int | None, tuple[int, Any]]:
    """Whose rows alone, and behind which key they begin."""
    if account is None:
        return None, page.after
    only = int(find_account(tx, account)["id"]) if account else EVERYBODY
    return only, max(page.after, (only, first))


def _names(tx: ConfigRowsTx, table: str) -> dict[int, str]:
    return {row["id"]: row["name"] for row in tx.rows_of(table)}


def _phone(phone: int, *, full: bool) -> str:
    return national(phone) if full else masked(phone)
