"""The traffic of the last minutes: counted by slot, of the busiest accounts and channels, and bounded."""

from hongyan.model.message import ReceiptState
from hongyan.services.queries import traffic_rate
from hongyan.services.queries.traffic_rate import SLOT_MS, SLOTS, traffic_rates


def test_messages_are_counted_by_account_and_channel_in_their_slot(scene):
    scene.now -= scene.now % SLOT_MS
    scene.sent("pre", count=4)
    scene.report(scene.receipt("c1"), scene.receipt("c2"), scene.receipt("c3", state=ReceiptState.FAILED, code="MK:0001"))
    scene.now += SLOT_MS
    scene.send("taken")

    found = scene.within(lambda tx: traffic_rates(tx, scene.now))

    pre, taken = found["account"]
    assert (pre.name, pre.points[-3:], pre.success) == ("pre", (0, 0.4, 0), 66.7)
    assert (taken.name, taken.points[-3:], taken.success) == ("taken", (0, 0, 0.1), None)
    assert [one.name for one in found["channel"]] == ["up1"]
    assert len(pre.points) == SLOTS


def test_what_is_older_is_not_counted(scene):
    scene.send("pre")
    scene.now += SLOTS * SLOT_MS

    assert scene.within(lambda tx: traffic_rates(tx, scene.now)) == {"account": [], "channel": []}


def test_with_too_many_the_oldest_slots_are_left_out(scene, monkeypatch):
    monkeypatch.setattr(traffic_rate, "LOOKED_MOST", 2)
    scene.now -= scene.now % SLOT_MS
    for _ in range(3):
        scene.send("pre")
        scene.now += SLOT_MS
    scene.now -= SLOT_MS

    (pre,) = scene.within(lambda tx: traffic_rates(tx, scene.now))["account"]

    assert pre.points == (0.1,)
