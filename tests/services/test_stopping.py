"""Tasks that are cancelled, paused and resumed: what was not sent is not sent, and points come back once."""

import threading

import pytest
from tests.scene import HOUR_MS, NOW, POINTS, UP1, UP2, Scene, mobiles

from hongyan.model.channel import ChannelState
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.ledger import EntryKind
from hongyan.model.message import MessageState, ReceiptState, TaskState
from hongyan.policy.release import SLICE
from hongyan.services.admin import tasks
from hongyan.services.steps import pausing
from hongyan.services.steps.cancelled import CANCELLED, CancelPage
from hongyan.services.steps.pausing import PausePage
from hongyan.services.steps.report_sweeps import OpenPage

LARGE = 1_201


def begin(scene, task_id):
    scene.within(lambda tx: tasks.begin_cancelling(tx, scene.act(), task_id))


def pause_or_resume(scene, task_id, page=None):
    """All pages of a cancelling; returns how many ended, the points, what was leaving, and where to look again."""
    page, ended, points, leaving = page or CancelPage(task_id), 0, 0, 0
    while page is not None:
        done = scene.ask(scene.steps.cancel, page)
        ended, points, leaving, page = ended + done.ended, points + done.points, leaving + done.leaving, done.next_page
    return ended, points, leaving, done.later


def cancel(scene, task_id):
    begin(scene, task_id)
    return pause_or_resume(scene, task_id)


def set_paused(scene, task_id, is_paused):
    scene.within(lambda tx: tasks.set_paused(tx, scene.act(), task_id, is_paused=is_paused))


def pause(scene, task_id):
    set_paused(scene, task_id, True)
    return _pages(scene, PausePage(task_id, is_paused=True))


def resume(scene, task_id):
    set_paused(scene, task_id, False)
    return _pages(scene, PausePage(task_id, is_paused=False))


def _pages(scene, page):
    count, leaving = 0, 0
    while page is not None:
        moved = scene.ask(scene.steps.pause, page)
        count, leaving, page = count + moved.count, leaving + moved.leaving, moved.next_page
    return count, leaving


def task_state(scene, task_id):
    (task,) = [task for task in scene.rows("task") if task["id"] == task_id]
    return TaskState(task["state"])


def returned(scene):
    return [entry["subject"] for entry in scene.rows("entry") if entry["kind"] == EntryKind.RETURN]


def test_what_is_queued_is_never_sent_its_points_come_back_and_its_customer_reads_why(scene):
    task_id = scene.send(numbers=mobiles(3), text="一" * 71).task_id
    assert scene.points() == POINTS - 6

    assert cancel(scene, task_id) == (3, 6, 0, None)

    assert scene.claim() == []
    assert scene.states() == [MessageState.CANCELLED] * 3
    assert scene.points() == POINTS
    assert scene.books_balance()
    assert [(r.mobile, r.state, r.code, r.is_delivered) for r in scene.pull()] == [
        (number, MessageState.CANCELLED, CANCELLED, False) for number in mobiles(3)
    ]
    assert task_state(scene, task_id) is TaskState.CANCELLED
    assert scene.rows("parcel") == []


@pytest.mark.parametrize("account", ["pre", "taken", "delivered", "post"])
def test_points_come_back_whatever_the_charge_rule(scene, account):
    before = scene.points(account)
    cancel(scene, scene.send(account).task_id)

    assert scene.points(account) == before


def test_a_cancelling_that_is_repeated_changes_nothing(scene):
    task_id = scene.send(numbers=mobiles(2)).task_id
    cancel(scene, task_id)
    before = scene.everything()

    assert pause_or_resume(scene, task_id) == (0, 0, 0, None)
    assert scene.everything() == before


def test_a_scheduled_task_is_never_released(scene):
    task_id = scene.send(numbers=mobiles(2), send_at_ms=NOW + HOUR_MS).task_id

    assert cancel(scene, task_id) == (2, 2, 0, None)

    scene.now += 2 * HOUR_MS
    assert scene.ask(scene.steps.release).count == 0
    assert scene.claim() == []
    assert scene.points() == POINTS
    assert len(scene.pull()) == 2
    assert scene.rows("task_load") == []


def test_a_large_task_is_cancelled_between_its_slices(scene):
    task_id = scene.send(numbers=mobiles(LARGE)).task_id
    scene.ask(scene.steps.release)

    assert cancel(scene, task_id) == (LARGE, LARGE, 0, None)

    assert scene.ask(scene.steps.release).count == 0
    assert scene.claim() == []
    assert len(set(returned(scene))) == len(returned(scene)) == LARGE
    assert scene.points() == POINTS
    assert scene.books_balance()
    assert {report.phone for report in scene.pull()} == {8613800000000 + n for n in range(LARGE)}


def test_what_is_claimed_is_leaving_already_and_is_reported_as_usual(scene):
    task_id = scene.send(numbers=mobiles(3)).task_id
    segments = scene.claim()

    ended, points, leaving, later = cancel(scene, task_id)

    assert (ended, points, leaving) == (0, 0, 3)
    assert later is not None
    assert task_state(scene, task_id) is TaskState.CANCELLING
    scene.record([scene.accepted(segment, f"c{n}") for n, segment in enumerate(segments)])
    scene.report(*[scene.receipt(f"c{n}") for n in range(3)])
    assert pause_or_resume(scene, task_id, later) == (0, 0, 0, None)
    assert scene.states() == [MessageState.DELIVERED] * 3
    assert scene.points() == POINTS - 3
    assert task_state(scene, task_id) is TaskState.CANCELLED


def test_others_in_the_same_parcel_go_on(scene):
    answers = scene.run(scene.steps.accept, scene.admission(numbers=mobiles(2)), scene.admission(numbers=mobiles(2, 10)))
    assert len(scene.rows("parcel")) == 1

    assert cancel(scene, answers[0].task_id) == (2, 2, 0, None)

    assert [segment.phone for segment in scene.claim()] == [8613800000010, 8613800000011]


def test_what_a_carrier_refuses_after_its_task_was_cancelled_goes_to_no_other_channel(scene):
    task_id = scene.send(numbers=mobiles(2)).task_id
    segments = scene.claim()
    _, _, _, later = cancel(scene, task_id)
    scene.record([scene.refused(segment) for segment in segments])
    assert {m["channel_id"] for m in scene.rows("message")} == {UP2}

    assert pause_or_resume(scene, task_id, later) == (2, 2, 0, None)

    assert scene.claim(UP2) == []
    assert scene.points() == POINTS


def test_what_a_dead_owner_had_claimed_is_taken_back_with_the_next_epoch(scene):
    task_id = scene.send(numbers=mobiles(2)).task_id
    scene.claim()
    _, _, _, later = cancel(scene, task_id)
    scene.own(UP1, "another")

    assert pause_or_resume(scene, task_id, later) == (2, 2, 0, None)
    assert scene.points() == POINTS


def test_a_receipt_for_what_was_cancelled_changes_nothing(scene):
    """Its owner died with the bytes out, and the message was taken back as unsent."""
    task_id = scene.send(numbers=mobiles(1)).task_id
    (segment,) = scene.claim()
    _, _, _, later = cancel(scene, task_id)
    scene.own(UP1, "another")
    pause_or_resume(scene, task_id, later)

    scene.record([scene.accepted(segment, "c1")])
    scene.report(scene.receipt("c1", state=ReceiptState.DELIVERED))

    assert scene.states() == [MessageState.CANCELLED]
    assert scene.points() == POINTS
    assert scene.books_balance()


def test_a_page_that_was_lost_is_done_again_and_only_once(scene):
    task_id = scene.send(numbers=mobiles(LARGE)).task_id
    begin(scene, task_id)

    class Lost(Exception):
        pass

    def lose(tx):
        scene.steps.cancel.run(tx, [CancelPage(task_id)])
        raise Lost

    with pytest.raises(Lost):
        scene.within(lose)

    assert scene.rows("message") == []
    assert pause_or_resume(scene, task_id)[:2] == (LARGE, LARGE)
    assert scene.points() == POINTS


def test_a_paused_task_keeps_what_is_queued_until_it_is_resumed(scene):
    task_id = scene.send(numbers=mobiles(3)).task_id
    scene.send(numbers=["13899999999"])

    assert pause(scene, task_id) == (3, 0)
    assert pause(scene, task_id) == (0, 0)
    assert [segment.phone for segment in scene.claim()] == [8613899999999]
    assert resume(scene, task_id) == (3, 0)
    assert resume(scene, task_id) == (0, 0)
    assert [segment.phone for segment in scene.claim()] == [8613800000000 + n for n in range(3)]


def test_a_paused_task_is_not_released_and_goes_on_where_it_was(scene):
    task_id = scene.send(numbers=mobiles(LARGE)).task_id
    scene.ask(scene.steps.release)

    assert pause(scene, task_id) == (SLICE, 0)
    assert scene.ask(scene.steps.release).count == 0
    assert scene.claim() == []
    assert resume(scene, task_id) == (SLICE, 0)
    rest = range(LARGE - SLICE, 0, -SLICE)
    assert [scene.ask(scene.steps.release).count for _ in (*rest, 0)] == [*(min(left, SLICE) for left in rest), 0]
    assert len({segment.phone for segment in scene.claim()}) == LARGE


def test_a_scheduled_task_that_is_paused_lets_its_time_pass(scene):
    task_id = scene.send(send_at_ms=NOW + 1).task_id
    pause(scene, task_id)
    scene.now += HOUR_MS
    assert scene.ask(scene.steps.release).count == 0

    resume(scene, task_id)
    assert scene.ask(scene.steps.release).count == 1


def test_what_is_paused_stays_where_it_is_when_its_channel_dies(scene):
    task_id = scene.send(numbers=mobiles(2)).task_id
    pause(scene, task_id)
    scene.change_channel(UP1, state=ChannelState.STOPPED)
    from hongyan.services.steps.reroute import Reroute

    assert scene.ask(scene.steps.reroute, Reroute(UP1)).moved == 0


def go_on(scene):
    """As a running server does."""
    for page in scene.ask(scene.steps.unfinished_pauses):
        _pages(scene, page)


@pytest.mark.parametrize("is_paused", [True, False])
def test_a_pause_and_a_resumption_whose_command_was_killed_are_carried_on(scene, is_paused):
    task_id = scene.send(numbers=mobiles(600)).task_id
    if not is_paused:
        pause(scene, task_id)
    set_paused(scene, task_id, is_paused)
    scene.ask(scene.steps.pause, PausePage(task_id, is_paused))  # its first page, and the kill

    go_on(scene)

    assert len(scene.claim()) == (0 if is_paused else 600)
    assert scene.rows("unfinished_pause") == []
    assert scene.books_balance()


def test_a_page_of_a_pause_after_the_task_was_resumed_does_nothing(scene):
    task_id = scene.send(numbers=mobiles(600)).task_id
    set_paused(scene, task_id, True)
    rest = scene.ask(scene.steps.pause, PausePage(task_id, is_paused=True)).next_page
    set_paused(scene, task_id, False)

    assert scene.ask(scene.steps.pause, rest) == pausing.PauseResult()
    go_on(scene)
    assert len(scene.claim()) == 600


def test_a_paused_task_can_be_cancelled(scene):
    task_id = scene.send(numbers=mobiles(LARGE)).task_id
    scene.ask(scene.steps.release)
    pause(scene, task_id)

    assert cancel(scene, task_id) == (LARGE, LARGE, 0, None)
    assert scene.points() == POINTS
    assert scene.rows("parcel") == []


def test_the_sweep_of_slipped_receipts_is_not_troubled(scene):
    cancel(scene, scene.send(numbers=mobiles(2)).task_id)

    assert scene.ask(scene.steps.slipped, OpenPage((0, 0), 0)).owed == set()


def cancel_message(scene, message_id):
    return scene.within(lambda tx: tasks._cancel_message(tx, scene.act(), message_id, scene.snapshot))


def test_one_message_is_taken_back_and_others_of_its_task_go_on(scene):
    scene.send(numbers=mobiles(3))
    _, second, _ = [m["id"] for m in scene.rows("message")]

    assert cancel_message(scene, second) == tasks.Stopped(0, 1, 1, 0)

    assert [segment.phone for segment in scene.claim()] == [8613800000000, 8613800000002]
    assert scene.points() == POINTS - 2
    with pytest.raises(Conflict):
        cancel_message(scene, second)
    assert scene.books_balance()


def test_one_message_that_is_leaving_or_sent_is_not(scene):
    scene.send(numbers=mobiles(2))
    first, second = scene.claim()
    assert cancel_message(scene, first.message_id) == tasks.Stopped(0, 0, 0, 1)
    scene.record([scene.accepted(first, "c1")], done=())
    with pytest.raises(Conflict):
        cancel_message(scene, first.message_id)
    with pytest.raises(NotFound):
        cancel_message(scene, 1)
    assert scene.points() == POINTS - 2
    assert second.phone == 8613800000001


ROUNDS, MOST_ROUNDS = 12, 120
"""On a busy machine both at once is seldom; more rounds are played until it was."""


def test_claims_releases_and_answers_beside_a_cancelling_send_or_return_each_message_once(furnished_postgres_store):
    """Three processes at once, over and over: no number is both sent and returned, none is neither."""
    boss, sender, stopper = (Scene(furnished_postgres_store, node=node) for node in (1, 2, 3))
    boss.own()
    sender.epochs = dict(boss.epochs)
    mixed = 0
    for number in range(MOST_ROUNDS):
        if number >= ROUNDS and mixed:
            break
        boss.next_task(260202 * 10**10 + 1 + number)
        mixed += _race(boss, sender, stopper)
    for scene in (boss, sender, stopper):
        scene.close()

    assert mixed  # in some rounds a part was sent and a part returned


def _race(boss, sender, stopper):
    task_id = boss.send(numbers=mobiles(LARGE // 2)).task_id
    sent: list[int] = []

    def work():
        for _ in range(8):
            segments = sender.claim(most=1)
            sent.extend(segment.phone for segment in segments)
            sender.record([sender.accepted(s, f"{task_id}-{s.message_id}") for s in segments])

    def stop():
        pause(stopper, task_id)
        resume(stopper, task_id)
        cancel(stopper, task_id)

    _at_once(work, stop)
    pause_or_resume(boss, task_id)
    mine = [m for m in boss.rows("message") if m["task_id"] == task_id]
    cancelled = {m["phone"] for m in mine if m["state"] == MessageState.CANCELLED}
    assert len(mine) == LARGE // 2
    assert cancelled.isdisjoint(sent)
    assert cancelled | set(sent) == {m["phone"] for m in mine}
    assert len(sent) == len(set(sent))
    assert boss.books_balance()
    return bool(cancelled and sent)


def _at_once(*works):
    barrier, failures = threading.Barrier(len(works)), []

    def guarded(work):
        barrier.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001  asserted below
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_release_beside_a_cancelling_makes_no_message_that_is_lost(furnished_postgres_store):
    boss, releaser, stopper = (Scene(furnished_postgres_store, node=node) for node in (1, 2, 3))
    mixed = 0
    for number in range(MOST_ROUNDS):
        if number >= ROUNDS and mixed:
            break
        boss.next_task(260202 * 10**10 + 1 + number)
        task_id = boss.send(numbers=mobiles(LARGE)).task_id
        released = []
        _at_once(lambda: released.append(releaser.ask(releaser.steps.release)), lambda: cancel(stopper, task_id))  # noqa: B023
        pause_or_resume(boss, task_id)
        mixed += released[0].count > 0

        mine = [m for m in boss.rows("message") if m["task_id"] == task_id]
        assert {m["state"] for m in mine} == {MessageState.CANCELLED}
        assert len({m["phone"] for m in mine}) == len(mine) == LARGE
        assert boss.books_balance()
    assert boss.points() == POINTS
    for scene in (boss, releaser, stopper):
        scene.close()
    assert mixed
