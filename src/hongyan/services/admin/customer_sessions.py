"""Customers' sessions for people: listed, shown, closed by hand."""

from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, NotFound
from hongyan.ports.tx.customer_sessions import SessionListTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.steps.customer_sessions import ALIVE_MS


def customer_sessions(
    tx: SessionListTx, now_ms: int, before_id: int, most: int, account_name: str = "", *, with_closed: bool = False
) -> list[dict[str, Any]]:
    """Returns sessions with a smaller id, the newest first. raises: NotFound"""
    account_id = find_account(tx, account_name)["id"] if account_name else None
    rows = tx.session_rows(account_id, before_id, most, with_closed=with_closed)
    names = tx.names_in("account", [row["account_id"] for row in rows])
    return [_shown(row, names, now_ms) for row in rows]


def customer_session(tx: SessionListTx, now_ms: int, session_id: int) -> dict[str, Any]:
    """raises: NotFound"""
    row = _found(tx, session_id)
    return _shown(row, tx.names_in("account", [row["account_id"]]), now_ms)


def kick(tx: SessionListTx, act: Act, session_id: int) -> None:
    """Close a session within some seconds. Its customer may log in again. raises: NotFound, Conflict"""
    row = _found(tx, session_id)
    if row["closed_ms"]:
        raise Conflict("session {number} is closed", number=session_id)
    tx.kick_session(session_id)
    tx.audit(act, AuditAction.SESSION_KICK, str(session_id), {}, {"account_id": row["account_id"]}, is_config=False)


def _found(tx: SessionListTx, session_id: int) -> dict[str, Any]:
    row = tx.session_row(session_id)
    if row is None:
        raise NotFound("there is no session {number}", number=session_id)
    return row


def _shown(row: dict[str, Any], names: dict[int, str], now_ms: int) -> dict[str, Any]:
    """Returns a session as it is shown. It counts as down if its process was not heard of for a while."""
    is_heard_of = row["seen_ms"] > now_ms - ALIVE_MS
    state = "closed" if row["closed_ms"] else "up" if is_heard_of else "down"
    shown = {name: value for name, value in row.items() if name not in {"account_id", "is_kicked", "heard_ms"}}
    held_until_ms = row["held_until_ms"] if state == "up" and row["held_until_ms"] > now_ms else 0
    known = {"account": names.get(row["account_id"], ""), "receives": row["receives"]}
    return shown | known | {"state": state, "held_until_ms": held_until_ms}
