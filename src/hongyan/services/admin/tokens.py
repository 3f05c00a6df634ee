"""Tokens of the admin API: a name, a role, an end, and the time of the last use. Only the hash of a token is stored."""

from dataclasses import dataclass
from typing import Any

from hongyan.model.act import Act, Actor, AuditAction
from hongyan.model.errors import Conflict, Forbidden, NotFound
from hongyan.model.ids import DAY_MS
from hongyan.model.staff import Permission, Role
from hongyan.model.token import Token, TokenChange
from hongyan.policy.permissions import ROLES
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.bearer import Bearer

PREFIX = "hongyan_"
"""The beginning of every token, by which programs that look for leaked secrets recognise it."""

TOKENS_MOST = 200
_TOUCH_MS = 60_000


@dataclass(frozen=True, slots=True)
class Holder:
    """The program that calls the admin API."""

    token_id: int
    actor: Actor
    permissions: frozenset[Permission]
    is_stale: bool  # whether its use is to be stored


def add_token(tx: ConfigTx, act: Act, change: TokenChange, bearer: Bearer) -> Token:
    """Make a token; values that are not given are as usual. raises: Conflict if the name is taken, Forbidden"""
    token = Token(**change.values())
    if tx.rows_of("token", name=token.name):
        raise Conflict("there is a token {name} already", name=token.name)
    if len(tx.rows_of("token")) >= TOKENS_MOST:
        raise Forbidden("there are {most:,} tokens at most: revoke some", most=TOKENS_MOST)
    ends_ms = act.now_ms + token.days * DAY_MS
    row = {"role": token.role.value, "maker": str(act.actor), "made_ms": act.now_ms, "ends_ms": ends_ms}
    tx.add_row("token", id=act.new_id(), name=token.name, digest=bearer.digest, **row)
    tx.audit(act, AuditAction.TOKEN_ADD, token.name, {}, row, is_config=False)
    return token


def revoke_token(tx: ConfigTx, act: Act, name: str) -> None:
    """End a token. raises: NotFound"""
    rows = tx.rows_of("token", name=name)
    if not rows:
        raise NotFound("there is no token {name}", name=name)
    tx.drop_row("token", rows[0]["id"])
    tx.audit(act, AuditAction.TOKEN_REVOKE, name, _shown(rows[0]), {}, is_config=False)


def find_holder(tx: ConfigRowsTx, bearer: Bearer, now_ms: int) -> Holder | None:
    """Returns the holder of a token; None if the token is unknown or over."""
    rows = tx.rows_of("token", digest=bearer.digest)
    if not rows or rows[0]["ends_ms"] <= now_ms:
        return None
    (row,) = rows
    is_stale = now_ms - row["used_ms"] >= _TOUCH_MS
    return Holder(row["id"], Actor("token", row["name"]), ROLES[Role(row["role"])], is_stale)


def touch_token(tx: ConfigTx, act: Act, token_id: int) -> None:
    tx.change_row("token", token_id, used_ms=act.now_ms)


def tokens(tx: ConfigRowsTx, now_ms: int) -> list[dict[str, Any]]:
    """All tokens, by name."""
    rows = [_shown(row) | {"state": "live" if row["ends_ms"] > now_ms else "over"} for row in tx.rows_of("token")]
    return sorted(rows, key=lambda row: str(row["name"]))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "digest"}
