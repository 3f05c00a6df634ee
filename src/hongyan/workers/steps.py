"""Every step, bound to this process's Book, ids and clock, with its rank in a lane's batch.

Ranks follow a message through its life; both lanes of a process lock in this order.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hongyan.model.account import Balance
from hongyan.model.owed import OwedKind
from hongyan.model.rows import MetReceipt
from hongyan.model.submission import Accepted, Admission
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.ports import Step
from hongyan.ports.tx import Tx
from hongyan.services import accept, accounts, billing, dispatch, inbound, leases, owed, release, report, retention
from hongyan.workers.shelf import Shelf

Item = TypeVar("Item")
Result = TypeVar("Result")

TASK_BLOCK = 10_000
"""Task numbers taken from a day's counter at once."""


class Steps:
    """Built once a process; the lanes are handed its steps with their items."""

    def __init__(self, shelf: Shelf) -> None:
        now, ids, most = shelf.clock, shelf.ids, shelf.parcel_messages

        def task_block(tx: Tx, days: Sequence[str]) -> list[int]:
            return [tx.take_count(f"task:{day}", TASK_BLOCK) - TASK_BLOCK for day in days]

        def accept_all(tx: Tx, items: Sequence[Admission]) -> Sequence[Accepted | Exception]:
            return accept.accept(tx, items, now_ms=now(), ids=ids, parcel_messages=most, media_octets=shelf.media_octets)

        def secrets_all(tx: Tx, items: Sequence[accounts.SecretChange]) -> list[int]:
            return accounts.change_secrets(tx, items, ids=ids, now_ms=now())

        def claim_all(tx: Tx, items: Sequence[dispatch.Claim]) -> list[list[OutSegment]]:
            return dispatch.claim(tx, items, book=shelf.book, ids=ids, now_ms=now())

        def record_all(tx: Tx, items: Sequence[dispatch.Record]) -> list[dispatch.Recorded]:
            return dispatch.record(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def reroute_all(tx: Tx, items: Sequence[dispatch.Reroute]) -> list[dispatch.Rerouted]:
            return dispatch.reroute(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def receipts_all(tx: Tx, items: Sequence[Sequence[Receipt]]) -> list[set[int]]:
            return report.take_receipts(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def met_all(tx: Tx, items: Sequence[Sequence[MetReceipt]]) -> list[set[int]]:
            return report.take_met(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def slipped_all(tx: Tx, items: Sequence[report.Page]) -> list[report.Swept]:
            return report.sweep_slipped(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def parked_all(tx: Tx, items: Sequence[tuple[int, int]]) -> list[set[int]]:
            return report.sweep_parked(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def silent_all(tx: Tx, items: Sequence[None]) -> list[tuple[int, set[int]]]:
            return report.sweep_silent(tx, items, book=shelf.book, now_ms=now())

        def replies_all(tx: Tx, items: Sequence[Sequence[ReplyPart]]) -> list[set[int]]:
            return inbound.take_replies(tx, items, book=shelf.book, ids=ids, now_ms=now(), media_octets=shelf.media_octets)

        def parts_all(tx: Tx, items: Sequence[None]) -> list[set[int]]:
            return inbound.sweep_parts(tx, items, book=shelf.book, ids=ids, now_ms=now())

        def release_all(tx: Tx, items: Sequence[None]) -> list[release.Released]:
            return release.release(tx, items, book=shelf.book, ids=ids, now_ms=now(), parcel_messages=most)

        def pull_all(tx: Tx, items: Sequence[owed.Pull]) -> list[owed.Items]:
            return owed.pull(tx, items, now_ms=now())

        def give_back_all(tx: Tx, items: Sequence[owed.GiveBack]) -> list[None]:
            return owed.give_back(tx, items, now_ms=now())

        def claim_push_all(tx: Tx, items: Sequence[owed.PushClaim]) -> list[owed.Items]:
            return owed.claim_push(tx, items, now_ms=now())

        def record_push_all(tx: Tx, items: Sequence[owed.PushRecord]) -> list[int]:
            return owed.record_push(tx, items, now_ms=now(), delays_ms=shelf.push_delays_ms)

        def forget_all(tx: Tx, items: Sequence[retention.Bite]) -> list[int]:
            return retention.forget(tx, items, ids=ids, now_ms=now())

        def due_all(tx: Tx, items: Sequence[Sequence[int]]) -> list[list[tuple[int, OwedKind]]]:
            return [tx.due_of(accounts, now()) for accounts in items]

        self.task_block: Step[str, int] = Step("task_block", 0, task_block, is_awaited=True)
        self.hold_channels: Step[leases.ChannelHold, leases.Held] = Step("hold_channels", 1, leases.hold_channels)
        self.hold_node: Step[leases.NodeHold, int | None] = Step("hold_node", 1, leases.hold_node)
        self.change_secrets: Step[accounts.SecretChange, int] = Step("change_secrets", 2, secrets_all, is_awaited=True)
        self.accept: Step[Admission, Accepted] = Step("accept", 10, accept_all, is_awaited=True)
        self.balances: Step[billing.BalanceAsked, Balance] = Step("balances", 11, billing.balances, is_awaited=True)
        self.release = Step("release", 20, release_all)
        self.claim = Step("claim", 30, claim_all)
        self.record = Step("record", 40, record_all)
        self.reroute = Step("reroute", 41, reroute_all)
        self.receipts = Step("receipts", 50, receipts_all)
        self.met = Step("met", 51, met_all)
        self.slipped = Step("slipped", 52, slipped_all)
        self.unreported = Step("unreported", 55, report.unreported)
        self.parked: Step[tuple[int, int], set[int]] = Step("parked", 54, parked_all)
        self.silent = Step("silent", 53, silent_all)
        self.replies = Step("replies", 60, replies_all)
        self.parts: Step[None, set[int]] = Step("parts", 61, parts_all)
        self.pull = Step("pull", 70, pull_all, is_awaited=True)
        self.give_back = Step("give_back", 71, give_back_all)
        self.claim_push: Step[owed.PushClaim, owed.Items] = Step("claim_push", 72, claim_push_all)
        self.record_push = Step("record_push", 73, record_push_all)
        self.due: Step[Sequence[int], list[tuple[int, OwedKind]]] = Step("due", 74, due_all)
        self.prune: Step[Callable[[Tx], int], int] = Step("prune", 80, _tidy)
        self.forget = Step("forget", 82, forget_all)
        self.prune_refs: Step[Callable[[Tx], RefKey | None], RefKey | None] = Step("prune_refs", 81, _tidy)


RefKey = tuple[int, str]


def _tidy(tx: Tx, bites: Sequence[Callable[[Tx], Result]]) -> list[Result]:
    """Each bite is bounded by itself."""
    return [bite(tx) for bite in bites]
