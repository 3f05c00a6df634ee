"""Templates of accounts, as files have them."""

from collections.abc import Iterator, Sequence

from hongyan.i18n import N_
from hongyan.model.act import Act
from hongyan.model.staff import Permission
from hongyan.model.template import NUMBER, TEXT
from hongyan.ports.tx import Tx
from hongyan.services.admin import templates
from hongyan.services.admin.import_tables.rows import by_account, check_given, key_of, of_accounts
from hongyan.services.admin.importing import ImportTable, TableRow


def _read(row: TableRow) -> TableRow:
    """raises: Invalid"""
    check_given(row, "account", "number")
    return row | {"number": NUMBER.checked("number", row["number"]), "text": TEXT.checked("text", row["text"])}


def _stored(tx: Tx, account: str, _now_ms: int) -> Iterator[TableRow]:
    for name, row in of_accounts(tx, "template", account):
        yield {"account": name, "number": row["number"], "text": row["text"].replace("\r\n", "\n")}


def _put(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for account, group in by_account(rows):
        templates.put_templates(tx, act, account, {row["number"]: row["text"] for row in group})


def _drop(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        templates.remove_template(tx, act, row["account"], row["number"])


TEMPLATES = ImportTable(
    name="templates",
    title=N_("Import templates"),
    help=N_("Columns: account, number, text."),
    path="/templates",
    needs=Permission.REVIEW,
    columns=("account", "number", "text"),
    by="number",
    key=key_of("account", "number"),
    read=_read,
    stored=_stored,
    put=_put,
    drop=_drop,
)
