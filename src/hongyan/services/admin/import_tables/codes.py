"""What the operator says of codes, as files have it."""

from collections.abc import Iterator, Sequence

from hongyan.i18n import N_
from hongyan.model.act import Act
from hongyan.model.errors import Invalid
from hongyan.model.meaning import CodeRuleChange
from hongyan.model.staff import Permission
from hongyan.ports.tx import Tx
from hongyan.services.admin import codes
from hongyan.services.admin.import_tables.rows import check_given, key_of
from hongyan.services.admin.importing import ImportTable, TableRow

_FLAGS = {"": None, "no": False, "yes": True}
_AS_FLAG = {-1: "", 0: "no", 1: "yes"}


def _read(row: TableRow) -> TableRow:
    """raises: Invalid"""
    check_given(row, "code", "class")
    _code_rule(row)
    return row


def _code_rule(row: TableRow) -> CodeRuleChange:
    """raises: Invalid"""
    if row["resend"] not in _FLAGS:
        raise Invalid("{field} cannot be {value}", "give yes or no", field="resend", value=row["resend"])
    settings = {"code": row["code"], "kind": row["class"], "points": row["points"] or None}
    return CodeRuleChange(**settings, may_resend=_FLAGS[row["resend"]], english=row["english"], chinese=row["chinese"])  # type: ignore[arg-type]


def _stored(tx: Tx, _account: str, _now_ms: int) -> Iterator[TableRow]:
    names = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    for row in sorted(tx.rows_of("code_rule"), key=lambda row: (row["code"], row["channel_id"])):
        shown = {name: row[name] for name in ("code", "points", "english", "chinese")}
        channel = names.get(row["channel_id"], "")
        if channel or row["channel_id"] == codes.EVERY:
            yield {"channel": channel, "class": row["kind"], "resend": _AS_FLAG[row["resend"]]} | shown


def _put(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        codes.set_code(tx, act, _code_rule(row), row["channel"] or None)


def _drop(tx: Tx, act: Act, rows: Sequence[TableRow]) -> None:
    for row in rows:
        codes.unset_code(tx, act, row["code"], row["channel"] or None)


CODES = ImportTable(
    name="codes",
    title=N_("Import codes"),
    help=N_("Columns: code, channel (empty: all channels), class, points, resend (yes, no), english, chinese."),
    path="/codes",
    needs=Permission.CHANNELS,
    columns=("code", "channel", "class", "points", "resend", "english", "chinese"),
    by="code",
    key=key_of("code", "channel"),
    read=_read,
    stored=_stored,
    put=_put,
    drop=_drop,
)
