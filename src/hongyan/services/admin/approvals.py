"""Changes of money that one person may not make alone: they wait as rows, and are made when a second person approves."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from hongyan.model.account import Product
from hongyan.model.act import Act, Actor, AuditAction
from hongyan.model.approval import AloneRule, ApprovalState
from hongyan.model.errors import Conflict, Forbidden, NotFound
from hongyan.model.money import MoneyChange, MoneyKind
from hongyan.model.names import REMARK
from hongyan.policy.second_person import asks_second_person, may_decide
from hongyan.ports.tx import Tx
from hongyan.ports.tx.queries import PagesTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin import account_money, billing
from hongyan.services.admin.accounts import find_account

WAITING_MOST = 1_000


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """The outcome of a change: it was made, or it waits under this number."""

    change: MoneyChange
    balance: int | None = None  # after a top-up or a correction that was made
    waits: int | None = None


def make_or_ask(tx: Tx, act: Act, change: MoneyChange, rule: AloneRule) -> ChangeResult:
    """Make the change, or store it until a second person approves. raises: as the change itself, Forbidden if too many wait"""
    if not asks_second_person(change, act.actor, rule):
        return ChangeResult(change, balance=account_money.change_money(tx, act, change))
    _check(tx, change)
    if len(tx.rows_of("approval", state=ApprovalState.WAITING.value)) >= WAITING_MOST:
        raise Forbidden("{most:,} changes wait for a second person already: let those be decided first", most=WAITING_MOST)
    approval_id = act.new_id()
    facts = asdict(change) | {"product": change.product.name.lower()}
    tx.add_row(
        "approval",
        id=approval_id,
        kind=change.kind.value,
        subject=change.account,
        facts=orjson.dumps(facts).decode(),
        state=ApprovalState.WAITING.value,
        maker=str(act.actor),
        behind=_behind(tx, act.actor),
        made_ms=act.now_ms,
    )
    tx.audit(act, AuditAction.APPROVAL_ADD, str(approval_id), {}, facts, is_config=False)
    return ChangeResult(change, waits=approval_id)


def approve(tx: Tx, act: Act, approval_id: int, reason: str = "") -> ChangeResult:
    """Make a change that waits. raises: NotFound, Conflict if it was decided, Forbidden for the person who asked for it, and as
    the change itself
    """
    change = _decide(tx, act, approval_id, ApprovalState.APPROVED, reason)
    return ChangeResult(change, balance=account_money.change_money(tx, act, change))


def reject(tx: Tx, act: Act, approval_id: int, reason: str) -> MoneyChange:
    """Reject a change that waits, and return it; the person who asked for it may withdraw it so. raises: NotFound, Conflict"""
    return _decide(tx, act, approval_id, ApprovalState.REJECTED, reason)


def approvals(tx: PagesTx, before_id: int, most: int, state: ApprovalState | None = None) -> list[dict[str, Any]]:
    """Returns changes that wait or were decided, with smaller ids than this one, the newest first."""
    rows = tx.rows_before("approval", before_id, most, {"state": state.value} if state else {})
    return [
        {name: value for name, value in row.items() if name not in {"facts", "subject", "behind"}} | orjson.loads(row["facts"])
        for row in rows
    ]


def _decide(tx: Tx, act: Act, approval_id: int, state: ApprovalState, reason: str) -> MoneyChange:
    """Store the decision and return the change. From then on nobody else decides."""
    tx.change_row("approval", approval_id, decided_ms=act.now_ms)  # locks the row
    rows = tx.rows_of("approval", id=approval_id)
    if not rows:
        raise NotFound("no change {number} waits for a second person", number=approval_id)
    (row,) = rows
    if row["state"] != ApprovalState.WAITING.value:
        raise Conflict("change {number} was decided already, by {decider}", number=approval_id, decider=row["decider"])
    if state is ApprovalState.APPROVED and not may_decide(act.actor, {row["maker"], row["behind"]}):
        raise Forbidden("a second person approves what {maker} asked for", maker=row["maker"])
    tx.change_row("approval", approval_id, state=state.value, decider=str(act.actor), reason=REMARK.checked("reason", reason))
    after = {"state": state.value, "reason": reason, "maker": row["maker"]}
    tx.audit(act, AuditAction(f"approval.{state.value}"), str(approval_id), {}, after, is_config=False)
    return _read(row)


def _behind(tx: ConfigRowsTx, actor: Actor) -> str:
    """Returns who made the token, if the actor is a program; "" for people."""
    rows = tx.rows_of("token", name=actor.name) if actor.kind == "token" else []
    return str(rows[0]["maker"]) if rows else ""


def _check(tx: ConfigRowsTx, change: MoneyChange) -> None:
    """Refuse now a change that would be refused when it is made. raises: NotFound, Forbidden"""
    find_account(tx, change.account)
    if change.kind in {MoneyKind.TOP_UP, MoneyKind.ADJUST}:
        billing.check_slip(change.points, is_forced=change.is_forced)


def _read(row: dict[str, Any]) -> MoneyChange:
    facts = orjson.loads(row["facts"])
    return MoneyChange(**facts | {"kind": MoneyKind(facts["kind"]), "product": Product[facts["product"].upper()]})
