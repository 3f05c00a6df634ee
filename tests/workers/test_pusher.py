"""Pushing: batch after batch, one account's slow address delays nobody else, a failure waits for its time."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain

import pytest
from tests.scene import mobiles

from hongyan.model.owed import OwedKind, OwedState, Pushed, PushOutcome
from hongyan.workers import pusher as room
from hongyan.workers.pusher import Pusher

REPORT, REPLY = OwedKind.REPORT, OwedKind.REPLY
TAKEN, REFUSED, UNREACHED = PushOutcome.TAKEN, PushOutcome.REFUSED, PushOutcome.UNREACHED


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(room, "POLL_S", 0.03)
    monkeypatch.setattr(room, "GATHER_S", 0.005)


class Customers:
    """Implements ports.Poster: notes every body; answers as set for the account."""

    def __init__(self, now):
        self._now = now
        self.bodies = []
        self.outcomes = {}
        self.open = {}

    async def __call__(self, account, kind, items):
        self.bodies.append((account.name, kind, [item.owed_id for item in items]))
        if account.name in self.open:
            await self.open[account.name].wait()
        outcome = self.outcomes.get(account.name, TAKEN)
        return Pushed(outcome, 200, "", self._now(), 3)

    def of(self, name, kind=REPORT):
        return [ids for account, what, ids in self.bodies if (account, what) == (name, kind)]


@asynccontextmanager
async def pushing(rig, batch=200, *, may_push=True):
    """Two accounts with addresses, `pushed` and `pre`, and the loop at work."""
    accounts = {
        name: replace(a, push_url=f"http://{name}/") if name in {"pushed", "pre"} else a
        for name, a in rig.scene.snapshot.accounts.items()
    }
    rig.process_state.snapshot = replace(
        rig.scene.snapshot, accounts=accounts, accounts_by_id={a.id: a for a in accounts.values()}
    )
    rig.process_state.may_push = may_push
    customers = Customers(lambda: rig.scene.now)
    pusher = Pusher(rig.process_state, rig.lane, rig.steps, rig.signals, customers, batch)
    stopping = asyncio.Event()
    task = asyncio.create_task(pusher.run(stopping))
    try:
        yield customers, pusher
    finally:
        stopping.set()
        while not pusher._is_stopping:  # noqa: ASYNC110  nothing signals it
            await asyncio.sleep(0.005)
        for gate in customers.open.values():
            gate.set()
        await task


def owe(rig, account="pushed", count=1):
    """Owe so many reports, and wake the pusher; returns their ids."""
    sent = rig.scene.send(account, mobiles(count))
    names = [f"{sent.task_id}.{n}" for n in range(count)]
    segments = rig.scene.claim()
    rig.scene.record([rig.scene.accepted(s, name) for s, name in zip(segments, names, strict=True)])
    rig.scene.report(*(rig.scene.receipt(name) for name in names))
    return [s.message_id for s in segments]


def states(rig):
    return [OwedState(row["state"]) for row in rig.scene.rows("owed")]


def wake(rig, account="pushed"):
    rig.signals.owed([rig.scene.account(account).id])


def test_what_is_owed_is_posted_recorded_and_not_posted_again(on_rig, wait, pause):
    async def go(rig):
        async with pushing(rig) as (customers, pusher):
            ids = owe(rig, count=3)
            wake(rig)
            await wait(lambda: states(rig) == [OwedState.PUSHED] * 3)
            await pause()
            return customers.bodies == [("pushed", REPORT, ids)], len(rig.scene.rows("attempt")), pusher.pushed.total()

    assert on_rig(go) == (True, 1, 3)


def test_what_no_signal_reported_of_is_found_by_the_poll(on_rig, wait):
    async def go(rig):
        async with pushing(rig):
            owe(rig)
            await wait(lambda: states(rig) == [OwedState.PUSHED])

    on_rig(go)


def test_a_backlog_goes_out_batch_after_batch_in_order(on_sqlite_rig, wait):
    async def go(rig):
        ids = owe(rig, count=25)
        async with pushing(rig, batch=10) as (customers, _):
            await wait(lambda: set(states(rig)) == {OwedState.PUSHED})
            return [len(body) for body in customers.of("pushed")], [*chain(*customers.of("pushed"))] == ids

    assert on_sqlite_rig(go) == ([10, 10, 5], True)


def test_behind_a_full_batch_the_next_is_claimed_as_it_is_recorded(on_sqlite_rig, wait, monkeypatch):
    monkeypatch.setattr(room, "POLL_S", 3600)

    async def go(rig):
        owe(rig, count=25)
        async with pushing(rig, batch=10):
            await wait(lambda: set(states(rig)) == {OwedState.PUSHED})
            return rig.lane.urgent["claim_push"][:3], rig.lane.urgent["record_push"]

    assert on_sqlite_rig(go) == ([False, True, True], [False] * 3)


def test_what_was_claimed_beside_a_record_without_an_answer_is_claimed_anew(on_rig, wait):
    async def go(rig):
        ids = owe(rig, count=25)
        rig.lane.loses["record_push"] = 1
        async with pushing(rig, batch=10) as (customers, _):
            await wait(lambda: set(states(rig)) == {OwedState.PUSHED})
            return [len(body) for body in customers.of("pushed")], [*chain(*customers.of("pushed"))] == ids

    assert on_rig(go) == ([10, 10, 5], True)


def test_reports_and_replies_go_in_bodies_of_their_own(on_sqlite_rig, wait):
    async def go(rig):
        reports = owe(rig)
        rig.scene.ask(rig.steps.replies, [rig.scene.reply("好", "10690001", 8613800000000)])
        async with pushing(rig) as (customers, pusher):
            await wait(lambda: set(states(rig)) == {OwedState.PUSHED})
            return customers.of("pushed") == [reports], len(customers.of("pushed", REPLY)), pusher.pushed

    assert on_sqlite_rig(go) == (True, 1, {REPORT: 1, REPLY: 1})


def test_a_slow_address_delays_nobody_else(on_sqlite_rig, wait):
    async def go(rig):
        async with pushing(rig) as (customers, _):
            customers.open["pushed"] = asyncio.Event()
            owe(rig, "pushed")
            await wait(lambda: customers.of("pushed"))
            for _ in range(3):
                owe(rig, "pre")
                wake(rig, "pre")
                count = len(customers.of("pre"))
                await wait(lambda count=count: len(customers.of("pre")) > count)
            still = len(customers.of("pushed"))
            customers.open["pushed"].set()
            await wait(lambda: set(states(rig)) == {OwedState.PUSHED})
            return still

    assert on_sqlite_rig(go) == 1


def test_what_is_in_the_air_is_not_posted_beside_itself(on_sqlite_rig, wait, pause):
    async def go(rig):
        async with pushing(rig) as (customers, _):
            customers.open["pushed"] = asyncio.Event()
            first = owe(rig)
            await wait(lambda: customers.bodies)
            wake(rig)
            second = owe(rig)
            wake(rig)
            await pause()
            in_the_air = len(customers.bodies)
            customers.open["pushed"].set()
            await wait(lambda: set(states(rig)) == {OwedState.PUSHED})
            return in_the_air, customers.of("pushed") == [first, second]

    assert on_sqlite_rig(go) == (1, True)


@pytest.mark.parametrize("outcome", [REFUSED, UNREACHED])
def test_a_failure_stops_until_its_time_and_is_parked_after_three(on_rig, wait, pause, outcome):
    async def go(rig):
        counts = []
        async with pushing(rig) as (customers, pusher):
            customers.outcomes["pushed"] = outcome
            owe(rig)
            for pause_ms in (30_000, 120_000, 0):
                count = len(counts) + 1
                await wait(lambda count=count: len(rig.scene.rows("attempt")) == count)
                wake(rig)
                rig.scene.now += max(0, pause_ms - 1)
                await pause()
                counts.append(len(customers.bodies))
                rig.scene.now += 1
            await pause()
            return counts, len(customers.bodies), states(rig), pusher.failed.total()

    assert on_rig(go) == ([1, 2, 3], 3, [OwedState.PARKED], 3)


def test_an_address_that_comes_back_gets_all_that_waited(on_sqlite_rig, wait):
    async def go(rig):
        async with pushing(rig) as (customers, _):
            customers.outcomes["pushed"] = UNREACHED
            owe(rig, count=2)
            await wait(lambda: rig.scene.rows("attempt"))
            customers.outcomes["pushed"] = TAKEN
            rig.scene.now += 30_000
            await wait(lambda: states(rig) == [OwedState.PUSHED] * 2)

    on_sqlite_rig(go)


def test_without_the_lease_nothing_is_posted(on_sqlite_rig, wait, pause):
    async def go(rig):
        async with pushing(rig, may_push=False) as (customers, _):
            owe(rig)
            wake(rig)
            await pause()
            before = len(customers.bodies)
            rig.process_state.may_push = True
            await wait(lambda: customers.bodies)
            return before

    assert on_sqlite_rig(go) == 0


def test_a_signal_sends_what_it_names_and_one_of_another_process_all(on_sqlite_rig, wait, pause, monkeypatch):
    monkeypatch.setattr(room, "POLL_S", 60)

    def reply(rig):
        rig.scene.ask(rig.steps.replies, [rig.scene.reply("好", "10690001", 8613800000000)])

    async def go(rig):
        account_id = rig.scene.account("pushed").id
        async with pushing(rig) as (customers, _):
            await pause()
            owe(rig)
            reply(rig)
            rig.signals.owed([account_id])
            await wait(lambda: customers.of("pushed"))
            await pause()
            kinds = [[kind for _, kind, _ in customers.bodies]]
            rig.signals.owed([account_id], REPLY)
            await wait(lambda: customers.of("pushed", REPLY))
            kinds.append([kind for _, kind, _ in customers.bodies])
            owe(rig)
            reply(rig)
            rig.signals.owed_elsewhere([account_id])
            await wait(lambda: len(customers.bodies) == 4)
            return kinds

    assert on_sqlite_rig(go) == [[REPORT], [REPORT, REPLY]]


def test_an_account_without_an_address_is_not_posted_to(on_sqlite_rig, pause):
    async def go(rig):
        async with pushing(rig) as (customers, _):
            owe(rig, "taken")
            wake(rig, "taken")
            rig.signals.owed([999])
            await pause()
            return customers.bodies, states(rig)

    assert on_sqlite_rig(go) == ([], [OwedState.WAITING])


def test_an_address_that_is_taken_away_stops_the_backlog(on_sqlite_rig, wait):
    async def go(rig):
        owe(rig, count=3)
        async with pushing(rig, batch=1) as (customers, _):
            customers.open["pushed"] = asyncio.Event()
            await wait(lambda: customers.bodies)
            pulled = replace(rig.scene.account("pushed"), push_url="")
            rig.process_state.snapshot = replace(
                rig.process_state.snapshot, accounts_by_id={**rig.process_state.snapshot.accounts_by_id, pulled.id: pulled}
            )
            customers.open["pushed"].set()
            await wait(lambda: OwedState.PUSHED in states(rig))
        return len(customers.bodies), states(rig).count(OwedState.WAITING)

    assert on_sqlite_rig(go) == (1, 2)


@pytest.mark.parametrize("step", ["due", "claim_push", "record_push"])
def test_a_store_that_was_away_is_asked_again(on_rig, wait, step):
    async def go(rig):
        rig.lane.fails[step] = 2
        async with pushing(rig) as (customers, _):
            ids = owe(rig)
            await wait(lambda: states(rig) == [OwedState.PUSHED])
            return {tuple(body) for body in customers.of("pushed")} == {tuple(ids)}

    assert on_rig(go)


def test_a_push_whose_mark_was_lost_is_recorded_once(on_rig, wait):
    async def go(rig):
        rig.lane.loses["record_push"] = 1
        async with pushing(rig):
            owe(rig)
            await wait(lambda: states(rig) == [OwedState.PUSHED])
        return len(rig.scene.rows("attempt"))

    assert on_rig(go) == 1


def test_stopping_waits_for_what_is_in_the_air_and_records_it(on_sqlite_rig, wait):
    async def go(rig):
        async with pushing(rig, batch=1) as (customers, _):
            customers.open["pushed"] = asyncio.Event()
            owe(rig, count=3)
            await wait(lambda: customers.bodies)
        return len(customers.bodies), states(rig).count(OwedState.PUSHED)

    assert on_sqlite_rig(go) == (1, 1)
