"""The second factor of staff: offered, confirmed by a code, asked for at each login. Recovery codes serve when it is lost."""

import secrets

import pyotp

from hongyan.i18n import N_
from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, Forbidden
from hongyan.model.staff import Person
from hongyan.policy.second_factor import RECOVERY_CODES, RECOVERY_OCTETS, recovery_digest, recovery_word, step_of_code
from hongyan.ports.admin import Sealing
from hongyan.ports.tx.config import ConfigTx
from hongyan.services.admin.staff import end_sessions

WRONG = N_("this code is not right, or was used already")


def offer(tx: ConfigTx, act: Act, session_id: int, sealer: Sealing) -> str:  # noqa: ARG001  every change names its act
    """Offer a new second factor to this session; returns its secret in Base32. A repeat returns the same one."""
    (row,) = tx.rows_of("session", id=session_id)
    if row["offered"] is not None:
        return sealer.open(bytes(row["offered"]), _owner(row["staff_id"]))
    secret = pyotp.random_base32()
    tx.change_row("session", session_id, offered=sealer.seal(secret, _owner(row["staff_id"])))
    return secret


def confirm(tx: ConfigTx, act: Act, person: Person, code: str, sealer: Sealing) -> list[str]:
    """Make the offered second factor valid, if the code fits; other sessions end. Returns recovery codes.

    raises: Forbidden, Conflict
    """
    (session,) = tx.rows_of("session", id=person.session_id)
    if session["offered"] is None:
        raise Conflict("no second factor is being set up")
    step = step_of_code(sealer.open(bytes(session["offered"]), _owner(person.staff.id)), code, 0, act.now_ms)
    if step is None:
        raise Forbidden(WRONG)
    codes = [recovery_word(secrets.token_bytes(RECOVERY_OCTETS)) for _ in range(RECOVERY_CODES)]
    recovery = ",".join(map(recovery_digest, codes))
    tx.change_row("staff", person.staff.id, totp=session["offered"], totp_step=step, recovery=recovery)
    end_sessions(tx, person.staff.id, but=person.session_id)
    tx.audit(act, AuditAction.STAFF_SECOND_FACTOR, person.staff.name, {}, {"has_second_factor": True}, is_config=False)
    return codes


def show_code(tx: ConfigTx, act: Act, person: Person, code: str, sealer: Sealing) -> int:
    """Use up a code of the second factor, or a recovery code; returns how many recovery codes are left. raises: Forbidden"""
    tx.change_row("staff", person.staff.id, seen_ms=act.now_ms)  # a lock on the row: a code counts once
    (row,) = tx.rows_of("staff", id=person.staff.id)
    left = [digest for digest in row["recovery"].split(",") if digest]
    if (digest := recovery_digest(code)) in left:
        left.remove(digest)
        tx.change_row("staff", row["id"], recovery=",".join(left))
        tx.audit(act, AuditAction.STAFF_RECOVERY_CODE, person.staff.name, {}, {"left": len(left)}, is_config=False)
        return len(left)
    step = None
    if row["totp"] is not None:
        step = step_of_code(sealer.open(bytes(row["totp"]), _owner(row["id"])), code, row["totp_step"], act.now_ms)
    if step is None:
        raise Forbidden(WRONG)
    tx.change_row("staff", row["id"], totp_step=step)
    return len(left)


def _owner(staff_id: int) -> str:
    return f"staff:{staff_id}"
