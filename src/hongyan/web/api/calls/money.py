"""Top-ups, corrections, credit, prices, what waits for a second person, and the proof of the ledger."""

from dataclasses import asdict
from typing import Any

from hongyan.model import names
from hongyan.model.act import Act
from hongyan.model.approval import AloneRule
from hongyan.model.fields import Param
from hongyan.model.money import BalanceCorrection, CreditChange, MoneyChange, PriceChange, TopUp
from hongyan.model.staff import Permission
from hongyan.ports.tx import Tx
from hongyan.services.admin import approvals, billing, refunds
from hongyan.services.queries.lists import money as lists
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.list_call import list_call
from hongyan.web.api.params import ACCOUNT_NAME, NUMBER
from hongyan.web.api.shapes import DONE, shape

MADE = shape("MoneyMade", "state balance:int? approval_id:int?")
DIFFERENCE = shape(
    "LedgerDifference", "account_id:int product:int points:int entries:int topped_up:int topups:int turnover:int"
)
LEDGER = shape("LedgerVerified", "wallets:int", differences=DIFFERENCE)

REFUNDED = shape("Refunded", "messages:int points:int")

NOTE = Param("note", "Why; the audit keeps it.", names.NOTE, is_required=True)
REASON = Param("reason", "Why; it is kept.", names.REMARK, usual="")


async def change_money(asked: Asked) -> Any:
    return await asked.once(_make_or_ask, asked.change.of(asked.path["name"]), asked.alone)


def _make_or_ask(tx: Tx, act: Act, change: MoneyChange, alone: AloneRule) -> dict[str, Any]:
    result = approvals.make_or_ask(tx, act, change, alone)
    return {"state": "made" if result.waits is None else "waits", "balance": result.balance, "approval_id": result.waits}


async def reject(asked: Asked) -> Any:
    await asked.admin.change(approvals.reject, asked.path["number"], asked.given["reason"])
    return {"is_done": True}


async def refund_message(asked: Asked) -> Any:
    return await asked.once(_refund, asked.path["number"], asked.given["note"])


def _refund(tx: Tx, act: Act, message_id: int, note: str) -> dict[str, Any]:
    return {"messages": 1, "points": refunds.refund_message(tx, act, message_id, note)}


async def refund_task(asked: Asked) -> Any:
    """Safe to repeat without a key: the points of one message return once."""
    return asdict(await refunds.refund_task(asked.admin, asked.path["number"], asked.given["note"]))


async def verify(asked: Asked) -> Any:
    wallets, differing = await asked.admin.read(billing.verify)
    rows = [{column.name: getattr(one, column.name) for column in DIFFERENCE.columns} for one in differing]
    return {"wallets": wallets, "differences": rows}


_ACCOUNT = {"name": ACCOUNT_NAME}


CALLS = (
    Call("POST", "/accounts/{name}/topup", "Add points that a customer bought.", Permission.MONEY, change_money, MADE, of=TopUp, params=_ACCOUNT, is_once=True),
    Call(
        "POST", "/accounts/{name}/adjust", "Correct a balance; sendTotal does not count it.", Permission.MONEY, change_money, MADE,
        of=BalanceCorrection, params=_ACCOUNT, is_once=True,
    ),
    Call("POST", "/accounts/{name}/credit", "Say how far a wallet may go below zero.", Permission.MONEY, change_money, MADE, of=CreditChange, params=_ACCOUNT, is_once=True),
    Call("POST", "/accounts/{name}/price", "Say what a segment, or an MMS, costs an account.", Permission.MONEY, change_money, MADE, of=PriceChange, params=_ACCOUNT, is_once=True),
    Call("POST", "/messages/{number}/refund", "Give back what a message cost.", Permission.MONEY, refund_message, REFUNDED, body=(NOTE,), params={"number": NUMBER}, is_once=True),
    Call("POST", "/tasks/{number}/refund", "Give back what the messages of a task cost that have ended.", Permission.MONEY, refund_task, REFUNDED, body=(NOTE,), params={"number": NUMBER}),
    list_call(lists.BALANCES, "/balances"),
    list_call(lists.STATEMENTS, "/statements"),
    list_call(lists.ENTRIES, "/accounts/{name}/entries", {"account": ACCOUNT_NAME}),
    list_call(lists.APPROVALS, "/approvals"),
    Call("POST", "/approvals/{number}/reject", "Let a change that waits not be made. Programs approve nothing.", Permission.MONEY, reject, DONE, body=(REASON,), params={"number": NUMBER}),
    Call("GET", "/ledger/verify", "Prove that every wallet is the sum of its entries.", Permission.MONEY, verify, LEDGER),
)  # fmt: skip
