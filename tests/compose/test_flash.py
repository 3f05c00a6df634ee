"""Flash (message class 0): asked for at a door, kept with the task, and marked in every protocol as 3GPP TS 23.038, 4, has it."""

from dataclasses import replace

import pytest
from tests.scene import UP1, UP2, UP3, mobiles

from hongyan.adapters.centre import Submit
from hongyan.carriers.factory import adapter_of
from hongyan.doors.sms import _hash, read_submission
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Submission
from hongyan.model.traffic import OutSegment
from hongyan.services.queries.trace import TraceQuery, trace
from hongyan.wire.describe import read_octets

CODING = {"cmpp2": "msg_fmt", "cmpp3": "msg_fmt", "sgip": "message_coding", "smgp": "msg_format", "smpp": "data_coding"}


def written(protocol, options=(), **facts):
    """A submit as `pdu decode` reads it."""
    channel = Channel(1, "up", Protocol(protocol), user="901234", options={"node": "3010012345"} | dict(options))
    seen = {"text": "您好", "is_flash": True} | facts
    segment = OutSegment(1, 1, 1, 8613800000001, source="1069", parcel_id=1, ticket=1 << 40, **seen)
    (decoded,) = read_octets(adapter_of(channel).write(7, segment), protocol, clear=True)
    return decoded


@pytest.mark.parametrize("protocol", CODING)
@pytest.mark.parametrize(("options", "text", "coding"), [({}, "您好", 0x18), ({"ascii": "yes"}, "hello", 0x10)])
def test_every_protocol_has_the_class_in_its_coding(protocol, options, text, coding):
    seen = written(protocol, options, text=text)

    assert (seen[CODING[protocol]], seen["flash"]) == (coding, True)
    assert text in seen.values()
    assert "flash" not in written(protocol, options, text=text, is_flash=False)


def test_smpp_says_it_beside_the_coding_where_the_channel_wants_that():
    seen = written("smpp", {"flash": "subunit"})

    assert (seen["data_coding"], seen["tlv 0x0005"], seen["flash"]) == (8, "01", True)


@pytest.mark.parametrize(("encoding", "coding"), [("gsm", 0x10), ("latin1", 0x18), ("ascii", 0x18), ("gbk", 0x18)])
def test_a_text_goes_in_an_alphabet_that_has_classes(scene, encoding, coding):
    scene.change_channel(options={"encoding": encoding})
    scene.send(text="hello", is_flash=True)
    (segment,) = scene.claim()

    assert segment.is_flash
    seen = written("smpp", {"encoding": encoding}, text=segment.text, alphabet=segment.alphabet)
    assert seen["data_coding"] == coding


def test_it_stays_with_a_long_text_through_refusal_and_another_way(scene):
    scene.send(text="长" * 100, numbers=mobiles(1), is_flash=True)
    first = scene.claim()
    scene.record([scene.refused(s) for s in first])
    second = scene.claim(UP2)

    assert [s.is_flash for s in (*first, *second)] == [True] * 4
    assert not scene.send(text="plain", numbers=mobiles(1)) or not any(s.is_flash for s in scene.claim())


def test_trace_shows_it(scene):
    scene.send(is_flash=True)
    task = scene.rows("task")[0]

    traces = scene.within(lambda tx: trace(tx, TraceQuery(str(task["id"]), scene.now)))
    assert traces[0].events[0].facts["flash"] is True


def test_it_is_led_round_channels_that_cannot_and_refused_where_none_can(scene):
    channels = dict(scene.snapshot.channels)
    channels[UP1] = replace(channels[UP1], protocol=Protocol.HTTP)
    scene.process_state.snapshot = replace(scene.snapshot, channels=channels)
    scene.send(is_flash=True)
    assert [m["channel_id"] for m in scene.rows("message")] == [UP2]

    for channel in (UP2, UP3):
        channels[channel] = replace(channels[channel], protocol=Protocol.HTTP)
    scene.process_state.snapshot = replace(scene.snapshot, channels=channels)
    with pytest.raises(Refusal) as refused:
        scene.send(is_flash=True)
    assert (refused.value.code, refused.value.code.words.number) == (Code.NO_FLASH_CHANNEL, 1001)

    channels[UP3] = replace(channels[UP3], options={"flash": "yes"})
    scene.process_state.snapshot = replace(scene.snapshot, channels=channels)
    scene.send(is_flash=True)


class _Asked:
    address, reference, content_type = "127.0.0.1", "", ""

    def __init__(self, **form):
        self.form = {"mobile": "13800138000", "content": "x"} | form


@pytest.mark.interpreted
@pytest.mark.parametrize(("seen", "is_flash"), [("1", True), (" 1 ", True), ("0", False), ("", False)])
def test_a_door_reads_flash(scene, seen, is_flash):
    assert read_submission(_Asked(flash=seen), scene.account("pre"), "sms.aspx", scene.now).is_flash is is_flash


@pytest.mark.interpreted
def test_anything_else_is_refused_and_named(scene):
    with pytest.raises(Refusal) as refused:
        read_submission(_Asked(flash="yes"), scene.account("pre"), "sms.aspx", scene.now)
    assert (refused.value.code, refused.value.facts["name"]) == (Code.PARAMETER_BAD, "flash")


def test_the_same_text_as_flash_is_another_submission(scene):
    plain = Submission(scene.account("pre"), ["1"], "x")
    assert _hash(plain) != _hash(replace(plain, is_flash=True))


@pytest.mark.parametrize(("coding", "is_flash"), [(0x10, True), (0x18, True), (0xF0, True), (8, False), (0x11, False)])
def test_a_simulated_carrier_shows_it(coding, is_flash):
    assert Submit("u", 1, "s", ("1",), b"", coding, None, True, 0.0).is_flash is is_flash
