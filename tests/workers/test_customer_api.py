"""What the doors ask: task numbers in blocks, answers after the commit, a bound on what waits, signals to the next step."""

import asyncio
import gc
from datetime import UTC, datetime

import pytest
from tests.scene import NOW, POINTS, PREFIXES, SEALER, UP1, mobiles

from hongyan.model.account import Product
from hongyan.model.ids import china_day, name_task, task_of
from hongyan.model.owed import OwedKind, OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.services.snapshot import load_snapshot
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.task_numbers import TASK_BLOCK, TaskNumbers

MIDNIGHT_MS = round(datetime(2026, 2, 2, 16, tzinfo=UTC).timestamp() * 1000)  # in China


def numbers_of(rig):
    return TaskNumbers(lambda day: rig.lane.ask(rig.steps.task_block, day))


async def take(numbers, count, now_ms=NOW):
    return [await take_one(numbers, now_ms) for _ in range(count)]


async def take_one(numbers, now_ms):
    task_id, sms_id = name_task(*await numbers.take(now_ms), origin="a" * 16)
    assert task_of(sms_id) == task_id
    return task_id


# --- task numbers --------------------------------------------------------------------------------------------------------


def test_the_day_is_chinas():
    assert [china_day(MIDNIGHT_MS - 1), china_day(MIDNIGHT_MS)] == ["260202", "260203"]


def test_numbers_are_the_day_and_ten_digits_that_count(on_rig):
    async def go(rig):
        return await take(numbers_of(rig), 3)

    assert on_rig(go) == [2602020000000000, 2602020000000001, 2602020000000002]


def test_numbers_go_on_over_the_end_of_a_block_without_a_gap_or_a_repeat(on_sqlite_rig):
    async def go(rig):
        return await take(numbers_of(rig), 3 * TASK_BLOCK + 5)

    assert on_sqlite_rig(go) == [2602020000000000 + n for n in range(3 * TASK_BLOCK + 5)]


def test_the_next_block_is_there_before_the_old_one_ends(on_sqlite_rig, wait):
    async def go(rig):
        numbers = numbers_of(rig)
        await take(numbers, TASK_BLOCK // 2 + 2)
        await wait(lambda: len(rig.lane.asked["task_block"]) == 2)
        await asyncio.sleep(0.05)
        rig.lane.deaf.add("task_block")
        return await take(numbers, TASK_BLOCK)

    assert len(set(on_sqlite_rig(go))) == TASK_BLOCK


def test_a_block_that_cannot_be_had_ahead_is_asked_for_again_and_nobody_hears_of_it(on_sqlite_rig, wait):
    async def go(rig):
        heard = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context["message"]))
        numbers = numbers_of(rig)
        await take(numbers, TASK_BLOCK // 2)
        rig.lane.fails["task_block"] = 2
        for tries in (2, 3, 4):
            await take(numbers, 2)
            await wait(lambda tries=tries: len(rig.lane.asked["task_block"]) == tries and numbers._refill.done())
        gc.collect()
        await take(numbers, TASK_BLOCK)
        await wait(numbers._refill.done)
        return heard

    assert on_sqlite_rig(go) == []


def test_the_count_begins_anew_at_midnight_in_china(on_rig):
    async def go(rig):
        numbers = numbers_of(rig)
        return [*await take(numbers, 2, MIDNIGHT_MS - 1), *await take(numbers, 2, MIDNIGHT_MS)]

    assert on_rig(go) == [2602020000000000, 2602020000000001, 2602030000000000, 2602030000000001]


@pytest.mark.parametrize("count", [1, 50])
def test_those_who_ask_at_once_at_midnight_share_no_number(on_sqlite_rig, count):
    async def go(rig):
        numbers = numbers_of(rig)
        await take(numbers, 10, MIDNIGHT_MS - 1)
        return await asyncio.gather(*(take_one(numbers, MIDNIGHT_MS) for _ in range(count)))

    taken = on_sqlite_rig(go)
    assert len(set(taken)) == count
    assert {number // 10**10 for number in taken} == {260203}


def test_those_who_wait_for_the_first_block_wait_for_the_same_one_and_are_served_in_order(on_rig):
    async def go(rig):
        numbers = numbers_of(rig)
        asked = [asyncio.ensure_future(take_one(numbers, NOW)) for _ in range(20)]
        await asyncio.sleep(0)
        asked[3].cancel()
        taken = await asyncio.gather(*asked[:3], *asked[4:])
        return taken, len(rig.lane.asked["task_block"])

    assert on_rig(go) == ([2602020000000000 + n for n in range(19)], 1)


def test_a_clock_that_steps_back_over_midnight_uses_no_number_twice(on_sqlite_rig):
    async def go(rig):
        numbers = numbers_of(rig)
        moments = [MIDNIGHT_MS - 1, MIDNIGHT_MS, MIDNIGHT_MS - 1, MIDNIGHT_MS]
        return [await take_one(numbers, now_ms) for now_ms in moments]

    assert len(set(on_sqlite_rig(go))) == 4


def test_midnight_while_the_next_block_is_on_its_way_mixes_no_days(on_sqlite_rig, wait):
    """The refill of yesterday comes after today has begun: its numbers are not today's."""

    async def go(rig):
        numbers = numbers_of(rig)
        await take(numbers, TASK_BLOCK // 2 + 1)
        ask = rig.lane.ask
        held = []

        def hold(step, item):
            if item == "260202":
                held.append((step, item, asyncio.get_running_loop().create_future()))
                return held[-1][2]
            return ask(step, item)

        rig.lane.ask = hold
        await take_one(numbers, NOW)
        await wait(lambda: held)
        today = [await take_one(numbers, MIDNIGHT_MS)]
        step, day, future = held[0]
        future.set_result(await ask(step, day))
        await asyncio.sleep(0.02)
        rig.lane.ask = ask
        return today + await take(numbers, 2 * TASK_BLOCK, MIDNIGHT_MS)

    taken = on_sqlite_rig(go)
    assert len(set(taken)) == len(taken)
    assert {number // 10**10 for number in taken} == {260203}


def test_two_processes_share_no_number(on_rig):
    async def go(rig):
        one, other = numbers_of(rig), numbers_of(rig)
        return [await take_one(n, NOW) for n in (one, other, one, other)]

    assert on_rig(go) == [2602020000000000, 2602020000010000, 2602020000000001, 2602020000010001]


def test_a_store_that_is_away_refuses_and_is_asked_again(on_sqlite_rig, away):
    async def go(rig):
        numbers = numbers_of(rig)
        rig.lane.fails["task_block"] = 1
        with pytest.raises(away):
            await take_one(numbers, NOW)
        return await take_one(numbers, NOW)

    assert on_sqlite_rig(go) == 2602020000000000


# --- LaneCustomerApi -----------------------------------------------------------------------------------------------------


def api_of(rig, most=10, octets_most=1_000):
    return LaneCustomerApi(rig.process_state, rig.lane, rig.steps, most, octets_most, SEALER, overlap_ms=60_000)


def reload(rig):
    """As the watcher does."""
    rig.process_state.turn(rig.scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100, now_ms=rig.scene.now)))


def test_a_changed_secret_is_answered_when_it_is_known_here(on_rig, pause):
    async def go(rig):
        api = api_of(rig)
        change = asyncio.ensure_future(api.change_secret(rig.process_state.snapshot.accounts["pre"], "n3w"))
        await pause()
        assert not change.done()
        reload(rig)
        await change
        audit = rig.scene.rows("audit")[-1]
        return [secret.plain for secret in api.snapshot.accounts["pre"].secrets], audit["actor"], audit["action"]

    secrets, *audit = on_rig(go)
    assert secrets[0] == "n3w"
    assert len(secrets) == 2
    assert audit == ["customer:pre", "account.secret"]


def test_an_admission_gets_its_numbers_is_stored_and_wakes_its_channel(on_rig, wait):
    async def go(rig):
        woken = []
        rig.signals.on_queued(UP1, lambda: woken.append(UP1))
        api = api_of(rig)
        answer = await api.accept(rig.scene.admission(numbers=mobiles(2)))
        await wait(lambda: woken)
        (task,) = rig.scene.rows("task")
        stored = (task["id"], task["sms_id"]) == (answer.task_id, answer.sms_id)
        return stored, len(answer.sms_id), answer.balance, woken, (api.accepted, api.points, api.waiting)

    assert on_rig(go) == (True, 32, POINTS - 2, [UP1], (2, {Product.SMS: 2, Product.MMS: 0}, 0))


def test_a_large_task_wakes_the_release(on_sqlite_rig, wait):
    async def go(rig):
        await api_of(rig).accept(rig.scene.admission(numbers=mobiles(1_001)))
        await wait(rig.signals.released.is_set)

    on_sqlite_rig(go)


def test_a_refusal_is_raised_and_counts_nothing(on_sqlite_rig):
    async def go(rig):
        api = api_of(rig)
        with pytest.raises(Refusal) as refusal:
            await api.accept(rig.scene.admission(numbers=mobiles(POINTS + 1)))
        return refusal.value.code, api.accepted, api.waiting

    assert on_sqlite_rig(go) == (Code.BALANCE_SHORT, 0, 0)


def test_more_than_may_wait_is_refused_at_once(on_sqlite_rig):
    async def go(rig):
        api = api_of(rig, most=2)
        rig.lane.deaf.add("accept")
        waiting = [asyncio.ensure_future(api.accept(rig.scene.admission())) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refusal) as refusal:
            await api.accept(rig.scene.admission())
        for task in waiting:
            task.cancel()
        await asyncio.sleep(0)  # they leave their places in the next turn of the loop
        rig.lane.deaf.clear()
        again = await api.accept(rig.scene.admission())
        return refusal.value.code, again.count, api.waiting

    assert on_sqlite_rig(go) == (Code.BUSY, 1, 0)


def test_a_repeated_reference_is_counted_once(on_sqlite_rig):
    async def go(rig):
        api = api_of(rig)
        answers = [await api.accept(rig.scene.admission(client_ref="r", client_hash=b"h")) for _ in range(2)]
        return answers[0].task_id == answers[1].task_id, api.accepted

    assert on_sqlite_rig(go) == (True, 1)


def test_reports_and_replies_are_taken_and_given_back(on_rig):
    async def go(rig):
        rig.scene.sent()
        rig.scene.report(rig.scene.receipt("c1"))
        rig.scene.ask(rig.steps.replies, [rig.scene.reply("好")])
        api, account = api_of(rig), rig.scene.account("pre")
        reports, replies = await api.take_reports(account, 10, None), await api.take_replies(account, 10, None)
        nothing = await api.take_reports(account, 10, None)
        await api.give_back(OwedKind.REPORT, [reports[0].owed_id])
        again = await api.take_reports(account, 10, None)
        return [type(reports[0]), type(replies[0]), nothing, again == reports]

    assert on_rig(go) == [OwedReport, OwedReply, [], True]


def test_the_balance_is_read_through_the_lane(on_sqlite_rig):
    async def go(rig):
        api = api_of(rig)
        await api.accept(rig.scene.admission())
        return (await api.balance(rig.scene.account("pre"), Product.SMS)).points

    assert on_sqlite_rig(go) == POINTS - 1


def test_the_snapshot_is_that_of_the_process(on_sqlite_rig):
    async def go(rig):
        return api_of(rig).snapshot is rig.process_state.snapshot

    assert on_sqlite_rig(go)
