"""The staff: added with a link that sets the password, changed, stopped. Each change ends the sessions that it affects."""

from typing import Any

from hongyan.i18n import N_
from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, Forbidden, NotFound
from hongyan.model.fields import loaded, usual_columns
from hongyan.model.kinds import pattern
from hongyan.model.staff import Role, Staff, StaffChange
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.bearer import Bearer

FIRST = "admin"
"""The name of the first of the staff."""

INVITATION_MS = 72 * 3_600_000

STAFF_MOST = 1_000

_NAME = pattern("give 2 to 64 letters, digits and . _ @ -, with a letter or a digit first", r"[a-z0-9][a-z0-9._@-]{1,63}")

NO_LINK = N_("this link was used, its time is over, or it never was one")

_SECRETS = {"password", "invitation", "totp", "totp_step", "recovery"}


def add_staff(tx: ConfigTx, act: Act, name: str, change: StaffChange, invitation: Bearer) -> str:
    """Add one of the staff, who sets the password by a link; returns the name. raises: Conflict, Invalid, Forbidden"""
    name = _NAME.checked("name", name or " ")
    if tx.rows_of("staff", name=name):
        raise Conflict("there is a {name} already", name=name)
    if len(tx.rows_of("staff")) >= STAFF_MOST:
        raise Forbidden("there are {most:,} people at most", most=STAFF_MOST)
    row = usual_columns(StaffChange) | change.columns()
    ends_ms = act.now_ms + INVITATION_MS
    tx.add_row(
        "staff", id=act.new_id(), name=name, made_ms=act.now_ms, invitation=invitation.digest, invitation_ends_ms=ends_ms, **row
    )
    tx.audit(act, AuditAction.STAFF_ADD, name, {}, row, is_config=False)
    return name


def found_staff(tx: ConfigTx, act: Act, invitation: Bearer) -> str | None:
    """Add the first of the staff, an administrator, if there is nobody; returns the name. Raises nothing.

    If the first one has not set a password yet, the link is replaced by a new one.
    """
    rows = tx.rows_of("staff")
    if not rows:
        return add_staff(tx, act, FIRST, StaffChange(role=Role.ADMIN), invitation)
    if len(rows) == 1 and not rows[0]["password"]:
        invite(tx, act, rows[0]["name"], invitation)
        return str(rows[0]["name"])
    return None


def change_staff(tx: ConfigTx, act: Act, name: str, change: StaffChange) -> None:
    """Change one of the staff, whose sessions end. raises: NotFound, and Forbidden if no administrator would be left"""
    row = find_staff(tx, name)
    columns = change.columns()
    if not columns:
        return
    tx.change_row("staff", row["id"], **columns)
    if row["role"] == Role.ADMIN.value:
        _check_admin_left(tx)
    end_sessions(tx, row["id"])
    tx.audit(act, AuditAction.STAFF_CHANGE, name, shown(row), shown(row | columns), is_config=False)


def invite(tx: ConfigTx, act: Act, name: str, invitation: Bearer) -> None:
    """Let a person set the password by a link; until then the old one counts. raises: NotFound"""
    row = find_staff(tx, name)
    ends_ms = act.now_ms + INVITATION_MS
    tx.change_row("staff", row["id"], invitation=invitation.digest, invitation_ends_ms=ends_ms)
    tx.audit(act, AuditAction.STAFF_INVITE, name, {}, {"invitation_ends_ms": ends_ms}, is_config=False)


def store_password(tx: ConfigTx, act: Act, name: str, hashed: str, but: int | None = None) -> None:
    """Set a person's password. All other sessions end, and an open link no longer works. raises: NotFound"""
    _store_password(tx, act, find_staff(tx, name), hashed, but)


def use_invitation(tx: ConfigTx, act: Act, invitation: Bearer, hashed: str) -> None:
    """Set the password by a link, which opens once. raises: NotFound"""
    rows = tx.rows_of("staff", invitation=invitation.digest)
    if not rows or rows[0]["invitation_ends_ms"] <= act.now_ms:
        raise NotFound(NO_LINK)
    _store_password(tx, act, rows[0], hashed)


def _store_password(tx: ConfigTx, act: Act, row: dict[str, Any], hashed: str, but: int | None = None) -> None:
    tx.change_row("staff", row["id"], password=hashed, invitation=None, invitation_ends_ms=0)
    end_sessions(tx, row["id"], but)
    tx.audit(act, AuditAction.STAFF_PASSWORD, row["name"], {}, {}, is_config=False)


def reset_second_factor(tx: ConfigTx, act: Act, name: str) -> None:
    """Forget somebody's second factor and recovery codes; all sessions end. raises: NotFound"""
    row = find_staff(tx, name)
    tx.change_row("staff", row["id"], totp=None, totp_step=0, recovery="")
    end_sessions(tx, row["id"])
    tx.audit(act, AuditAction.STAFF_RESET_2FA, name, {"has_second_factor": row["totp"] is not None}, {}, is_config=False)


def invited(tx: ConfigRowsTx, invitation: Bearer, now_ms: int) -> str:
    """Returns the name of the person that a link is for. raises: NotFound"""
    rows = tx.rows_of("staff", invitation=invitation.digest)
    if not rows or rows[0]["invitation_ends_ms"] <= now_ms:
        raise NotFound(NO_LINK)
    return str(rows[0]["name"])


def find_staff(tx: ConfigRowsTx, name: str) -> dict[str, Any]:
    """raises: NotFound"""
    rows = tx.rows_of("staff", name=name.lower())
    if not rows:
        raise NotFound("nobody of the staff is called {name}", name=name)
    return rows[0]


def read_staff(row: dict[str, Any]) -> Staff:
    return Staff(id=row["id"], name=row["name"], has_second_factor=row["totp"] is not None, **loaded(StaffChange, row))


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Returns a row as it may be shown, without secrets."""
    facts = {name: value for name, value in row.items() if name not in _SECRETS}
    return facts | {"has_password": bool(row["password"]), "has_second_factor": row["totp"] is not None}


def staff(tx: ConfigRowsTx) -> list[dict[str, Any]]:
    """Returns all staff, by name."""
    rows = [shown(row) | {"state": "stopped" if row["is_stopped"] else "live"} for row in tx.rows_of("staff")]
    return sorted(rows, key=lambda row: str(row["name"]))


def end_sessions(tx: ConfigTx, staff_id: int, but: int | None = None) -> int:
    """End all sessions of a person, but one; returns how many ended."""
    ended = [row["id"] for row in tx.rows_of("session", staff_id=staff_id) if row["id"] != but]
    for session_id in ended:
        tx.drop_row("session", session_id)
    return len(ended)


def _check_admin_left(tx: ConfigTx) -> None:
    rows = tx.rows_of("staff", role=Role.ADMIN.value)
    if not any(not row["is_stopped"] for row in rows):
        raise Forbidden("no administrator would be left who may log in")
