"""Every step, bound to this process's ConfigSnapshot, ids and clock, with its rank in a lane's batch.

Ranks follow a message through its life; both lanes of a process lock in this order.
"""

from collections.abc import Callable, Sequence
from typing import TypedDict, TypeVar

from hongyan.model.account import Actor, Balance
from hongyan.model.act import Act
from hongyan.model.ids import IdSource
from hongyan.model.owed import OwedKind
from hongyan.model.rows import MetReceipt
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.ports import Step
from hongyan.ports.tx import Tx
from hongyan.services.admin import accounts, billing
from hongyan.services.steps import accept, dispatch, inbound, leases, owed, release, report, reroute, retention
from hongyan.workers.process_state import ProcessState

Item = TypeVar("Item")
Result = TypeVar("Result")

TASK_BLOCK = 10_000
"""Task numbers taken from a day's counter at once."""


class _Conditions(TypedDict):
    """Under which a service may send messages, or send them another way."""

    snapshot: ConfigSnapshot
    ids: IdSource
    now_ms: int
    parcel_messages: int


class Steps:
    """Built once a process; the lanes are handed its steps with their items."""

    def __init__(self, process_state: ProcessState) -> None:
        self._process_state = process_state  # its ConfigSnapshot is swapped: each run reads it anew

        self.task_block: Step[str, int] = Step("task_block", 0, self._task_block, is_awaited=True)
        self.hold_channels: Step[leases.ChannelHold, leases.Held] = Step("hold_channels", 1, leases.hold_channels)
        self.hold_node: Step[leases.NodeHold, int | None] = Step("hold_node", 1, leases.hold_node)
        self.change_secrets: Step[accounts.SecretChange, int] = Step("change_secrets", 2, self._change_secrets, is_awaited=True)
        self.accept: Step[Admission, Accepted] = Step("accept", 10, self._accept, is_awaited=True)
        self.balances: Step[billing.BalanceAsked, Balance] = Step("balances", 11, billing.balances, is_awaited=True)
        self.release = Step("release", 20, self._release)
        self.claim = Step("claim", 30, self._claim)
        self.record = Step("record", 40, self._record)
        self.reroute = Step("reroute", 41, self._reroute)
        self.hand_over = Step("hand_over", 42, self._hand_over)
        self.receipts = Step("receipts", 50, self._receipts)
        self.met = Step("met", 51, self._met)
        self.slipped = Step("slipped", 52, self._slipped)
        self.silent = Step("silent", 53, self._silent)
        self.parked: Step[tuple[int, int], set[int]] = Step("parked", 54, self._parked)
        self.unreported = Step("unreported", 55, report.unreported)
        self.replies = Step("replies", 60, self._replies)
        self.parts: Step[None, set[int]] = Step("parts", 61, self._parts)
        self.pull = Step("pull", 70, self._pull, is_awaited=True)
        self.give_back = Step("give_back", 71, self._give_back)
        self.claim_push: Step[owed.PushClaim, owed.Items] = Step("claim_push", 72, self._claim_push)
        self.record_push = Step("record_push", 73, self._record_push)
        self.due: Step[Sequence[int], list[tuple[int, OwedKind]]] = Step("due", 74, self._due)
        self.prune: Step[Callable[[Tx], int], int] = Step("prune", 80, _tidy)
        self.prune_refs: Step[Callable[[Tx], RefKey | None], RefKey | None] = Step("prune_refs", 81, _tidy)
        self.forget = Step("forget", 82, self._forget)

    def _task_block(self, tx: Tx, days: Sequence[str]) -> list[int]:
        return [tx.take_count(f"task:{day}", TASK_BLOCK) - TASK_BLOCK for day in days]

    def _change_secrets(self, tx: Tx, items: Sequence[accounts.SecretChange]) -> list[int]:
        return [accounts.store_secret(tx, self._act_of_customer(one.account), one) for one in items]

    def _act_of_customer(self, account: str) -> Act:
        return Act(Actor("customer", account), self._process_state.clock(), self._process_state.ids)

    def _accept(self, tx: Tx, items: Sequence[Admission]) -> Sequence[Accepted | Exception]:
        process_state = self._process_state
        return accept.accept(
            tx,
            items,
            now_ms=process_state.clock(),
            ids=process_state.ids,
            parcel_messages=process_state.parcel_messages,
            media_octets=process_state.media_octets,
        )

    def _release(self, tx: Tx, items: Sequence[None]) -> list[release.Released]:
        return release.release(tx, items, **self._conditions())

    def _claim(self, tx: Tx, items: Sequence[dispatch.Claim]) -> list[list[OutSegment]]:
        return dispatch.claim(
            tx, items, snapshot=self._process_state.snapshot, ids=self._process_state.ids, now_ms=self._process_state.clock()
        )

    def _record(self, tx: Tx, items: Sequence[dispatch.Record]) -> list[dispatch.Recorded]:
        return dispatch.record(tx, items, **self._conditions())

    def _reroute(self, tx: Tx, items: Sequence[reroute.Reroute]) -> list[reroute.Rerouted]:
        return reroute.reroute(tx, items, **self._conditions())

    def _hand_over(self, tx: Tx, items: Sequence[reroute.HandOver]) -> list[reroute.HandedOver]:
        return reroute.hand_over(tx, items, **self._conditions())

    def _receipts(self, tx: Tx, items: Sequence[Sequence[Receipt]]) -> list[set[int]]:
        return report.take_receipts(tx, items, **self._conditions())

    def _met(self, tx: Tx, items: Sequence[Sequence[MetReceipt]]) -> list[set[int]]:
        return report.take_met(tx, items, **self._conditions())

    def _slipped(self, tx: Tx, items: Sequence[report.Page]) -> list[report.Swept]:
        return report.sweep_slipped(tx, items, **self._conditions())

    def _silent(self, tx: Tx, items: Sequence[None]) -> list[tuple[int, set[int]]]:
        return report.sweep_silent(tx, items, snapshot=self._process_state.snapshot, now_ms=self._process_state.clock())

    def _parked(self, tx: Tx, items: Sequence[tuple[int, int]]) -> list[set[int]]:
        return report.sweep_parked(tx, items, **self._conditions())

    def _replies(self, tx: Tx, items: Sequence[Sequence[ReplyPart]]) -> list[set[int]]:
        process_state = self._process_state
        return inbound.take_replies(
            tx,
            items,
            snapshot=process_state.snapshot,
            ids=process_state.ids,
            now_ms=process_state.clock(),
            media_octets=process_state.media_octets,
        )

    def _parts(self, tx: Tx, items: Sequence[None]) -> list[set[int]]:
        return inbound.sweep_parts(
            tx, items, snapshot=self._process_state.snapshot, ids=self._process_state.ids, now_ms=self._process_state.clock()
        )

    def _pull(self, tx: Tx, items: Sequence[owed.Pull]) -> list[owed.Items]:
        return owed.pull(tx, items, now_ms=self._process_state.clock())

    def _give_back(self, tx: Tx, items: Sequence[owed.GiveBack]) -> list[None]:
        return owed.give_back(tx, items, now_ms=self._process_state.clock())

    def _claim_push(self, tx: Tx, items: Sequence[owed.PushClaim]) -> list[owed.Items]:
        return owed.claim_push(tx, items, now_ms=self._process_state.clock(), delays_ms=self._process_state.push_delays_ms)

    def _record_push(self, tx: Tx, items: Sequence[owed.PushRecord]) -> list[int]:
        return owed.record_push(tx, items, now_ms=self._process_state.clock(), delays_ms=self._process_state.push_delays_ms)

    def _due(self, tx: Tx, items: Sequence[Sequence[int]]) -> list[list[tuple[int, OwedKind]]]:
        return owed.due(tx, items, now_ms=self._process_state.clock(), delays_ms=self._process_state.push_delays_ms)

    def _forget(self, tx: Tx, items: Sequence[retention.Batch]) -> list[int]:
        return retention.forget(tx, items, ids=self._process_state.ids, now_ms=self._process_state.clock())

    def _conditions(self) -> _Conditions:
        process_state = self._process_state
        return {
            "snapshot": process_state.snapshot,
            "ids": process_state.ids,
            "now_ms": process_state.clock(),
            "parcel_messages": process_state.parcel_messages,
        }


RefKey = tuple[int, str]


def _tidy(tx: Tx, batches: Sequence[Callable[[Tx], Result]]) -> list[Result]:
    """Each bite is bounded by itself."""
    return [batch(tx) for batch in batches]
