"""The release step: large and scheduled tasks become messages slice by slice, each slice once."""

from dataclasses import replace

import pytest
from tests.scene import HOUR_MS, NOW, POINTS, UP1, UP2, mobiles

from hongyan.model.binary import Binary
from hongyan.model.channel import ChannelState
from hongyan.model.message import MessageState, TaskState
from hongyan.model.protocol import Protocol
from hongyan.policy.release import AT_ONCE, SLICE
from hongyan.services.steps.parcels import BULK, PROMPT

WHOLE = AT_ONCE // SLICE  # slices
LARGE = WHOLE * SLICE + 1
assert LARGE > AT_ONCE


def release(scene):
    return scene.ask(scene.steps.release)


def release_all(scene):
    counts = []
    while released := release(scene).count:
        counts.append(released)
    return counts


def task_state(scene):
    (task,) = scene.rows("task")
    return TaskState(task["state"])


def test_a_thousand_numbers_are_written_at_once(scene):
    scene.send(numbers=mobiles(1_000))

    assert scene.rows("task_load") == []
    assert len(scene.rows("message")) == 1_000
    assert task_state(scene) is TaskState.RELEASED


def test_more_numbers_are_held_and_packed_by_slices(scene):
    answer = scene.send(numbers=mobiles(LARGE))

    assert (answer.count, answer.balance) == (LARGE, POINTS - LARGE)
    assert scene.rows("message") == []
    assert [load["slice"] for load in scene.rows("task_load")] == list(range(WHOLE + 1))
    assert task_state(scene) is TaskState.RELEASING
    assert scene.books_balance()


def test_slices_become_messages_in_order_and_the_last_ends_the_task(scene):
    answer = scene.send(numbers=mobiles(LARGE))

    released = [release(scene) for _ in range(WHOLE + 2)]

    assert [one.count for one in released] == [SLICE] * WHOLE + [1, 0]
    assert [one.queued for one in released] == [{UP1}] * (WHOLE + 1) + [set()]
    messages = scene.rows("message")
    assert [m["phone"] for m in messages] == [8613800000000 + n for n in range(LARGE)]
    assert {(m["task_id"], m["state"], m["channel_id"]) for m in messages} == {(answer.task_id, MessageState.QUEUED, UP1)}
    (task,) = scene.rows("task")
    assert (task["first_id"], task["last_id"]) == (messages[0]["id"], messages[-1]["id"])
    assert task_state(scene) is TaskState.RELEASED
    assert scene.rows("task_load") == []
    assert [p["messages"] for p in scene.rows("parcel")] == [SLICE] * WHOLE + [1]
    assert scene.points() == POINTS - LARGE
    assert scene.books_balance()


def test_several_slices_in_one_batch_are_different_ones(scene):
    scene.send(numbers=mobiles(AT_ONCE + SLICE // 2))

    released = scene.run(scene.steps.release, *[None] * (WHOLE + 2))

    assert [r.count for r in released] == [SLICE] * WHOLE + [SLICE // 2, 0]
    assert len({m["phone"] for m in scene.rows("message")}) == AT_ONCE + SLICE // 2


def test_a_slice_whose_commit_was_lost_is_released_once_more_and_only_once(scene):
    """The transaction rolled back: nothing of it is there, and the repeat does the whole slice."""
    scene.send(numbers=mobiles(LARGE))

    class Lost(Exception):
        pass

    def lose(tx):
        scene.steps.release.run(tx, [None])
        raise Lost

    with pytest.raises(Lost):
        scene.within(lose)

    assert scene.rows("message") == []
    assert release_all(scene) == [SLICE] * WHOLE + [1]
    assert len(scene.rows("message")) == LARGE


def test_texts_segments_and_points_of_each_number_survive_the_packing(scene):
    texts = ["甲" * (70 if n % 2 else 71) for n in range(1_001)]
    scene.send(numbers=mobiles(1_001), text="", texts=texts)

    release_all(scene)

    messages = scene.rows("message")
    assert [m["text"] for m in messages] == texts
    assert [(m["segments"], m["points"]) for m in messages[:2]] == [(2, 2), (1, 1)]


def test_a_large_task_waits_behind_small_requests(scene):
    scene.send(numbers=mobiles(1_001))
    release_all(scene)
    scene.send(numbers=["13899999999"])

    assert [p["priority"] for p in scene.rows("parcel")] == [*[BULK] * (WHOLE + 1), PROMPT]
    assert scene.claim(most=1)[0].phone == 8613899999999


def test_a_scheduled_task_is_held_at_once_and_released_at_its_time(scene):
    answer = scene.send(send_at_ms=NOW + HOUR_MS)
    assert (answer.balance, task_state(scene)) == (POINTS - 1, TaskState.WAITING)
    assert release(scene).count == 0

    scene.now = NOW + HOUR_MS - 1
    assert release(scene).count == 0
    scene.now += 1

    assert release(scene).count == 1
    assert [segment.phone for segment in scene.claim()] == [8613800138000]
    assert task_state(scene) is TaskState.RELEASED


def test_a_time_that_has_passed_is_now(scene):
    scene.send(send_at_ms=NOW - HOUR_MS)

    assert len(scene.claim()) == 1


def test_what_is_under_way_goes_before_what_becomes_due(scene):
    first = scene.send(numbers=mobiles(4_000))
    release(scene)
    scene.send(numbers=["13899999999"], send_at_ms=NOW + 1)
    scene.now += 1_000

    release(scene)

    assert {m["task_id"] for m in scene.rows("message")} == {first.task_id}


def test_the_channel_is_judged_again_at_release(scene):
    scene.send(numbers=mobiles(2), send_at_ms=NOW + 1)
    scene.now += 1
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    assert release(scene).queued == {UP2}
    assert {m["channel_id"] for m in scene.rows("message")} == {UP2}


def test_a_number_that_no_channel_serves_any_more_fails_with_a_report_and_its_points_return(scene):
    for account in ("delivered", "pre"):
        scene.send(account, mobiles(2), send_at_ms=NOW + 1)
    scene.now += 1
    for channel_id in scene.snapshot.channels:
        scene.change_channel(channel_id, state=ChannelState.STOPPED)

    released = scene.run(scene.steps.release, None, None)

    assert [(r.count, r.queued) for r in released] == [(2, set()), (2, set())]
    assert released[0].owed | released[1].owed == {scene.account("delivered").id, scene.account("pre").id}
    assert scene.states() == [MessageState.FAILED] * 4
    assert [(r.state, r.code) for r in scene.pull("delivered")] == [(MessageState.FAILED, "1110")] * 2
    assert (scene.points("delivered"), scene.points("pre")) == (POINTS, POINTS - 2)
    assert scene.rows("parcel") == []
    assert scene.books_balance()


def test_an_extno_that_another_account_has_by_now_does_not_go_out_under_it(scene):
    scene.send("delivered", mobiles(2), extno="5", send_at_ms=NOW + 1)
    scene.send("delivered", mobiles(1), extno="6", send_at_ms=NOW + 1)
    scene.now += 1
    taken = replace(scene.account("pre"), extno=scene.account("delivered").extno + "5")
    scene.process_state.snapshot = replace(scene.snapshot, accounts_by_id={**scene.snapshot.accounts_by_id, taken.id: taken})

    for _ in range(2):
        release(scene)

    assert scene.states() == [MessageState.FAILED] * 2 + [MessageState.QUEUED]
    assert [(r.state, r.code) for r in scene.pull("delivered")] == [(MessageState.FAILED, "1104")] * 2
    assert scene.points("delivered") == POINTS - 1
    assert scene.books_balance()


def test_how_many_digits_a_request_may_add_is_not_judged_again(scene):
    scene.send(extno="12345", send_at_ms=NOW + 1)
    scene.now += 1
    account = replace(scene.account("pre"), extno_most=0)
    scene.process_state.snapshot = replace(
        scene.snapshot, accounts_by_id={**scene.snapshot.accounts_by_id, account.id: account}
    )

    assert release(scene).queued == {UP1}


@pytest.mark.parametrize("others", [{"binary": Binary(b"\x01")}, {"is_flash": True}])
def test_what_some_channels_cannot_carry_is_released_to_one_that_can(scene, others):
    scene.send(numbers=mobiles(2), send_at_ms=NOW + 1, **others)
    scene.now += 1
    scene.change_channel(UP1, protocol=Protocol.HTTP)

    assert release(scene).queued == {UP2}


def test_a_repeated_reference_of_a_large_task_packs_it_once(scene):
    first = scene.send(numbers=mobiles(LARGE), client_ref="r", client_hash=b"h")
    again = scene.send(numbers=mobiles(LARGE), client_ref="r", client_hash=b"h")

    assert again == first
    assert release_all(scene) == [SLICE] * WHOLE + [1]
