"""New messages that an owned channel takes at once: claimed in the commit that stores them, sent behind it."""

from dataclasses import replace

import pytest
from tests.scene import HOUR_MS, LONG, ME, NOW, UP1, UP2, mobiles

from hongyan.model.binary import Binary
from hongyan.model.message import MessageState
from hongyan.model.parcel import ParcelState
from hongyan.model.protocol import Protocol
from hongyan.policy.release import AT_ONCE, SLICE
from hongyan.services.steps import dispatch
from hongyan.services.steps.dispatch import StrayParcels
from hongyan.store.sql.tx import SqlTx

QUEUED, SENT = MessageState.QUEUED, MessageState.SENT


class Outlet:
    """Implements ports.outlets.Outlet: keeps what it is given."""

    def __init__(self, scene, channel_id=UP1, room=100, epoch=None):
        self.channel, self.owner, self.room = scene.channel(channel_id), ME, room
        self.epoch = scene.own(channel_id) if epoch is None else epoch
        self.taken = []
        self.woken = []
        scene.process_state.signals.on_stored(channel_id, self)
        scene.process_state.signals.on_queued(channel_id, lambda: self.woken.append(channel_id))

    def take(self, segments):
        self.taken += segments


def parcels(scene):
    return [(ParcelState(row["state"]), row["epoch"], row["messages"]) for row in scene.rows("parcel")]


def without_names(segments):
    return [replace(segment, message_id=0, parcel_id=0) for segment in segments]


def test_what_there_is_room_for_is_claimed_as_it_is_stored_and_taken_after_the_commit(scene):
    outlet = Outlet(scene)

    scene.send(numbers=mobiles(3))

    assert [s.message_id for s in outlet.taken] == [m["id"] for m in scene.rows("message")]
    assert parcels(scene) == [(ParcelState.CLAIMED, outlet.epoch, 3)]
    assert (scene.claim(), outlet.woken) == ([], [])
    scene.record([scene.accepted(s, f"c{s.phone}") for s in outlet.taken])
    assert (scene.states(), scene.rows("parcel")) == ([SENT] * 3, [])


@pytest.mark.parametrize(
    "said",
    [
        {"text": "您好【测试】", "extno": "7"},
        {"text": LONG},
        {"text": "", "binary": Binary(b"\x01\x02", b"")},
        {"text": "快", "is_flash": True},
    ],
    ids=["text", "long", "octets", "flash"],
)
def test_the_same_leaves_as_by_a_claim(scene, said):
    scene.own()
    scene.send(numbers=mobiles(2), **said)
    claimed = scene.claim()
    outlet = Outlet(scene, epoch=scene.epochs[UP1])

    scene.send(numbers=mobiles(2), **said)

    assert without_names(outlet.taken) == without_names(claimed) != []


@pytest.mark.parametrize("why", ["older ones wait", "more than its room", "another owner", "a lease that was let go"])
def test_what_may_not_be_handed_over_waits_in_the_store_and_its_channel_is_woken(scene, why):
    outlet = Outlet(scene, room={"older ones wait": 0, "more than its room": 2}.get(why, 100))
    if why == "another owner":
        scene.own(owner="another")
    if why == "a lease that was let go":
        scene.within(lambda tx: tx.drop_lease(UP1, ME, outlet.epoch))

    scene.send(numbers=mobiles(3))

    assert (outlet.taken, outlet.woken) == ([], [UP1])
    assert parcels(scene) == [(ParcelState.READY, 0, 3)]


def test_submits_that_have_a_name_of_ours_are_claimed_as_before(scene):
    scene.change_channel(protocol=Protocol.SGIP)
    outlet = Outlet(scene)

    scene.send()

    assert (outlet.taken, parcels(scene)) == ([], [(ParcelState.READY, 0, 1)])


def test_what_is_too_old_already_ends_at_a_claim(scene):
    outlet = Outlet(scene)

    scene.send(valid_until_ms=scene.now - 1)

    assert outlet.taken == []
    assert scene.claim() == []
    assert scene.states() == [MessageState.FAILED]


def test_each_channel_gets_its_own(scene):
    first, second = Outlet(scene), Outlet(scene, UP2)
    scene.send(numbers=mobiles(1))
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    scene.send(numbers=mobiles(2, 10))

    assert ([s.phone % 100 for s in first.taken], [s.phone % 100 for s in second.taken]) == ([0], [10, 11])


def test_after_a_crash_behind_the_commit_the_next_owner_sends_it(scene):
    outlet = Outlet(scene)
    admission = scene.admission(numbers=mobiles(2))
    with scene.connection.transaction():
        tx = SqlTx(scene.connection)
        scene.steps.accept.run(tx, [admission])
        tx.before_commit()  # and then the process dies: nobody makes the calls

    scene.own()

    assert outlet.taken == []
    assert [s.phone % 10 for s in scene.claim()] == [0, 1]
    assert scene.claim() == []


def test_a_parcel_that_was_claimed_and_never_came_is_given_back_after_a_while(scene):
    epoch = scene.own()
    scene.send(numbers=mobiles(1))
    scene.send(numbers=mobiles(1, 1))
    kept, lost = scene.claim()
    strays = StrayParcels(UP1, ME, epoch, frozenset({kept.parcel_id}))

    young = scene.ask(scene.steps.strays, strays)
    scene.now += dispatch.STRAY_MS + 1_000
    found = [scene.ask(scene.steps.strays, strays) for _ in range(2)]

    assert (young, found) == (0, [1, 0])
    assert [s.message_id for s in scene.claim()] == [lost.message_id]


def test_nobody_returns_what_another_owner_has(scene):
    epoch = scene.own()
    scene.send()
    scene.claim()
    scene.now += dispatch.STRAY_MS + 1_000

    assert scene.ask(scene.steps.strays, StrayParcels(UP1, "another", epoch, frozenset())) == 0


# --- a slice of a large task ---------------------------------------------------------------------------------------------


def release_large(scene, numbers=AT_ONCE + 1, **said):
    """Accept a large task and release its first slice."""
    scene.send(numbers=mobiles(numbers), **said)
    return scene.ask(scene.steps.release)


def test_a_slice_for_which_there_is_room_is_claimed_as_it_is_released(scene):
    outlet = Outlet(scene, room=SLICE)

    released = release_large(scene)

    assert (released.count, released.queued) == (SLICE, set())
    assert [s.message_id for s in outlet.taken] == [m["id"] for m in scene.rows("message")]
    assert parcels(scene) == [(ParcelState.CLAIMED, outlet.epoch, SLICE)]
    assert scene.claim() == []


def test_a_slice_that_is_larger_than_the_room_waits_in_the_store(scene):
    outlet = Outlet(scene, room=SLICE - 1)

    released = release_large(scene)

    assert (released.queued, outlet.taken) == ({UP1}, [])
    assert len(scene.claim()) == SLICE


@pytest.mark.parametrize(
    "said",
    [
        {"text": "您好【测试】", "extno": "7"},
        {"text": LONG},
        {"text": "一" * 80, "parts": ("一" * 30, "一" * 50)},
        {"text": "", "texts": [f"第{n}条" for n in range(AT_ONCE + 1)]},
        {"text": "", "binary": Binary(b"\x01\x02", b"")},
        {"text": "快", "is_flash": True},
        {"valid_until_ms": NOW + HOUR_MS, "protocol_id": 64},
    ],
    ids=["text", "long", "cut", "texts", "octets", "flash", "said by a submit"],
)
def test_of_a_slice_the_same_leaves_as_by_a_claim(scene, said):
    scene.own()
    release_large(scene, **said)
    claimed = scene.claim()
    while scene.ask(scene.steps.release).count:
        scene.claim()
    outlet = Outlet(scene, room=10_000, epoch=scene.epochs[UP1])

    release_large(scene, **said)

    assert without_names(outlet.taken) == without_names(claimed) != []


def test_after_a_crash_behind_the_commit_of_a_slice_the_next_owner_sends_it(scene):
    outlet = Outlet(scene, room=SLICE)
    scene.send(numbers=mobiles(AT_ONCE + 1))
    with scene.connection.transaction():
        tx = SqlTx(scene.connection)
        scene.steps.release.run(tx, [None])
        tx.before_commit()  # and then the process dies: nobody makes the calls

    scene.own()

    assert outlet.taken == []
    assert [s.phone for s in scene.claim()] == [8613800000000 + n for n in range(SLICE)]
    assert scene.claim() == []
