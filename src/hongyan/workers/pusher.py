"""Pushing to customers: a task for each account and kind with something due, so that a slow address delays nobody else."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import structlog

from hongyan.model.account import Account, Delivery, MissingSession, PushFormat
from hongyan.model.histogram import Histogram
from hongyan.model.owed import OwedKind, PushOutcome
from hongyan.ports.lane import Lane
from hongyan.ports.poster import Poster
from hongyan.services.steps.owed import PushClaim, PushRecord
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import ProcessState, Signals
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

GATHER_S = 0.02
"""Pause before a claim, so that a body carries many items rather than one."""

POLL_S = 1.0


class Pusher:
    def __init__(
        self, process_state: ProcessState, lane: Lane, steps: Steps, signals: Signals, post: Poster, batch: int
    ) -> None:
        self._process_state, self._lane, self._steps, self._post, self._batch = process_state, lane, steps, post, batch
        self._tasks: dict[tuple[int, OwedKind], asyncio.Task[None]] = {}
        self._again: set[tuple[int, OwedKind]] = set()  # woken while they ran
        self._is_stopping = False
        self.pushed: Counter[OwedKind] = Counter()
        self.failed: Counter[OwedKind] = Counter()
        self.durations = {kind: Histogram() for kind in OwedKind}  # of posts, until they were answered
        signals.on_owed(self.wake)

    def wake(self, account_ids: Iterable[int], kinds: Iterable[OwedKind]) -> None:
        """These accounts may be owed something. Accounts that are not pushed to are ignored, and all are without the lease."""
        if not self._process_state.may_push:
            return
        for account_id in account_ids:
            account = self._process_state.snapshot.accounts_by_id.get(account_id)
            if account is not None and account.delivery is Delivery.PUSH:  # what falls back to pushing, the poll finds
                for kind in kinds:
                    self._start(account_id, kind)

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll for what no signal announced: retries that are due, what a crash left, what another process owed."""
        while not stopping.is_set():
            await self._poll()
            await wait_or_timeout(stopping, POLL_S)
        self._is_stopping = True
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _poll(self) -> None:
        if not self._process_state.may_push:
            return
        try:
            pushed_to = await self._pushed_to()
            due = await self._lane.ask(self._steps.due, pushed_to) if pushed_to else []
        except Exception as error:  # the store is away: the lane logged it, and the next poll asks again
            log_failure("push_poll_failed", error)
            return
        for account_id, kind in due:
            self._start(account_id, kind)

    async def _pushed_to(self) -> list[int]:
        """Returns the accounts that are pushed to now: always, or while they have no session."""
        accounts = self._process_state.snapshot.accounts_by_id.values()
        always = [one.id for one in accounts if one.delivery is Delivery.PUSH]
        fallen_back = [one.id for one in accounts if _falls_back(one)]
        if fallen_back:
            alone = await self._lane.ask(self._steps.without_session, fallen_back)
            always += sorted(alone)
        return always

    def _start(self, account_id: int, kind: OwedKind) -> None:
        key = (account_id, kind)
        if key in self._tasks:
            self._again.add(key)
        elif not self._is_stopping:
            task = self._tasks[key] = asyncio.create_task(self._push_all(account_id, kind))
            task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: tuple[int, OwedKind], done: "asyncio.Task[None]") -> None:
        del self._tasks[key]
        if not done.cancelled() and (error := done.exception()) is not None:
            self._again.discard(key)  # the store is away: the lane logged it, and the next poll begins again
            log_failure("push_interrupted", error, account_id=key[0], kind=key[1].name)
        if key in self._again:
            self._again.discard(key)
            self._start(*key)

    async def _push_all(self, account_id: int, kind: OwedKind) -> None:
        """Push batch after batch until nothing is due, or one fails; then the poll begins again when it is due."""
        count = 1
        while count and self._process_state.may_push and not self._is_stopping:
            if count < self._batch:
                await asyncio.sleep(GATHER_S)
            self._again.discard((account_id, kind))
            account = self._process_state.snapshot.accounts_by_id.get(account_id)
            is_pushed = account is not None and (account.delivery is Delivery.PUSH or _falls_back(account))
            count = await self._push_one(account, kind) if account is not None and is_pushed else 0

    def _most(self, account: Account, kind: OwedKind) -> int:
        """Returns the most items in one body; the JSON form has no list of replies."""
        return 1 if account.push_format is PushFormat.JSON and kind is OwedKind.REPLY else self._batch

    async def _push_one(self, account: Account, kind: OwedKind) -> int:
        """Claim, post, record; returns how many items the customer took, 0 if there were none or the post failed."""
        items = await self._lane.ask(self._steps.claim_push, PushClaim(account.id, kind, self._most(account, kind)))
        if not items:
            return 0
        done = await self._post(account, kind, items)
        self.durations[kind].add(done.took_ms / 1000)
        attempt_id = self._process_state.ids.one(self._process_state.clock())
        await self._lane.ask(self._steps.record_push, PushRecord(account, kind, [i.owed_id for i in items], done, attempt_id))
        if done.outcome is PushOutcome.TAKEN:
            self.pushed[kind] += len(items)
            return len(items)
        self.failed[kind] += len(items)
        log.info(
            "push_failed",
            account=account.name,
            items=len(items),
            outcome=done.outcome.name,
            status=done.status,
            limit_by=("account",),
        )
        return 0


def _falls_back(account: Account) -> bool:
    """Returns whether what is owed by session is pushed while the account has no session."""
    return account.delivery is Delivery.SESSION and account.missing_session is MissingSession.PUSH and bool(account.push_url)
