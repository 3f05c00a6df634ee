"""The tables that files are imported into, and how each is read, listed and changed."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from hongyan.i18n import CHINA, N_, china_time
from hongyan.model.act import Act
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Invalid
from hongyan.model.meaning import CodeRuleChange
from hongyan.model.names import REMARK
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import masked, national, normalise
from hongyan.model.signature import SIGNATURE, STATE, SignatureState
from hongyan.model.staff import Permission
from hongyan.model.template import NUMBER, TEXT
from hongyan.model.words import WORD, plain
from hongyan.ports.tx import Tx
from hongyan.services.admin import codes, rules, templates
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.importing import ImportTable, Key, TableRow

# --- signatures


def _read_signature(row: TableRow) -> TableRow:
    """raises: Invalid"""
    _needs(row, "account")
    state = STATE.checked("state", row["state"].lower() or SignatureState.PENDING)
    name, note = SIGNATURE.checked("name", row["name"]), REMARK.checked("note", row["note"])
    return row | {"name": name, "state": state.value, "note": note}


def _signatures(tx: Tx, account: str, _now_ms: int) -> Iterator[TableRow]:
    for name, row in _of_accounts(tx, "signature", account):
        yield {"account": name, "name": row["name"], "state": row["state"], "note": row["note"]}


def _put_signatures(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        rules.put_signature(tx, act, row["account"], row["name"], SignatureState(row["state"]), row["note"])


def _drop_signatures(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        rules.remove_signature(tx, act, row["account"], row["name"])


# --- templates


def _read_template(row: TableRow) -> TableRow:
    """raises: Invalid"""
    _needs(row, "account", "number")
    return row | {"number": NUMBER.checked("number", row["number"]), "text": TEXT.checked("text", row["text"])}


def _templates(tx: Tx, account: str, _now_ms: int) -> Iterator[TableRow]:
    for name, row in _of_accounts(tx, "template", account):
        yield {"account": name, "number": row["number"], "text": row["text"].replace("\r\n", "\n")}


def _put_templates(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in _by_account(rows):
        templates.put_templates(tx, act, account, {row["number"]: row["text"] for row in group})


def _drop_templates(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        templates.remove_template(tx, act, row["account"], row["number"])


# --- codes

_FLAGS = {"": None, "no": False, "yes": True}
_AS_FLAG = {-1: "", 0: "no", 1: "yes"}


def _read_code(row: TableRow) -> TableRow:
    """raises: Invalid"""
    _needs(row, "code", "class")
    _code_rule(row)
    return row


def _code_rule(row: TableRow) -> CodeRuleChange:
    """raises: Invalid"""
    if row["resend"] not in _FLAGS:
        raise Invalid("{field} cannot be {value}", "give yes or no", field="resend", value=row["resend"])
    said = {"code": row["code"], "kind": row["class"], "points": row["points"] or None}
    return CodeRuleChange(**said, may_resend=_FLAGS[row["resend"]], english=row["english"], chinese=row["chinese"])  # type: ignore[arg-type]


def _codes(tx: Tx, _account: str, _now_ms: int) -> Iterator[TableRow]:
    names = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    for row in sorted(tx.rows_of("code_rule"), key=lambda row: (row["code"], row["channel_id"])):
        shown = {name: row[name] for name in ("code", "points", "english", "chinese")}
        channel = names.get(row["channel_id"], "")
        if channel or row["channel_id"] == codes.EVERY:
            yield {"channel": channel, "class": row["kind"], "resend": _AS_FLAG[row["resend"]]} | shown


def _put_codes(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        codes.set_code(tx, act, _code_rule(row), row["channel"] or None)


def _drop_codes(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        codes.unset_code(tx, act, row["code"], row["channel"] or None)


# --- words


def _read_word(row: TableRow) -> TableRow:
    """raises: Invalid"""
    return row | {"word": WORD.checked("word", row["word"])}


def _words(tx: Tx, account: str, _now_ms: int) -> Iterator[TableRow]:
    return rules.words(tx, account or None)


def _put_words(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    """Words that are written otherwise than before are entered anew."""
    for account, group in _by_account(rows):
        words = [row["word"] for row in group]
        rules.remove_words(tx, act, words, account)
        rules.add_words(tx, act, words, account)


def _drop_words(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in _by_account(rows):
        rules.remove_words(tx, act, [row["word"] for row in group], account)


# --- black lists


def _read_number(row: TableRow) -> TableRow:
    """raises: Invalid"""
    phone = normalise(row["number"].removesuffix(".0"))  # as spreadsheets write it
    if phone is None:
        raise Invalid("this is no number that messages can go to")
    until = "" if not row["until"] else china_time(_end_s(row["until"]) * 1000)
    return row | {"number": national(phone), "note": REMARK.checked("note", row["note"]), "until": until}


_MOMENT = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?")
"""A moment as it is exported, and as spreadsheets write it back: 2026/1/2 8:00."""


def _end_s(until: str) -> int:
    """raises: Invalid"""
    if not until:
        return FOREVER_S
    try:
        year, month, day, hour, minute, second = _figures(until)
        end_s = int(datetime(year, month, day, hour, minute, second, tzinfo=CHINA).timestamp())
    except ValueError as error:
        raise Invalid(
            "{field} cannot be {value}", "give a moment of China such as 2026-11-29 18:00:00", field="until", value=until
        ) from error
    if not 0 < end_s < FOREVER_S:
        raise Invalid("{field} cannot be {value}", "give a moment of this century", field="until", value=until)
    return end_s


def _figures(until: str) -> Sequence[int]:
    """raises: ValueError"""
    if (found := _MOMENT.fullmatch(until)) is None:
        raise ValueError(until)
    return [int(figure or 0) for figure in found.groups()]


def _listed(tx: Tx, account: str, now_ms: int) -> Iterator[TableRow]:
    for row in rules.listed(tx, now_ms, account or None):
        until = "" if row["end_s"] == FOREVER_S else china_time(row["end_s"] * 1000)
        yield {"number": national(row["phone"]), "note": row["note"], "until": until, "account": row["account"]}


def _masked_number(row: TableRow) -> TableRow:
    return row | {"number": masked(_phone(row))}


def _put_listed(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in _by_account(rows):
        entries = [ListedNumber(phone=_phone(row), end_s=_end_s(row["until"]), note=row["note"]) for row in group]
        rules.add_listed(tx, act, entries, account)


def _drop_listed(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in _by_account(rows):
        rules.remove_listed(tx, act, [_phone(row) for row in group], account)


def _phone(row: TableRow) -> int:
    phone = normalise(row["number"])
    assert phone is not None, row
    return phone


# --- what several do


def _needs(row: TableRow, *names: str) -> None:
    """raises: Invalid"""
    for name in names:
        if not row[name]:
            raise Invalid("{field} is missing", field=name)


def _of_accounts(tx: Tx, table: str, account: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields rows with the names of their accounts. raises: NotFound"""
    only = {"account_id": find_account(tx, account)["id"]} if account else {}
    names = {row["id"]: row["name"] for row in tx.rows_of("account")}
    for row in tx.rows_of(table, **only):
        if row["account_id"] in names:
            yield names[row["account_id"]], row


def _by_account(rows: Sequence[TableRow]) -> Iterator[tuple[str, list[TableRow]]]:
    ordered = sorted(rows, key=lambda row: row["account"])
    for account, group in groupby(ordered, key=lambda row: row["account"]):
        yield account, list(group)


def _key(*names: str) -> Callable[[TableRow], Key]:
    return lambda row: tuple(row[name] for name in names)


IMPORT_TABLES = {
    one.name: one
    for one in (
        ImportTable(
            name="signatures",
            title=N_("Import signatures"),
            help=N_("Columns: account, name, state (pending, approved, rejected), note."),
            path="/signatures",
            needs=Permission.REVIEW,
            columns=("account", "name", "state", "note"),
            by="name",
            key=_key("account", "name"),
            read=_read_signature,
            stored=_signatures,
            put=_put_signatures,
            drop=_drop_signatures,
        ),
        ImportTable(
            name="templates",
            title=N_("Import templates"),
            help=N_("Columns: account, number, text."),
            path="/templates",
            needs=Permission.REVIEW,
            columns=("account", "number", "text"),
            by="number",
            key=_key("account", "number"),
            read=_read_template,
            stored=_templates,
            put=_put_templates,
            drop=_drop_templates,
        ),
        ImportTable(
            name="codes",
            title=N_("Import codes"),
            help=N_("Columns: code, channel (empty: all channels), class, points, resend (yes, no), english, chinese."),
            path="/codes",
            needs=Permission.CHANNELS,
            columns=("code", "channel", "class", "points", "resend", "english", "chinese"),
            by="code",
            key=_key("code", "channel"),
            read=_read_code,
            stored=_codes,
            put=_put_codes,
            drop=_drop_codes,
        ),
        ImportTable(
            name="words",
            title=N_("Import words"),
            help=N_("One word a line, or in the first column of a CSV. With a head also: account."),
            path="/words",
            needs=Permission.REVIEW,
            columns=("word", "account"),
            by="word",
            key=lambda row: (row["account"], plain(row["word"])),
            read=_read_word,
            stored=_words,
            put=_put_words,
            drop=_drop_words,
            bare=("word",),
            slice=rules.SLICE,
        ),
        ImportTable(
            name="blacklist",
            title=N_("Import a black list"),
            help=N_(
                "One number a line, or in the first column of a CSV; a note in the second. With a head also: until (China's time), account."
            ),
            path="/blacklist",
            needs=Permission.BLACK_LIST,
            columns=("number", "note", "until", "account"),
            by="number",
            key=_key("account", "number"),
            read=_read_number,
            stored=_listed,
            put=_put_listed,
            drop=_drop_listed,
            bare=("number", "note"),
            heads={"number": "phone"},
            slice=rules.SLICE,
            needs_to_export=Permission.PHONES,
            masked=_masked_number,
        ),
    )
}
