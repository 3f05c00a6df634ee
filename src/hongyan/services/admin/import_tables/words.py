"""Words that texts may not hold, as files have them."""

from collections.abc import Iterator, Sequence

from hongyan.i18n import N_
from hongyan.model.act import Act
from hongyan.model.staff import Permission
from hongyan.model.words import WORD, plain
from hongyan.ports.tx import Tx
from hongyan.services.admin import rules
from hongyan.services.admin.import_tables.rows import by_account
from hongyan.services.admin.importing import ImportTable, TableRow


def _read(row: TableRow) -> TableRow:
    """raises: Invalid"""
    return row | {"word": WORD.checked("word", row["word"])}


def _stored(tx: Tx, account: str, _now_ms: int) -> Iterator[TableRow]:
    return rules.words(tx, account or None)


def _put(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    """Words that are written otherwise than before are entered anew."""
    for account, group in by_account(rows):
        words = [row["word"] for row in group]
        rules.remove_words(tx, act, words, account)
        rules.add_words(tx, act, words, account)


def _drop(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in by_account(rows):
        rules.remove_words(tx, act, [row["word"] for row in group], account)


WORDS = ImportTable(
    name="words",
    title=N_("Import words"),
    help=N_("One word a line, or in the first column of a CSV. With a head also: account."),
    path="/words",
    needs=Permission.REVIEW,
    columns=("word", "account"),
    by="word",
    key=lambda row: (row["account"], plain(row["word"])),
    read=_read,
    stored=_stored,
    put=_put,
    drop=_drop,
    bare=("word",),
    slice=rules.SLICE,
)
