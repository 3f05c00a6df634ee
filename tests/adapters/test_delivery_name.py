"""What a delivery is called by, so that its repeat is known and a person's second text is not taken for one."""

from dataclasses import replace

import pytest

from hongyan.adapters.aspx.client import AspxClient
from hongyan.adapters.cmpp.client import CmppClient
from hongyan.adapters.mm7.client import reply_of
from hongyan.adapters.smgp.client import SmgpClient
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.wire.aspx import pdu as aspx
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.mm7.pdu import DeliverReq, Part
from hongyan.wire.smgp import pdu as smgp

NOW = 1_795_224_700_000
PHONE = "13800138000"
FIRST, LATER, NEVER = "2026-11-21T09:31:20+08:00", "2026-11-21T09:31:25+08:00", ""
FORMS = {  # the carrier's own time, as each writes it
    "mm7": {FIRST: FIRST, LATER: LATER, NEVER: ""},
    "http": {FIRST: "2026-11-21 09:31:20", LATER: "2026-11-21 09:31:25", NEVER: ""},
    "smgp": {FIRST: "20261121093120", LATER: "20261121093125", NEVER: "0" * 14},
}


def delivered(protocol, time=FIRST, text="1", number=1):
    """One delivery of a text in a protocol whose ids do not last; number: of the try"""
    stamp = FORMS[protocol][time]
    match protocol:
        case "mm7":
            part = Part("1.txt", "text/plain", text.encode(), "utf-8")
            return reply_of(
                DeliverReq(f"T{number}", PHONE, ("1069",), "", (part,), timestamp=stamp), Channel(7, "mm", Protocol.MM7), NOW
            )
        case "http":
            return AspxClient(Channel(7, "up", Protocol.HTTP, "h", 80)).reply(aspx.Reply(PHONE, "26", text, stamp, ""), NOW)
        case _:
            pdu = smgp.Deliver(number, bytes(10), PHONE, "1069", text.encode(), recv_time=stamp)
            return SmgpClient(Channel(7, "up", Protocol.SMGP, user="901234")).read(pdu, NOW)


@pytest.mark.parametrize("protocol", FORMS)
def test_a_repeat_has_the_time_of_the_first_and_so_its_name(protocol):
    first, repeat = delivered(protocol), delivered(protocol, number=2)

    assert first.keeps_name
    assert first.carrier_id == repeat.carrier_id


@pytest.mark.parametrize("protocol", FORMS)
@pytest.mark.parametrize("other", [{"time": LATER}, {"text": "2"}])
def test_the_same_words_at_another_time_or_other_words_are_another_reply(protocol, other):
    assert delivered(protocol).carrier_id != delivered(protocol, number=2, **other).carrier_id


@pytest.mark.parametrize("protocol", FORMS)
def test_without_a_time_of_the_carrier_no_two_texts_are_one(protocol):
    first, second = delivered(protocol, NEVER), delivered(protocol, NEVER, number=2)

    assert not first.keeps_name
    assert not first.carrier_id or first.carrier_id != second.carrier_id


def test_texts_of_a_gateway_that_numbers_none_are_not_taken_for_repeats():
    pdu = cmpp.Deliver(9, 0, "1069", PHONE, b"1")

    reply = CmppClient(Channel(7, "up", Protocol.CMPP2, user="901234")).read(pdu, NOW)

    assert reply.carrier_id == ""
    assert CmppClient(Channel(7, "up", Protocol.CMPP2, user="901234")).read(replace(pdu, msg_id=77), NOW).carrier_id == "77"
