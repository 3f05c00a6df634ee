"""What the SMPP server's adapter makes of requests and findings, octet by octet."""

from dataclasses import replace

import pytest
from tests.sessions.platform import ACCOUNT, report

from hongyan.adapters.cmpp.server import CmppServer
from hongyan.adapters.smpp.server import SmppServer
from hongyan.model.phone import as_written
from hongyan.model.refusal import Code
from hongyan.wire.cmpp.pdu import Version
from hongyan.wire.describe import read_octets
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.codec import encode

ADAPTER = SmppServer()


def multi(*addresses):
    return smpp.SubmitMulti(7, "", tuple(smpp.Address(*one) for one in addresses), b"hi")


def test_an_answer_to_many_numbers_names_those_that_are_refused_however_they_are_spelt():
    request = multi(("13800138000",), ("8613900139000", 1, 1), ("021",), ("13700137000",))
    rejected = [("8613900139000", Code.NUMBER_LISTED), ("021", Code.NUMBER_BAD), ("13700137000", Code.NUMBER_NO_CHANNEL)]

    answer = ADAPTER.answer(request, "2611290000000017", rejected)

    assert encode(answer).hex() == (
        "00000052 80000021 00000000 00000007".replace(" ", "")
        + b"2611290000000017\0".hex()
        + "03"
        + "0101"
        + b"8613900139000\0".hex()
        + "00000402"
        + "0000"
        + b"021\0".hex()
        + "0000000b"
        + "0000"
        + b"13700137000\0".hex()
        + "00000403"
    )


def test_a_distribution_list_is_refused_beside_the_numbers():
    request = smpp.SubmitMulti(7, "", (smpp.Address("13800138000"), smpp.Address("staff", is_list=True)), b"hi")

    answer = ADAPTER.answer(request, "1", [])

    assert answer == smpp.SubmitMultiResp(7, 0, "1", (smpp.Unsuccess("staff", 0, 0, smpp.Status.RINVDLNAME),))
    assert ADAPTER.answer(multi(("13800138000",)), "1", []) is None


def test_a_report_of_a_number_that_is_none_has_it_as_it_was_written():
    (one,) = ADAPTER.deliveries(report(1, phone=as_written("0123")), ACCOUNT)

    assert one.number == "0123"


@pytest.mark.parametrize(
    ("adapter", "service", "delivered"),
    [
        (ADAPTER, "OTP", "OTP"),
        (ADAPTER, "HELP01", ""),
        (CmppServer(Version.V20), "HELP01", "HELP01"),
        (CmppServer(Version.V20), "x" * 11, ""),
    ],
)
def test_a_report_has_its_service_where_the_field_has_room(adapter, service, delivered):
    """A report that cannot be written would be lost."""
    (one,) = adapter.deliveries(replace(report(1), service=service), ACCOUNT)
    octets = adapter.write(one, 7, adapter.protocol_state())

    (seen,) = read_octets(octets, "smpp" if adapter is ADAPTER else "cmpp2")
    assert seen.get("service_type", seen.get("service_id", "")) == delivered
