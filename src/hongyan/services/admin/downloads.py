"""Files with phones or texts of customers leave a row in the audit: who took what, narrowed to what, and how many rows."""

from collections.abc import Mapping
from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.columns import Facts
from hongyan.model.fields import as_json
from hongyan.model.phone import masked
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx.shared import AuditTx
from hongyan.services.admin.importing import ImportTable, exported
from hongyan.services.queries.lists.listing import EXPORT_MOST, Listing, ListQuery, read_all


async def read_for_file(store: AdminStore, listing: Listing, query: ListQuery, most: int = EXPORT_MOST) -> list[Facts]:
    """Read all rows of a list for a file. raises: as `read_all`"""
    rows = await read_all(store, listing, query, most)
    await note_list(store, listing, query, len(rows))
    return rows


async def note_list(store: AdminStore, listing: Listing, query: ListQuery, rows: int) -> None:
    """Note that rows of a list were written into a file."""
    if listing.has_private:
        filters = {name: _audited(name, value) for name, value in query.given.items() if value not in {None, ""}}
        await store.change(note_download, listing.name, rows, {**filters, "full": query.is_full})


async def export_for_file(store: AdminStore, table: ImportTable, account: str, most: int = EXPORT_MOST) -> list[list[str]]:
    """Read a table as a file that can be imported again. raises: as `exported`"""
    rows = await store.read(exported, table, account, store.now_ms(), most)
    if table.needs_to_export is Permission.PHONES:
        await store.change(note_download, table.name, len(rows) - 1, {"account": account, "full": True})
    return rows


def note_download(tx: AuditTx, act: Act, what: str, rows: int, facts: Mapping[str, Any]) -> None:
    """Note that rows were taken as a file. facts: what it was narrowed to, and whether phones are whole"""
    tx.audit(act, AuditAction.LIST_DOWNLOAD, what, {}, {"rows": rows, **facts}, is_config=False)


def _audited(name: str, value: Any) -> Any:
    return masked(value) if name == "phone" and isinstance(value, int) else as_json(value)
