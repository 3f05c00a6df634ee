"""Sessions of customers who connect as to a carrier, as rows: counted over all processes, refreshed every few seconds, closed
once.

A process that dies leaves its rows behind. A session that was not seen for a while is no longer up, and the sweep closes its
row. If one process has the store alone, its start closes the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.account import Account, Product
from hongyan.model.customer_session import CustomerSession, SessionLogin
from hongyan.model.ids import IdSource
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.tx.customer_sessions import CustomerSessionsTx

ALIVE_MS = 20_000
"""How long a session counts as up after it was seen."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    account: Account
    login: SessionLogin


@dataclass(frozen=True, slots=True)
class ClosedSession:
    session: CustomerSession
    why: str


def open_sessions(tx: CustomerSessionsTx, batch: Sequence[OpenSession], *, ids: IdSource, now_ms: int) -> list[int | Refusal]:
    """Open a row for each login; returns their ids. raises: Refusal SESSIONS_MANY

    Logins of an account are counted one after the other, by the lock on its wallet.
    """
    tx.lock_wallets({(one.account.id, Product.SMS) for one in batch})
    up = tx.sessions_up({one.account.id for one in batch}, now_ms - ALIVE_MS)
    answers: list[int | Refusal] = []
    for one in batch:
        account = one.account
        if up.get(account.id, 0) >= account.sessions_most:
            answers.append(Refusal(Code.SESSIONS_MANY, most=account.sessions_most))
            continue
        up[account.id] = up.get(account.id, 0) + 1
        session_id = ids.one(now_ms)
        tx.add_session(session_id, account.id, one.login, now_ms)
        answers.append(session_id)
    return answers


def see_sessions(tx: CustomerSessionsTx, batch: Sequence[Sequence[CustomerSession]], *, now_ms: int) -> list[set[int]]:
    """Store that sessions are up, with their counts; returns the ids of those that the operator wants closed."""
    return [tx.see_sessions(sessions, now_ms) for sessions in batch]


def close_sessions(tx: CustomerSessionsTx, batch: Sequence[ClosedSession], *, now_ms: int) -> list[None]:
    """Close rows. A repeat changes nothing."""
    for one in batch:
        tx.see_sessions([one.session], now_ms)
        tx.close_session(one.session.id, one.why, now_ms)
    return [None] * len(batch)


def close_lost(tx: CustomerSessionsTx, asked: Sequence[int]) -> list[int]:
    """Close the rows of sessions that were last seen before then, up to 200 each; returns how many."""
    return [tx.close_lost(before_ms) for before_ms in asked]


def without_session(tx: CustomerSessionsTx, asked: Sequence[Sequence[int]], *, now_ms: int) -> list[set[int]]:
    """Returns those of the accounts that have no session up that takes deliveries."""
    return [set(ids) - tx.receiving(ids, now_ms - ALIVE_MS) for ids in asked]
