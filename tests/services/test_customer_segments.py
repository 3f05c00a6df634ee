"""What customers' protocol servers need of a submission: segments that the customer cut, and the name that it gave."""

import pytest
from tests.scene import NOW, UP1, mobiles

from hongyan.model.channel import SignaturePlace
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code, Refusal

PARTS = ["您好，", "验证码是1234", "【鸿雁】"]
TEXT = "".join(PARTS)


def release_all(scene):
    while scene.ask(scene.steps.release).count:
        pass


@pytest.mark.parametrize("send_at_ms", [0, NOW + 1])
def test_ready_parts_are_paid_for_one_by_one_and_leave_as_they_were_cut(scene, send_at_ms):
    answer = scene.send(text=TEXT, parts=PARTS, send_at_ms=send_at_ms)
    scene.now += 1
    release_all(scene)

    segments = scene.claim()

    assert answer.points_held == len(PARTS)
    assert [(s.text, s.part, s.parts) for s in segments] == [(part, n, 3) for n, part in enumerate(PARTS, 1)]
    assert {row["segments"] for row in scene.rows("message")} == {3}


def test_neither_a_moved_signature_nor_the_channels_own_way_of_cutting_touches_them(scene):
    scene.change_channel(UP1, signature=SignaturePlace.FRONT, options={"carrier_signature": "10", "long": "udh16"})
    scene.send(text=TEXT, parts=PARTS)

    assert [s.text for s in scene.claim()] == PARTS


def test_a_protocol_that_takes_whole_texts_gets_the_whole(scene):
    scene.change_channel(UP1, protocol=Protocol.HTTP)
    scene.send(text=TEXT, parts=PARTS)

    assert [s.text for s in scene.claim()] == [TEXT]


def test_what_an_owner_saw_accepted_is_not_sent_again(scene):
    scene.send(text=TEXT, parts=PARTS)
    first, *_ = scene.claim()
    scene.record([scene.accepted(first, "1")], done=())
    scene.own(UP1)

    assert [s.text for s in scene.claim()] == PARTS[1:]


@pytest.mark.parametrize(
    ("text", "parts", "cause"),
    [
        (TEXT, [*PARTS, "x"], Code.PARAMETER_BAD),
        (TEXT, [*PARTS, ""], Code.PARAMETER_BAD),
        ("一" * 71, ["一" * 71], Code.PARAMETER_BAD),
        ("一" * 70, ["一" * 70], None),
        ("一" * 69, ["一" * 68, "一"], Code.PARAMETER_BAD),
        ("一" * 68, ["一" * 67, "一"], None),
        ("一" * 11, ["一"] * 11, Code.CONTENT_LONG),
    ],
)
def test_each_part_fits_a_segment_and_together_they_are_the_text(scene, text, parts, cause):
    if cause is None:
        assert scene.admission(text=text, parts=parts).segments == [len(parts)]
        return
    with pytest.raises(Refusal) as refusal:
        scene.admission(text=text, parts=parts)
    assert refusal.value.code is cause


def test_the_name_that_the_customer_gave_comes_back_with_each_report(scene):
    scene.send(numbers=mobiles(2), customer_message_id="their-7")
    scene.send(numbers=["13899999999"])
    scene.record([scene.accepted(s, str(n)) for n, s in enumerate(scene.claim())])
    scene.report(*(scene.receipt(str(n)) for n in range(3)))

    assert [report.customer_message_id for report in scene.pull()] == ["their-7", "their-7", ""]
