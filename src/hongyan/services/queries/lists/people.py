"""Staff, tokens, and the audit."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from hongyan.i18n import china_time, choice_word, column_head, value_word, yes_or_no
from hongyan.model.account import AccountChange
from hongyan.model.act import AuditAction
from hongyan.model.channel import ChannelChange, ChannelOpening
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Change, Param, as_json, fields_of
from hongyan.model.kinds import Kind, text, word
from hongyan.model.listener import ListenerChange, ListenerOpening
from hongyan.model.meaning import CodeRuleChange
from hongyan.model.phone import masked
from hongyan.model.route import RouteChange
from hongyan.model.site import SiteChange
from hongyan.model.staff import Permission, StaffChange
from hongyan.ports.tx.queries import PagesTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin import staff, tokens
from hongyan.services.queries.lists.listing import Listing, ListQuery, Span

ACTOR = Param("actor", "Only by this one, as kind:name.", text(128))
ACTION = Param("action", "Only this action, such as account.change.", word(AuditAction))
SUBJECT = Param("subject", "Only of this one.", text(128))

_VALUE_MOST = 60  # characters of a value that a table shows
_LENGTH_MOST_MS = 10**11  # no time that is set is so long: beyond it, milliseconds are a moment

_CHANGES_OF: Mapping[str, tuple[type[Change], ...]] = {
    "account": (AccountChange,),
    "channel": (ChannelOpening, ChannelChange),
    "route": (ChannelOpening, RouteChange),
    "listener": (ListenerOpening, ListenerChange),
    "site": (SiteChange,),
    "code": (CodeRuleChange,),
    "staff": (StaffChange,),
}
"""What can be set of the things whose changes the audit has, by the first word of the action."""


def _staff(tx: ConfigRowsTx, _: ListQuery) -> list[Facts]:
    return staff.staff(tx)


def _tokens(tx: ConfigRowsTx, query: ListQuery) -> list[Facts]:
    return tokens.tokens(tx, query.now_ms)


def _audit(tx: PagesTx, query: ListQuery) -> list[Facts]:
    equal = {name: str(query.named(name)) for name in ("actor", "action", "subject") if query.named(name)}
    least, before = query.ids
    rows = tx.rows_before("audit", before, query.most, equal, least)
    shown = [row | {"before": orjson.loads(row["before"]), "after": orjson.loads(row["after"])} for row in rows]
    return shown if query.is_full else [_without_phones(row) for row in shown]


def _without_phones(row: Facts) -> Facts:
    """Mask phones: changes of black lists name the first numbers."""
    if not row["action"].startswith("blacklist."):
        return row
    return row | {
        side: row[side] | {"first": list(map(masked, row[side]["first"]))} for side in ("before", "after") if row[side]
    }


EVERYBODY = "everybody"
"""The subject of a change of the words, or of the black list, of all accounts."""


def _with_detail(row: Facts) -> Facts:
    """Returns the row with what changed: the fields that differ, with both values; of what was added only the values that are
    not empty.
    """
    before, after = row["before"], row["after"]
    if not isinstance(before, dict) or not isinstance(after, dict):
        return row | {"detail": ""}
    names = [name for name in dict.fromkeys([*before, *after]) if (before.get(name) or "") != (after.get(name) or "")]
    kinds = _kinds(row["action"].partition(".")[0])
    sides = [[_shown(kinds, name, side[name]) for side in (before, after) if side.get(name) is not None] for name in names]
    detail = ", ".join(f"{column_head(name)}: {' → '.join(values)}" for name, values in zip(names, sides, strict=True))
    subject = value_word("subject", EVERYBODY) if row["subject"] == EVERYBODY else row["subject"]
    return row | {"subject": subject, "detail": detail}


def _kinds(noun: str) -> dict[str, Kind]:
    """Returns by column what can be set of a thing."""
    return {field.column: field.kind for change in _CHANGES_OF.get(noun, ()) for field in fields_of(change)}


def _shown(kinds: Mapping[str, Kind], name: str, stored: Any) -> str:
    """Returns a value of the audit as people read it: numbers that stand for words as these words. What an earlier release
    stored and no word stands for any more is shown as it is.
    """
    value, kind = stored, kinds.get(name)
    if kind is not None and (kind.words or kind.is_list or kind.of is bool):
        with suppress(ValueError, TypeError):
            value = as_json(kind.load(stored))
    if isinstance(value, bool):
        return yes_or_no(value)
    if name.endswith("_ms") and isinstance(value, int) and value > _LENGTH_MOST_MS:
        return china_time(value)
    return ", ".join(choice_word(name, str(one)) for one in (value if isinstance(value, list) else [value]))[:_VALUE_MOST]


STAFF = Listing(
    name="staff",
    thing="Staff",
    title="Staff",
    summary="List the staff.",
    columns=columns_of("id:int name state has_password has_second_factor made_ms seen_ms"),
    table=("name", "title", "role", "state", "has_password", "has_second_factor", "seen_ms"),
    rows=_staff,
    needs=Permission.STAFF,
    of=StaffChange,
    order=("name",),
    is_whole=True,
)

TOKENS = Listing(
    name="tokens",
    thing="Token",
    title="Tokens",
    summary="List the tokens with their end and last use.",
    columns=columns_of("id:int name role state maker made_ms ends_ms used_ms"),
    table=("name", "role", "state", "maker", "made_ms", "ends_ms", "used_ms"),
    rows=_tokens,
    needs=Permission.STAFF,
    order=("name",),
    is_whole=True,
)

AUDIT = Listing(
    name="audit",
    thing="AuditRow",
    title="Audit",
    summary="List who changed what, newest first.",
    columns=columns_of("id:int actor action subject before:any after:any at_ms"),
    table=("at_ms", "actor", "action", "subject", "detail"),
    rows=_audit,
    filters=(ACTOR, ACTION, SUBJECT),
    span=Span(is_open=True),
    needs=Permission.AUDIT,
    table_row=_with_detail,
    usual_most=50,
)

LISTS: tuple[Listing, ...] = (STAFF, TOKENS, AUDIT)
