"""What the doors ask: admissions get their ids here and go to the lane; answers come after the commit."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import cast

from hongyan.model.account import Account, Balance, Product
from hongyan.model.ids import TASKS_A_DAY, name_task
from hongyan.model.owed import OwedKind, OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.ports.lane import Lane
from hongyan.services.admin.accounts import SecretChange, owner_of
from hongyan.services.admin.billing import BalanceAsked
from hongyan.services.admin.sealing import Sealer
from hongyan.services.steps.owed import GiveBack, Pull
from hongyan.workers.accept_turns import AcceptTurns
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps
from hongyan.workers.task_numbers import TaskNumbers

SNAPSHOT_S = 5.0
"""How long the answer to a change waits until this process has the ConfigSnapshot with it."""


class LaneCustomerApi:
    """Implements ports.CustomerApi."""

    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        waiting_most: int,
        octets_most: int,
        sealer: Sealer,
        overlap_ms: int,
    ) -> None:
        """waiting_most, octets_most: bounds of submissions that were read and are not committed yet, and of their media"""
        self._process_state = process_state
        self._sealer, self._overlap_ms = sealer, overlap_ms
        self._lane = lane
        self._steps = steps
        self._numbers = TaskNumbers(lambda day: lane.ask(steps.task_block, day))
        self._turns = AcceptTurns(lane, steps)
        self._waiting_most, self._octets_most = waiting_most, octets_most
        self._origin = secrets.token_hex(8)
        self.waiting_octets = 0  # of the media of these
        self.accepted = 0  # numbers
        self.rejected = Counter[str]()  # rejected numbers of requests that were accepted in part, by cause
        self.points = dict.fromkeys(Product, 0)  # held
        self.segments = dict.fromkeys(Product, 0)  # of accepted numbers

    @property
    def snapshot(self) -> ConfigSnapshot:
        return self._process_state.snapshot

    @property
    def waiting(self) -> int:
        """Returns how many submissions were read and are not committed yet."""
        return self._turns.waiting

    def accept(self, admission: Admission) -> "asyncio.Future[Accepted]":
        mms = admission.submission.mms
        octets = mms.size_octets if mms is not None else 0
        turns = self._turns
        if turns.waiting >= self._waiting_most or self.waiting_octets + octets > self._octets_most:
            raise Refusal(Code.BUSY)
        turns.enter()
        self.waiting_octets += octets
        asked = self._begin(admission)
        asked.add_done_callback(partial(self._answered, admission, octets, monotonic()))
        return asked

    def _begin(self, admission: Admission) -> "asyncio.Future[Accepted]":
        """Hand it to the lane, under the ids that it brings or under new ones."""
        if admission.task_id:
            return self._turns.ask(admission)
        number = self._numbers.next(self._process_state.clock())
        return self._ask(admission, *number) if number else asyncio.ensure_future(self._ask_later(admission))

    def _ask(self, admission: Admission, day: str, number: int) -> "asyncio.Future[Accepted]":
        admission.task_id, admission.sms_id = name_task(day, number, self._origin)
        return self._turns.ask(admission)

    async def _ask_later(self, admission: Admission) -> Accepted:
        return await self._ask(admission, *await self._numbers.take(self._process_state.clock()))

    def _answered(self, admission: Admission, octets: int, began: float, done: "asyncio.Future[Accepted]") -> None:
        self._process_state.task_pace.answered(began)
        self._turns.leave()
        self.waiting_octets -= octets
        if done.cancelled() or done.exception() is not None:
            return
        accepted = done.result()
        if not accepted.is_repeat:
            self.accepted += accepted.count
            product = admission.submission.product
            self.points[product] += accepted.points_held
            self.segments[product] += accepted.segments
            if accepted.rejected:
                self.rejected.update(code.name for _, code in accepted.rejected)

    def next_name(self) -> tuple[int, str] | None:
        """Returns the task id and the smsId of the next task; None if the lane must be asked first."""
        number = self._numbers.next(self._process_state.clock())
        return name_task(*number, self._origin) if number else None

    async def take_name(self) -> tuple[int, str]:
        """The same, for the next task or a part of a long text; waits for the first block of a process and of a day."""
        day, number = await self._numbers.take(self._process_state.clock())
        return name_task(day, number, self._origin)

    def name_of(self, task_id: int) -> tuple[int, str]:
        """The same for a number that was taken before."""
        return name_task(str(task_id // TASKS_A_DAY), task_id % TASKS_A_DAY, self._origin)

    async def balance(self, account: Account, product: Product) -> Balance:
        return await self._lane.ask(self._steps.balances, BalanceAsked(account, product))

    async def change_secret(self, account: Account, secret: str) -> None:
        sealed = self._sealer.seal(secret, owner_of(account.id))
        change = SecretChange(account.name, sealed, self._overlap_ms)
        version = await self._lane.ask(self._steps.change_secrets, change)
        with suppress(TimeoutError):  # it is changed in any case
            async with asyncio.timeout(SNAPSHOT_S):
                await self._process_state.until_snapshot(version)

    async def take_reports(self, account: Account, most: int, task_id: int | None) -> list[OwedReport]:
        found = await self._lane.ask(self._steps.pull, Pull(account, OwedKind.REPORT, most, task_id))
        return cast("list[OwedReport]", found)

    async def take_again(self, account: Account, most: int, task_id: int) -> list[OwedReport]:
        found = await self._lane.ask(self._steps.pull, Pull(account, OwedKind.REPORT, most, task_id, is_again=True))
        return cast("list[OwedReport]", found)

    async def take_replies(self, account: Account, most: int, task_id: int | None) -> list[OwedReply]:
        found = await self._lane.ask(self._steps.pull, Pull(account, OwedKind.REPLY, most, task_id))
        return cast("list[OwedReply]", found)

    async def give_back(self, kind: OwedKind, owed_ids: Sequence[int]) -> None:
        await self._lane.ask(self._steps.give_back, GiveBack(kind, owed_ids))
