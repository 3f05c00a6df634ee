"""Signatures of accounts, as files have them."""

from collections.abc import Iterator, Sequence

from hongyan.i18n import N_
from hongyan.model.act import Act
from hongyan.model.names import REMARK
from hongyan.model.signature import SIGNATURE, STATE, SignatureState
from hongyan.model.staff import Permission
from hongyan.ports.tx import Tx
from hongyan.services.admin import rules
from hongyan.services.admin.import_tables.rows import check_given, key_of, of_accounts
from hongyan.services.admin.importing import ImportTable, TableRow


def _read(row: TableRow) -> TableRow:
    """raises: Invalid"""
    check_given(row, "account")
    state = STATE.checked("state", row["state"].lower() or SignatureState.PENDING)
    name, note = SIGNATURE.checked("name", row["name"]), REMARK.checked("note", row["note"])
    return row | {"name": name, "state": state.value, "note": note}


def _stored(tx: Tx, account: str, _now_ms: int) -> Iterator[TableRow]:
    for name, row in of_accounts(tx, "signature", account):
        yield {"account": name, "name": row["name"], "state": row["state"], "note": row["note"]}


def _put(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        rules.put_signature(tx, act, row["account"], row["name"], SignatureState(row["state"]), row["note"])


def _drop(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        rules.remove_signature(tx, act, row["account"], row["name"])


SIGNATURES = ImportTable(
    name="signatures",
    title=N_("Import signatures"),
    help=N_("Columns: account, name, state (pending, approved, rejected), note."),
    path="/signatures",
    needs=Permission.REVIEW,
    columns=("account", "name", "state", "note"),
    by="name",
    key=key_of("account", "name"),
    read=_read,
    stored=_stored,
    put=_put,
    drop=_drop,
)
