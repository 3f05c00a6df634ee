"""Imports of tables: what the rows of a file would add, change and remove, and then the change itself.

A file has a head with the names of columns, in any order; without a head its first columns stand in their usual order. What a file has no
column for stays as it is. Rows that are missing from the file are removed only if it is said that the file is the whole of it, and if
none of its rows is wrong: a wrong row may be one that is there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, LiteralString

from hongyan.i18n import _, column_head, using_language
from hongyan.model.act import Act
from hongyan.model.errors import AdminError, Invalid
from hongyan.model.staff import Permission
from hongyan.model.wrong_values import check_cells
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx

TableRow = dict[str, str]
"""A row as files have it: a text for each column."""

Key = tuple[str, ...]


def _same(row: TableRow) -> TableRow:
    return row


@dataclass(frozen=True, slots=True)
class ImportTable:
    """A table that files are imported into.

    columns: in the order of files; those of a file without a head are the `bare` ones
    by:      the column that a head always has: what the rows are about
    read:    returns a row with its values checked, in the form in which `stored` has them. raises: AdminError
    stored:  all rows, or those of one account, which may hold millions
    masked:  returns a row as those may see it who may not see whole phones
    put:     adds rows, or changes those with the same key; drop: removes rows. Each of up to `slice` rows, in one transaction
    """

    name: str
    title: LiteralString
    help: LiteralString
    path: str
    needs: Permission
    columns: tuple[str, ...]
    by: str
    key: Callable[[TableRow], Key]
    read: Callable[[TableRow], TableRow]
    stored: Callable[[Tx, str, int], Iterable[TableRow]]
    put: Callable[[Tx, Act, Sequence[TableRow]], None]
    drop: Callable[[Tx, Act, Sequence[TableRow]], None]
    bare: tuple[str, ...] = ()  # all of them, if none is named
    heads: Mapping[str, str] = field(default_factory=dict)  # whose head a column has on a page, if not its own
    slice: int = 500
    masked: Callable[[TableRow], TableRow] = _same
    needs_to_export: Permission = Permission.SEE


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a file that is not empty. line: where it stands, from 1"""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class FileImport:
    """A file, and how it is to be read. account: rows that name none are of this one, and no row may be of another"""

    rows: Sequence[FileRow]
    account: str = ""
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class ChangedRow:
    before: TableRow
    after: TableRow


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is left out. cells: its cells by column, as far as they have one"""

    line: int
    text: str
    cells: TableRow
    why: AdminError


@dataclass(slots=True)
class Difference:
    """What would become of the rows of a file, and of those that it does not have."""

    rows: int = 0
    added: list[TableRow] = field(default_factory=list)
    changed: list[ChangedRow] = field(default_factory=list)
    removed: list[TableRow] = field(default_factory=list)
    same: int = 0
    repeated: int = 0  # of an earlier row
    wrong: list[WrongRow] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)

    @property
    def counts(self) -> dict[str, int]:
        sizes = {name: len(getattr(self, name)) for name in ("added", "changed", "removed")}
        return {"rows": self.rows, **sizes, "same": self.same, "repeated": self.repeated, "wrong": len(self.wrong)}


SHOWN_MOST = 1_000
"""The most rows of each kind that an answer lists."""


def as_shown(table: ImportTable, difference: Difference, *, sees_phones: bool, most: int) -> Difference:
    """Returns a difference as a person may see it, with the first rows of each kind. Its counts are not those of the whole."""
    show = _same if sees_phones else table.masked
    return replace(
        difference,
        added=list(map(show, difference.added[:most])),
        changed=[ChangedRow(show(row.before), show(row.after)) for row in difference.changed[:most]],
        removed=list(map(show, difference.removed[:most])),
        wrong=difference.wrong[:most],
    )


def as_answer(table: ImportTable, difference: Difference, *, sees_phones: bool) -> dict[str, Any]:
    """Returns what programs get of a difference: its counts, and the rows that differ or are wrong."""
    counts, difference = difference.counts, as_shown(table, difference, sees_phones=sees_phones, most=SHOWN_MOST)
    pairs = [
        *(("added", {}, row) for row in difference.added),
        *(("changed", row.before, row.after) for row in difference.changed),
        *(("removed", row, {}) for row in difference.removed),
    ]
    wrong = [{"line": row.line, "text": row.text, "why": _(row.why.sentence, **row.why.facts)} for row in difference.wrong]
    differing = [{"action": action, "before": before, "after": after} for action, before, after in pairs]
    return counts | {"differing": differing, "wrong_rows": wrong}


def compare(tx: Tx, table: ImportTable, file: FileImport, now_ms: int) -> Difference:
    """Returns what an import of the file would do. raises: NotFound for the account, Invalid for an empty file"""
    if not file.rows:
        raise Invalid("the file is empty")
    _check_account(table, file.account)
    found = Difference()
    given = _given(tx, table, file, found)
    stored = {}
    for row in table.stored(tx, file.account, now_ms):
        if (key := table.key(row)) in given:
            stored[key] = row
        elif file.is_whole and not found.wrong:
            found.removed.append(row)
    for key, (names, row) in given.items():
        before = stored.get(key)
        after = row if before is None else before | {name: row[name] for name in names}
        if before is None:
            found.added.append(after)
        elif before == after:
            found.same += 1
        else:
            found.changed.append(ChangedRow(before, after))
    return found


def _check_account(table: ImportTable, account: str) -> None:
    """raises: Invalid"""
    if account and "account" not in table.columns:
        raise Invalid("these rows are of no account")


def _given(tx: Tx, table: ImportTable, file: FileImport, found: Difference) -> dict[Key, tuple[list[str], TableRow]]:
    """Returns the rows that are right by key, with the columns that they say; notes the others."""
    head, rows = _head(table, file.rows)
    known = _known_names(tx)
    given: dict[Key, tuple[list[str], TableRow]] = {}
    for line in rows:
        found.rows += 1
        cells = dict(zip(head, line.cells, strict=False))
        try:
            row = _checked(table, file, cells, known)
            key = table.key(row)
            is_new = _is_new(row, given.get(key), key)
        except AdminError as error:
            found.wrong.append(WrongRow(line.line, ", ".join(line.cells), cells, error))
            continue
        found.repeated += not is_new
        if is_new:
            given[key] = ([name for name in cells if name in row], row)
    return given


def _is_new(row: TableRow, earlier: tuple[list[str], TableRow] | None, key: Key) -> bool:
    """Returns whether no earlier row says this. raises: Invalid if one says something else of the same thing"""
    if earlier is not None and len(row) > len(key) and row != earlier[1]:
        raise Invalid("an earlier row says something else of it")
    return earlier is None


def _head(table: ImportTable, rows: Sequence[FileRow]) -> tuple[Sequence[str], Sequence[FileRow]]:
    """Returns the columns of the file, and its rows without the head."""
    names = head_of(table, rows[0].cells) if rows else []
    return (names, rows[1:]) if names else (table.bare or table.columns, rows)


def head_of(table: ImportTable, cells: Sequence[str]) -> list[str]:
    """Returns the columns that a first row names, in English or Chinese; none if it is no head.

    raises: Invalid if it names columns, and not that which every head has: as the first row of a list it would lose what they say
    """
    words = {head: name for name in table.columns for head in (name, table.heads.get(name, name))}
    with using_language("zh"):
        words |= {column_head(head): name for head, name in words.items()}
    names = [words.get(cell.lower(), cell) for cell in cells]
    if table.by not in names and not set(table.columns).isdisjoint(names):
        raise Invalid(
            "the first row names columns, and none of them is {column}",
            "name them {columns}",
            column=_shown(table, table.by),
            columns=", ".join(_shown(table, name) for name in table.columns),
        )
    return names if table.by in names else []


def _shown(table: ImportTable, name: str) -> str:
    """Returns the head of a column as pages have it."""
    return column_head(table.heads.get(name, name))


def _known_names(tx: Tx) -> Mapping[str, set[str]]:
    return {table: {row["name"] for row in tx.rows_of(table)} for table in ("account", "channel")}


def _checked(table: ImportTable, file: FileImport, cells: Mapping[str, str], known: Mapping[str, set[str]]) -> TableRow:
    """raises: AdminError"""
    check_cells(cells.values())
    row = {name: cells.get(name, "") for name in table.columns}
    if "account" in row:
        row["account"] = row["account"] or file.account
        if file.account and row["account"] != file.account:
            raise Invalid("the row is of another account than {account}", account=file.account)
    if (account := row.get("account")) and account not in known["account"]:
        raise Invalid("there is no account {name}", name=account)
    if (channel := row.get("channel")) and channel not in known["channel"]:
        raise Invalid("there is no channel {name}", name=channel)
    return table.read(row)


async def apply(store: AdminStore, table: ImportTable, difference: Difference) -> None:
    """Do what a difference says, slice by slice, each in a transaction of its own with its audit rows. It may be repeated."""
    put = [*difference.added, *(row.after for row in difference.changed)]
    for act, rows in ((table.put, put), (table.drop, difference.removed)):
        for begin in range(0, len(rows), table.slice):
            await store.change(act, rows[begin : begin + table.slice])


def exported(tx: Tx, table: ImportTable, account: str, now_ms: int, most: int) -> list[list[str]]:
    """Returns the rows of the table as a file has them, behind the head. raises: NotFound, Invalid for more than `most`"""
    _check_account(table, account)
    rows: list[list[Any]] = [list(table.columns)]
    for row in table.stored(tx, account, now_ms):
        if len(rows) > most:
            raise Invalid("the list has more than {most:,} rows", "narrow it to an account, or export it as a job", most=most)
        rows.append([row[name] for name in table.columns])
    return rows
