"""Pushing to customers: a task for each account and kind with something due, so that a slow address delays nobody else."""

import asyncio
from asyncio import Future
from collections import Counter
from collections.abc import Iterable

import structlog

from hongyan.model.account import Account, Delivery, PushFormat
from hongyan.model.histogram import Histogram
from hongyan.model.owed import OwedKind, PushOutcome
from hongyan.model.session_settings import MissingSession
from hongyan.ports.lane import Lane
from hongyan.ports.poster import Poster
from hongyan.services.steps.owed import Items, PushClaim, PushRecord
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import ProcessState
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

GATHER_S = 0.02
"""Pause before a claim, so that a body carries many items rather than one."""

POLL_S = 1.0

_NOTHING: Items = []


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
        items: Items = []
        is_full = False  # the last batch, so that what follows was claimed with it
        while (account := self._pushed(account_id)) is not None:
            if not is_full:
                await asyncio.sleep(GATHER_S)
                items = await self._claim(account, kind)
            if not items:
                return
            is_full = len(items) >= self._batch
            more = await self._push(account, kind, items)
            if more is None:
                return
            items = more

    def _pushed(self, account_id: int) -> Account | None:
        """Returns the account, if it is pushed to by this process now."""
        account = self._process_state.snapshot.accounts_by_id.get(account_id)
        if account is None or self._is_stopping or not self._process_state.may_push:
            return None
        return account if account.delivery is Delivery.PUSH or _falls_back(account) else None

    def _claim(self, account: Account, kind: OwedKind, *, is_urgent: bool = False) -> "Future[Items]":
        """Read the next batch. The JSON form has no list of replies."""
        self._again.discard((account.id, kind))
        most = 1 if account.push_format is PushFormat.JSON and kind is OwedKind.REPLY else self._batch
        return self._lane.ask(self._steps.claim_push, PushClaim(account.id, kind, most), is_urgent=is_urgent)

    async def _push(self, account: Account, kind: OwedKind, items: Items) -> Items | None:
        """Post and record; returns None if the customer did not take the items. Behind a full batch more waits: it is claimed in
        the turn that records this one, at once, and returned.
        """
        done = await self._post(account, kind, items)
        self.durations[kind].add(done.took_ms / 1000)
        attempt_id = self._process_state.ids.one(self._process_state.clock())
        pushed = PushRecord(account, kind, [i.owed_id for i in items], done, attempt_id)
        recorded = self._lane.ask(self._steps.record_push, pushed)
        is_taken, more = done.outcome is PushOutcome.TAKEN, _NOTHING
        if is_taken and len(items) >= self._batch:
            claimed = self._claim(account, kind, is_urgent=True)
            await asyncio.gather(claimed, recorded)
            more = claimed.result()
        else:
            await recorded
        self._count(pushed)
        return more if is_taken else None

    def _count(self, pushed: PushRecord) -> None:
        count, outcome = len(pushed.owed_ids), pushed.pushed.outcome
        if outcome is PushOutcome.TAKEN:
            self.pushed[pushed.kind] += count
            return
        self.failed[pushed.kind] += count
        log.info(
            "push_failed",
            account=pushed.account.name,
            items=count,
            outcome=outcome.name,
            status=pushed.pushed.status,
            limit_by=("account",),
        )


def _falls_back(account: Account) -> bool:
    """Returns whether what is owed by session is pushed while the account has no session."""
    return account.delivery is Delivery.SESSION and account.missing_session is MissingSession.PUSH and bool(account.push_url)
