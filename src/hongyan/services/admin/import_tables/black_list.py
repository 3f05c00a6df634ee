"""Numbers that nothing is sent to, as files have them."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from hongyan.i18n import CHINA, N_, china_time
from hongyan.model.act import Act
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Invalid
from hongyan.model.names import REMARK
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import masked, national, normalise
from hongyan.model.staff import Permission
from hongyan.ports.tx import Tx
from hongyan.services.admin import rules
from hongyan.services.admin.import_tables.rows import by_account, key_of
from hongyan.services.admin.importing import ImportTable, TableRow


def _read(row: TableRow) -> TableRow:
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


def _stored(tx: Tx, account: str, now_ms: int) -> Iterator[TableRow]:
    for row in rules.listed(tx, now_ms, account or None):
        until = "" if row["end_s"] == FOREVER_S else china_time(row["end_s"] * 1000)
        yield {"number": national(row["phone"]), "note": row["note"], "until": until, "account": row["account"]}


def _masked_number(row: TableRow) -> TableRow:
    return row | {"number": masked(_phone(row))}


def _put(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in by_account(rows):
        entries = [ListedNumber(phone=_phone(row), end_s=_end_s(row["until"]), note=row["note"]) for row in group]
        rules.add_listed(tx, act, entries, account)


def _drop(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in by_account(rows):
        rules.remove_listed(tx, act, [_phone(row) for row in group], account)


def _phone(row: TableRow) -> int:
    phone = normalise(row["number"])
    assert phone is not None, row
    return phone


BLACK_LIST = ImportTable(
    name="blacklist",
    title=N_("Import a black list"),
    help=N_(
        "One number a line, or in the first column of a CSV; a note in the second. With a head also: until (China's time), account."
    ),
    path="/blacklist",
    needs=Permission.BLACK_LIST,
    columns=("number", "note", "until", "account"),
    by="number",
    key=key_of("account", "number"),
    read=_read,
    stored=_stored,
    put=_put,
    drop=_drop,
    bare=("number", "note"),
    heads={"number": "phone"},
    slice=rules.SLICE,
    needs_to_export=Permission.PHONES,
    masked=_masked_number,
)
