"""Listeners, to which customers connect as to a carrier: added, changed and removed, each with an audit row in its transaction."""

from collections.abc import Mapping
from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, Invalid, NotFound
from hongyan.model.fields import in_words, usual_columns
from hongyan.model.listener import ListenerChange
from hongyan.model.names import NAME
from hongyan.model.session_settings import SessionProtocol
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.customer_sessions import SessionListTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.steps.customer_sessions import ALIVE_MS


def add_listener(tx: ConfigTx, act: Act, name: str, protocol: SessionProtocol, change: ListenerChange) -> int:
    """Add a listener; every process with the doors opens it soon. Returns its id.

    raises: Conflict if its name, or its address and port, are taken; Invalid without a port
    """
    NAME.checked("name", name)
    if tx.rows_of("listener", name=name):
        raise Conflict("there is a listener {name} already", name=name)
    if change.port is None:
        raise Invalid("a listener needs a port", "2775 is usual for SMPP, 7890 for CMPP")
    row = usual_columns(ListenerChange) | change.columns()
    _check_free(tx, 0, row)
    listener_id = tx.take_count("listener", 1)
    tx.add_row("listener", id=listener_id, name=name, protocol=str(protocol), made_ms=act.now_ms, **row)
    tx.audit(act, AuditAction.LISTENER_ADD, name, {}, row)
    return listener_id


def change_listener(tx: ConfigTx, act: Act, name: str, change: ListenerChange) -> None:
    """Change a listener. Connections stay unless address, port or TLS change. raises: NotFound, Conflict"""
    before = find_listener(tx, name)
    columns = change.columns()
    _check_free(tx, before["id"], before | columns)
    if columns:
        tx.change_row("listener", before["id"], **columns)
        tx.audit(act, AuditAction.LISTENER_CHANGE, name, before, before | columns)


def drop_listener(tx: ConfigTx, act: Act, name: str) -> None:
    """Remove a listener and end its connections. raises: NotFound"""
    row = find_listener(tx, name)
    tx.drop_row("listener", row["id"])
    tx.audit(act, AuditAction.LISTENER_DROP, name, row, {})


def listeners(tx: SessionListTx, now_ms: int) -> list[dict[str, Any]]:
    """Returns every listener with the number of its sessions that are up."""
    up = tx.sessions_at_listeners(now_ms - ALIVE_MS)
    return [_shown(row, up) for row in tx.rows_of("listener")]


def listener(tx: SessionListTx, now_ms: int, name: str) -> dict[str, Any]:
    """raises: NotFound"""
    return _shown(find_listener(tx, name), tx.sessions_at_listeners(now_ms - ALIVE_MS))


def _shown(row: dict[str, Any], up: Mapping[int, int]) -> dict[str, Any]:
    state = "stopped" if row["is_stopped"] else "running"
    return row | in_words(ListenerChange, row) | {"state": state, "sessions": up.get(row["id"], 0)}


def find_listener(tx: ConfigRowsTx, name: str) -> dict[str, Any]:
    rows = tx.rows_of("listener", name=name)
    if not rows:
        raise NotFound("there is no listener {name}", name=name)
    return rows[0]


def _check_free(tx: ConfigTx, own_id: int, row: dict[str, Any]) -> None:
    for other in tx.rows_of("listener", port=row["port"]):
        if other["id"] != own_id and other["address"] == row["address"]:
            raise Conflict(
                "listener {name} has {address} port {port}", name=other["name"], address=row["address"], port=row["port"]
            )
