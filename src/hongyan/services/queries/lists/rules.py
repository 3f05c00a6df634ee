"""Words, black lists, signatures and templates."""

from typing import Any

from hongyan.model import signature
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Param
from hongyan.model.kinds import PHONE, name
from hongyan.model.names import NAME
from hongyan.model.number_list import FOREVER_S
from hongyan.model.words import EVERYBODY
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.queries import KeyPagesTx
from hongyan.ports.tx.rules import RulesTx
from hongyan.services.admin import rules
from hongyan.services.queries.lists.filters import OF_ACCOUNT
from hongyan.services.queries.lists.listing import Listing, ListQuery
from hongyan.services.queries.lists.names import only_of, with_names

OF_OWNER = Param("account", "Only of this account; all: only what holds for all accounts.", NAME)
WITH = Param("with", "Only words that hold this.", name(64))
OF_PHONE = Param("phone", "The lists on which this number stands.", PHONE)
STATE = Param("state", "Only pending, approved or rejected ones.", signature.STATE)

EVERYBODYS = "all"
"""The word for the owner of what holds for all accounts."""


def _words(tx: KeyPagesTx, query: ListQuery) -> list[Facts]:
    part = query.named("with").lower()
    after, only = _begin(tx, query, "")
    found: list[Facts] = []
    while len(found) < query.most and (rows := tx.words_page(after, max(query.most, _PAGE))):
        names = tx.names_in("account", (row[0] for row in rows))
        found += [
            {"word": text, "account": names.get(owner, ""), "place": [owner, plain]}
            for owner, plain, text in rows
            if only in {None, owner} and part in text.lower()
        ]
        after = rows[-1][:2]
        if only is not None and after[0] != only:
            break
    return found[: query.most]


def _listed(tx: RulesTx, query: ListQuery) -> list[Facts]:
    """Read what is black-listed now."""
    if (phone := query.given.get("phone")) is not None:
        return [_entry(row) | {"place": row["account"]} for row in rules.where_listed(tx, phone, query.now_ms)]
    after, only = _begin(tx, query, 0)
    found: list[Facts] = []
    while len(found) < query.most and (rows := tx.listed_page(after, max(query.most, _PAGE))):
        names = tx.names_in("account", (row[0] for row in rows))
        found += [
            _entry({"phone": phone, "account": names.get(owner, ""), "end_s": end_s, "note": note, "made_ms": made_ms})
            | {"place": [owner, phone]}
            for owner, phone, end_s, note, made_ms in rows
            if end_s > query.now_ms // 1000 and only in {None, owner}
        ]
        after = rows[-1][:2]
        if only is not None and after[0] != only:
            break
    return found[: query.most]


_PAGE = 1_000
"""Rows that are read at once."""


def _begin(tx: KeyPagesTx | RulesTx, query: ListQuery, first: Any) -> tuple[Any, int | None]:
    """Returns the key behind which the page begins, and whose rows are read; without an account those for all accounts come
    first.
    """
    after = tuple(query.after) if query.after else (-1, first)
    only = EVERYBODY if query.named("account") == EVERYBODYS else only_of(tx, query).get("account_id")
    return (after, None) if only is None else (max(after, (only, first)), only)


def _entry(row: Facts) -> Facts:
    return row | {"end_s": None if row["end_s"] == FOREVER_S else row["end_s"]}


def _signatures(tx: RulesTx, query: ListQuery) -> list[Facts]:
    state = query.given.get("state")
    equal = only_of(tx, query) | ({"state": state.value} if state is not None else {})
    return with_names(tx, tx.rows_after("signature", "id", query.after, query.most, equal), "account")


def _templates(tx: ConfigTx, query: ListQuery) -> list[Facts]:
    return with_names(tx, tx.rows_after("template", "id", query.after, query.most, only_of(tx, query)), "account")


def _everybodys(row: Facts) -> Facts:
    return row | {"account": row["account"] or EVERYBODYS}


def _with_end(row: Facts) -> Facts:
    return _everybodys(row) | {"end_ms": (row["end_s"] or 0) * 1000}


WORDS = Listing(
    name="words",
    thing="Word",
    title="Words",
    summary="List words that texts may not hold.",
    columns=columns_of("word account"),
    table=("word", "account"),
    rows=_words,
    filters=(WITH, OF_OWNER),
    order=("place",),
    table_row=_everybodys,
)

BLACK_LIST = Listing(
    name="listed",
    thing="BlackListed",
    title="Black lists",
    summary="List what is black-listed now.",
    columns=columns_of("phone:phone account end_s:int? note made_ms"),
    table=("phone", "account", "note", "made_ms", "end_ms"),
    rows=_listed,
    filters=(OF_PHONE, OF_OWNER),
    order=("place",),
    table_row=_with_end,
)

SIGNATURES = Listing(
    name="signatures",
    thing="Signature",
    title="Signatures",
    summary="List signatures.",
    columns=columns_of("id:int account name state note made_ms decided_ms"),
    table=("id", "account", "name", "state", "note", "made_ms", "decided_ms"),
    rows=_signatures,
    filters=(STATE, OF_ACCOUNT),
)

TEMPLATES = Listing(
    name="templates",
    thing="Template",
    title="Templates",
    summary="List templates.",
    columns=columns_of("id:int account number text made_ms"),
    table=("account", "number", "text", "made_ms"),
    rows=_templates,
    filters=(OF_ACCOUNT,),
)

LISTS: tuple[Listing, ...] = (WORDS, BLACK_LIST, SIGNATURES, TEMPLATES)
