"""Sessions of staff: opened by a password, proved by a second factor; ended by idleness, by age, or by hand.

The cookie changes whenever a session gets more rights, so a cookie that somebody planted before is worth nothing.
"""

from dataclasses import dataclass
from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import NotFound
from hongyan.model.staff import Origin, Person, Stage
from hongyan.policy.permissions import permissions_of, stage_of
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.bearer import Bearer
from hongyan.services.admin.staff import find_staff, read_staff

SESSIONS_MOST = 20
"""The most sessions of one person; the oldest is dropped."""

UNPROVED_MS = 10 * 60_000
"""How long a person may take to show the second factor, or to set one up."""

_TOUCH_MS = 60_000
_AGENT_MOST = 200  # characters


@dataclass(frozen=True, slots=True)
class SessionRule:
    """How long sessions last, and whether this installation requires second factors."""

    idle_ms: int
    age_most_ms: int
    asks_second_factor: bool


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A valid session."""

    person: Person
    offered: bytes | None  # a second factor that was offered and is not confirmed yet, sealed
    is_stale: bool  # whether its use is to be stored


def open_session(tx: ConfigTx, act: Act, name: str, bearer: Bearer, origin: Origin, rule: SessionRule) -> Stage:
    """Open a session for a person who showed the password; returns what is asked for next. raises: NotFound"""
    row = find_staff(tx, name)
    stage = stage_of(read_staff(row), is_proved=False, asks=rule.asks_second_factor)
    _make_room(tx, row["id"], act.now_ms, rule)
    tx.add_row(
        "session",
        id=act.new_id(),
        staff_id=row["id"],
        token=bearer.digest,
        is_proved=False,
        address=origin.address,
        agent=origin.agent[:_AGENT_MOST],
        made_ms=act.now_ms,
        used_ms=act.now_ms,
        ends_ms=act.now_ms + (rule.age_most_ms if stage is Stage.IN else UNPROVED_MS),
    )
    tx.change_row("staff", row["id"], seen_ms=act.now_ms)
    tx.audit(act, AuditAction.SESSION_OPEN, name, {}, {"address": origin.address, "stage": stage.name.lower()}, is_config=False)
    return stage


def prove_session(tx: ConfigTx, act: Act, session_id: int, bearer: Bearer, rule: SessionRule) -> None:
    """Store that the second factor was shown. From now on the session has another cookie."""
    ends_ms = act.now_ms + rule.age_most_ms
    tx.change_row("session", session_id, is_proved=True, offered=None, used_ms=act.now_ms, ends_ms=ends_ms)
    renew_session(tx, act, session_id, bearer)


def renew_session(tx: ConfigTx, act: Act, session_id: int, bearer: Bearer) -> None:  # noqa: ARG001  every change names its act
    """Give the session another cookie."""
    tx.change_row("session", session_id, token=bearer.digest)


def find_session(tx: ConfigRowsTx, bearer: Bearer, now_ms: int, rule: SessionRule) -> FoundSession | None:
    """Returns the session of a cookie; None if there is none, it is over, or its person may not log in."""
    rows = tx.rows_of("session", token=bearer.digest)
    if not rows or _is_over(rows[0], now_ms, rule):
        return None
    (row,) = rows
    owner = read_staff(tx.rows_of("staff", id=row["staff_id"])[0])
    if owner.is_stopped:
        return None
    stage = stage_of(owner, is_proved=row["is_proved"], asks=rule.asks_second_factor)
    person = Person(owner, row["id"], stage, permissions_of(owner.role, stage))
    return FoundSession(person, row["offered"], is_stale=now_ms - row["used_ms"] >= _TOUCH_MS)


def touch_session(tx: ConfigTx, act: Act, session_id: int) -> None:
    tx.change_row("session", session_id, used_ms=act.now_ms)


def end_session(tx: ConfigTx, act: Act, session_id: int, of: str | None = None) -> str:
    """End a session; returns whose it was. of: the person to whom it must belong. raises: NotFound"""
    rows = tx.rows_of("session", id=session_id)
    names = _names(tx)
    if not rows or (of is not None and names[rows[0]["staff_id"]] != of):
        raise NotFound("there is no session {id}", id=session_id)
    name = names[rows[0]["staff_id"]]
    tx.drop_row("session", session_id)
    tx.audit(act, AuditAction.SESSION_END, name, {"address": rows[0]["address"]}, {}, is_config=False)
    return name


def sessions(tx: ConfigRowsTx, now_ms: int, rule: SessionRule, of: str | None = None) -> list[dict[str, Any]]:
    """Returns the valid sessions, of one person or of all, the newest first."""
    names = _names(tx)
    rows = tx.rows_of("session", **({"staff_id": find_staff(tx, of)["id"]} if of else {}))
    return [
        {
            "id": row["id"],
            "name": names[row["staff_id"]],
            "address": row["address"],
            "agent": row["agent"],
            "made_ms": row["made_ms"],
            "used_ms": row["used_ms"],
            "ends_ms": min(row["ends_ms"], row["used_ms"] + rule.idle_ms),
        }
        for row in reversed(rows)
        if not _is_over(row, now_ms, rule)
    ]


def _names(tx: ConfigRowsTx) -> dict[int, str]:
    return {row["id"]: row["name"] for row in tx.rows_of("staff")}


def _is_over(row: dict[str, Any], now_ms: int, rule: SessionRule) -> bool:
    return now_ms >= int(row["ends_ms"]) or now_ms - int(row["used_ms"]) >= rule.idle_ms


def _make_room(tx: ConfigTx, staff_id: int, now_ms: int, rule: SessionRule) -> None:
    """Drop sessions that are over, and the oldest ones if there are too many."""
    rows = tx.rows_of("session", staff_id=staff_id)
    held = [row for row in rows if not _is_over(row, now_ms, rule)]
    kept = {row["id"] for row in held[-(SESSIONS_MOST - 1) :]}
    for row in rows:
        if row["id"] not in kept:
            tx.drop_row("session", row["id"])
