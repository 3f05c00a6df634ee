"""Net::SMPP in both roles: a client at our simulated message centre, and a message centre for our link."""

import asyncio

import pytest
from tests.interop.peers import perl
from tests.interop.test_our_link_at_their_centres import linked, made
from tests.interop.worker import long_message, segments

from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.sim.carrier import CarrierSim

pytestmark = pytest.mark.interop


def octets(text):
    return text.encode("utf-16-be").hex()


def test_a_client_of_net_smpp_submits_and_reads_receipts_and_a_reply():
    async def scene():
        carrier = CarrierSim("smpp", user="esme01", secret="pass1234", report_delay_s=0.05)
        await carrier.start()
        try:
            async with perl("esme.pl", carrier.port, 3, octets("您好【测试】"), octets("hello")) as client:
                await client.wait_for("answered", 2)
                carrier.say("8613800138000", "1069000012301", "不需要")
                await client.wait_for("unbound")
            return carrier, client
        finally:
            await carrier.stop()

    carrier, client = asyncio.run(scene())
    assert [one["status"] for one in client.seen("bound") + client.seen("unbound")] == [0, 0]
    answered = client.seen("answered")
    assert [(one["status"], one["seq"]) for one in answered] == [(0, 1), (0, 1)]
    receipts = [one for one in client.seen("delivered") if one["class"] == 4]
    assert [one["id"] for one in receipts] == [one["id"] for one in answered]
    [reply] = [one for one in client.seen("delivered") if one["class"] == 0]
    assert (reply["from"], reply["to"], reply["text"]) == ("8613800138000", "1069000012301", octets("不需要"))
    assert [submit.text for submit in carrier.submits] == ["您好【测试】", "hello"]


def test_our_link_at_a_centre_of_net_smpp():
    async def scene():
        async with perl("smsc.pl", "p") as centre:
            [seen] = await centre.wait_for("listening")
            async with linked(seen["port"]) as worker:
                worker.link.offer([*segments(["您好【测试】"]), *long_message(["长" * 67, "尾"], 8613900139000)])
                assert await worker.until(lambda: len(worker.receipts) == 3), centre.events
            await centre.wait_for("closed")
            return centre, worker

    centre, worker = asyncio.run(scene())
    assert [(one["as"], one["user"], one["status"]) for one in centre.seen("bind")] == [("transceiver", "901234", 0)]
    assert {answer.result for answer in worker.answers} == {SegmentResult.ACCEPTED}
    assert {receipt.state for receipt in worker.receipts} == {ReceiptState.DELIVERED}
    named = {name for receipt in worker.receipts for name in receipt.carrier_ids}
    assert {answer.carrier_id for answer in worker.answers} <= named
    submits = centre.seen("submit")
    assert submits[0]["text"] == octets("您好【测试】")
    assert [(one["class"], one["text"][12:]) for one in submits[1:]] == [(0x40, octets("长" * 67)), (0x40, octets("尾"))]
    assert [one["status"] for one in centre.seen("taken")] == [0, 0, 0]


def test_the_parameters_of_a_long_text_reach_a_centre_of_net_smpp():
    async def scene():
        async with perl("smsc.pl", "p") as centre:
            [seen] = await centre.wait_for("listening")
            async with linked(seen["port"], options={"long": "sar"}) as worker:
                worker.link.offer(long_message(["长" * 67, "尾"], 8613900139000))
                await centre.wait_for("submit", 2)
            return centre

    centre = asyncio.run(scene())
    places = [(one["tlvs"].get("526"), one["tlvs"].get("527")) for one in centre.seen("submit")]
    assert places == [("02", "01"), ("02", "02")]
    assert [one["text"] for one in centre.seen("submit")] == [octets("长" * 67), octets("尾")]


def test_a_centre_of_net_smpp_refuses_a_wrong_password():
    async def scene():
        async with perl("smsc.pl", "other") as centre:
            [seen] = await centre.wait_for("listening")
            worker = made(seen["port"])
            await worker.link.open()
            await centre.wait_for("bind")
            assert await worker.until(lambda: worker.link.counts.logins_refused)
            await worker.link.close(1)
            return worker

    assert not asyncio.run(scene()).link.is_up
