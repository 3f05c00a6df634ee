"""What codes do: to points, to the list of those to be worked, and in traces."""

import pytest
from tests.scene import POINTS, PREFIXES, SEALER, UP1, UP2, mobiles

from hongyan.model.errors import NotFound
from hongyan.model.meaning import CodeClass, CodeRuleChange, Points
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.protocol import PROTOCOL_NAMES
from hongyan.services.admin import codes
from hongyan.services.queries.lists.channels import CODES
from hongyan.services.queries.trace import TraceQuery, trace
from hongyan.services.snapshot import load_snapshot
from hongyan.store.sql.codes import MOST

FAILED = ReceiptState.FAILED


def say(scene, code, kind="network", channel=None, **more):
    """What an operator says, and the ConfigSnapshot after it."""
    rule = CodeRuleChange(code=code, kind=CodeClass(kind), **more)
    scene.within(lambda tx: codes.set_code(tx, scene.act(), rule, channel))
    scene.process_state.snapshot = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000))


def unknown(scene):
    return [(row["channel"], row["code"], row["seen"]) for row in scene.within(codes.unknown_codes)]


def test_a_code_that_nobody_explained_is_counted_once_a_message(scene):
    scene.sent(count=3)

    for _ in range(2):
        scene.report(*(scene.receipt(f"c{n}", state=FAILED, code="ZZ:0001") for n in (1, 2)))
    scene.now += 1_000
    scene.report(scene.receipt("c3", state=FAILED, code="ZZ:0001"))

    assert unknown(scene) == [("up1", "ZZ:0001", 3)]
    (row,) = scene.rows("unknown_code")
    assert row["last_ms"] - row["first_ms"] == 1_000


def test_a_refusal_that_ends_a_message_is_counted_too(scene):
    scene.send()
    for channel_id in (1, 2, 3):
        scene.record([scene.refused(s, "0x0499") for s in scene.claim(channel_id)], channel_id)

    assert unknown(scene) == [("up3", "0x0499", 1)]


def test_what_is_known_is_not_listed(scene):
    scene.sent()

    scene.report(scene.receipt("c1", state=FAILED, code="UNDELIV"))

    assert unknown(scene) == []


def test_the_list_stays_short_whatever_a_carrier_invents(scene):
    rows = [(UP1, f"Z{n}", 1) for n in range(MOST - 1)]
    scene.within(lambda tx: tx.note_unknown_codes(rows, scene.now))
    scene.within(lambda tx: tx.note_unknown_codes([(UP2, "A", 1)], scene.now))
    scene.within(lambda tx: tx.note_unknown_codes([(UP2, "B", 1)], scene.now))
    scene.within(lambda tx: tx.note_unknown_codes([(UP2, "A", 5)], scene.now))

    assert len(scene.rows("unknown_code")) == MOST
    assert unknown(scene)[0] == ("up2", "A", 6)


def test_what_comes_with_hongyan_is_of_a_protocol_as_people_write_it(scene):
    shown = {CODES.table_row(row)["of"] for row in scene.listed(CODES, 10_000)}

    assert shown == {*PROTOCOL_NAMES.values(), "Hongyan"} - {"CMPP 2.0", "CMPP 3.0"}


@pytest.mark.parametrize("channel", [None, "up1"])
def test_what_is_said_of_a_code_takes_it_off_the_list(scene, channel):
    scene.sent()
    scene.report(scene.receipt("c1", state=FAILED, code="ZZ:0001"))

    say(scene, "ZZ:0001", channel=channel)

    assert unknown(scene) == []
    assert scene.rows("unknown_code") == []


def test_a_word_on_one_channel_stands_above_that_on_all(scene):
    say(scene, "ZZ:0001", "number")
    say(scene, "ZZ:0001", "quota", "up2", english="their daily limit")
    say(scene, "ZZ:0001", "content")

    kinds = {c.name: c.codes["ZZ:0001"].kind for c in scene.snapshot.channels.values()}

    assert kinds == {"up1": CodeClass.CONTENT, "up2": CodeClass.QUOTA, "up3": CodeClass.CONTENT}
    listed = [(row["of"], row["set_for"]) for row in scene.listed(CODES) if row["code"] == "ZZ:0001"]
    assert listed == [("up1", "all"), ("up2", "channel"), ("up3", "all")]
    scene.within(lambda tx: codes.unset_code(tx, scene.act(), "ZZ:0001", "up2"))
    assert scene.within(codes.ruled_codes)[UP2]["ZZ:0001"].kind is CodeClass.CONTENT
    with pytest.raises(NotFound):
        scene.within(lambda tx: codes.unset_code(tx, scene.act(), "ZZ:0001", "up2"))


@pytest.mark.parametrize(
    ("account", "points", "left"),
    [
        ("pre", None, POINTS - 1),  # charged when submitted, whatever happens
        ("pre", Points.RETURN, POINTS),
        ("delivered", None, POINTS),  # charged when delivered only
        ("delivered", Points.KEEP, POINTS - 1),
    ],
)
def test_a_code_may_stand_above_the_accounts_rule(scene, account, points, left):
    say(scene, "ZZ:0001", points=points)
    scene.sent(account)

    scene.report(scene.receipt("c1", state=FAILED, code="ZZ:0001"))

    assert scene.states() == [MessageState.FAILED]
    assert scene.points(account) == left
    assert scene.books_balance()


def test_a_delivery_is_never_paid_back_by_its_word(scene):
    say(scene, "DELIVRD", "network", points=Points.RETURN)
    scene.sent()

    scene.report(scene.receipt("c1"))

    assert scene.points() == POINTS - 1


@pytest.mark.parametrize(("language", "meaning"), [("en", "handset switched off"), ("zh", "手机关机")])
def test_a_trace_explains_the_code(scene, language, meaning):
    (segment,) = scene.sent()
    scene.report(scene.receipt("c1", state=FAILED, code="MK:0024"))

    (traced,) = scene.within(lambda tx: trace(tx, TraceQuery(str(segment.message_id), scene.now, language=language)))

    ended = next(one for one in traced.events if one.event == "ended")
    said = {"state": "failed", "code": "MK:0024", "class": "absent", "fault": "recipient", "meaning": meaning}
    assert ended.facts.items() >= said.items()
    assert all("channel_id" not in one.facts for one in traced.events)


def test_a_trace_explains_a_refusal_by_the_channel_that_refused(scene):
    say(scene, "0x0499", "authority", "up1", english="contract ended")
    scene.send(numbers=mobiles(1))
    (segment,) = scene.claim()
    scene.record([scene.refused(segment, "0x0499")])

    (traced,) = scene.within(lambda tx: trace(tx, TraceQuery(str(segment.message_id), scene.now)))

    answered = next(one for one in traced.events if one.event == "answered")
    assert (answered.facts["fault"], answered.facts["meaning"]) == ("operator", "contract ended")


def test_the_dictionary_lists_the_operators_words_first(scene):
    say(scene, "MK:0001", "network", "up2")

    rows = scene.within(lambda tx: codes.known_codes(tx, None))
    of_one = scene.within(lambda tx: codes.known_codes(tx, "up2"))

    assert (rows[0]["of"], rows[0]["code"], rows[0]["class"], rows[0]["fault"]) == ("up2", "MK:0001", "network", "carrier")
    assert {row["of"] for row in of_one} == {"up2", "smpp"}
