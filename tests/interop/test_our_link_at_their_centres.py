"""Our link to carriers at message centres that others wrote, and what it says as Wireshark reads it."""

import asyncio
import contextlib
import time
from functools import partial

import pytest
from bench.tools import MessageCentre
from tests.interop.kannel import drive_smpp
from tests.interop.peers import node
from tests.interop.tap import Tap
from tests.interop.tshark import fields_of, judge
from tests.interop.worker import Worker, long_message, segments

from hongyan.adapters.cmpp.client import CmppClient
from hongyan.adapters.smpp.client import SmppClient
from hongyan.carriers.link import CarrierLink
from hongyan.model.binary import Binary
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment
from hongyan.sim.carrier import CarrierSim

pytestmark = pytest.mark.interop


def made(port, protocol=Protocol.SMPP, **settings):
    """A worker with a link that is not open yet."""
    worker = Worker()
    channel = Channel(1, "up1", protocol, "127.0.0.1", port, "901234", "p", **settings)
    adapter = SmppClient if protocol is Protocol.SMPP else CmppClient
    worker.link = CarrierLink(channel, adapter, worker, lambda: time.time_ns() // 1_000_000)
    return worker


@contextlib.asynccontextmanager
async def linked(port, protocol=Protocol.SMPP, **settings):
    """A worker whose link is up; closed with the block, after its logout."""
    worker = made(port, protocol, **settings)
    await worker.link.open()
    try:
        assert await worker.until(lambda: worker.link.is_up), worker.link.counts
        yield worker
    finally:
        await worker.link.close(5)


def test_the_npm_server_takes_texts_returns_hex_ids_and_its_decimal_receipts_are_matched():
    async def scene():
        async with node("server.js", password="p") as server:
            [seen] = await server.wait_for("listening")
            async with linked(seen["port"]) as worker:
                worker.link.offer([*segments(["您好【测试】", "hello"]), *long_message(["长" * 67, "尾"], 8613900139000)])
                assert await worker.until(lambda: len(worker.receipts) == 4), server.events
            await server.wait_for("unbind")
            return server, worker

    server, worker = asyncio.run(scene())
    assert {answer.result for answer in worker.answers} == {SegmentResult.ACCEPTED}
    assert {receipt.state for receipt in worker.receipts} == {ReceiptState.DELIVERED}
    ids = [answer.carrier_id for answer in worker.answers]
    assert all(carrier_id in receipt.carrier_ids for carrier_id, receipt in zip(ids, worker.receipts, strict=True))
    submits = server.seen("submit")
    assert [(one["to"], one["text"]) for one in submits] == [
        ("8613800138000", "您好【测试】"),
        ("8613800138001", "hello"),
        ("8613900139000", "长" * 67),
        ("8613900139000", "尾"),
    ]
    reference = f"{worker.answers[2].segment.reference:02x}"
    assert [one["udh"] for one in submits[2:]] == [
        f"0003{reference}0201",
        f"0003{reference}0202",
    ]  # the elements, without their length
    assert [one["status"] for one in server.seen("taken")] == [0, 0, 0, 0]
    assert not server.seen("error")


def test_a_text_from_a_handset_comes_from_the_npm_server():
    async def scene():
        async with node("server.js", password="p") as server:
            [seen] = await server.wait_for("listening")
            async with linked(seen["port"]) as worker:
                await server.say(**{"from": "8613800138000", "to": "1069000012301", "text": "你好，我不需要"})
                assert await worker.until(lambda: worker.replies)
                await server.wait_for("taken")
                return worker.replies

    [part] = asyncio.run(scene())
    assert (part.phone, part.dest, part.body.decode("utf-16-be")) == (8613800138000, "1069000012301", "你好，我不需要")


def test_a_wrong_password_is_refused_by_the_npm_server_and_the_link_stays_away():
    async def scene():
        async with node("server.js", password="other") as server:
            [seen] = await server.wait_for("listening")
            worker = made(seen["port"])
            await worker.link.open()
            await server.wait_for("bind")
            await asyncio.sleep(1.5)  # longer than the pause after any other trouble
            is_up = worker.link.is_up
            await worker.link.close(1)
            return server.seen("bind"), is_up

    binds, is_up = asyncio.run(scene())
    assert [one["status"] for one in binds] == [0x0E]
    assert not is_up


def test_the_centre_in_c_counts_every_message_once_and_every_receipt_is_taken():
    count = 5_000

    async def scene(centre):
        async with linked(centre.port, window=100, connections=2) as worker:
            texts = [f"B{tag:08} {0:016x}【测试】" for tag in range(1, count + 1)]
            worker.link.offer(segments(texts))
            assert await worker.until(lambda: len(worker.receipts) == count)
            return worker

    with MessageCentre() as centre:
        worker = asyncio.run(scene(centre))
        stats, arrived = centre.stats(), centre.arrived(1, count)
    assert arrived == b"\1" * count
    assert (stats["dup"], stats["untagged"], stats["dlr_ack"], stats["dlr_nack"]) == (0, 0, count, 0)
    named = {carrier_id for receipt in worker.receipts for carrier_id in receipt.carrier_ids}
    assert {answer.carrier_id for answer in worker.answers} <= named


def test_kannels_centre_takes_every_text_once_and_its_texts_come_back(tmp_path):
    """It knows no transceiver, names no message, and writes a receipted_message_id beside what handsets say."""
    count = 1_000
    texts = [f"B{tag:08} Test" for tag in range(count)]

    async def scene():
        async with drive_smpp(tmp_path, count) as centre:
            async with linked(centre.port, window=20, connections=2, options={"bind": "split", "ascii": "yes"}) as worker:
                worker.link.offer(segments(texts))
                assert await worker.until(lambda: len(worker.answers) == len(worker.replies) == count)
            return centre, worker, await centre.over()

    centre, worker, code = asyncio.run(scene())
    assert (code, sorted(centre.texts())) == (0, texts)
    assert centre.says(f"Number of messages sent to SMSC: {count}")
    assert {answer.result for answer in worker.answers} == {SegmentResult.ACCEPTED}
    assert [part.body.decode("utf-16-be") for part in worker.replies] == [str(number) for number in range(1, count + 1)]
    assert {(part.phone, part.dest) for part in worker.replies} == {(456, "123")}
    assert worker.receipts == []


@pytest.mark.parametrize(
    ("options", "submit", "marks"),
    [
        ({"long": "sar"}, 0x04, {"smpp.sar_msg_ref_num", "smpp.sar_total_segments", "smpp.sar_segment_seqnum"}),
        ({"long": "payload"}, 0x04, {"smpp.message_payload"}),
        ({"submit": "data_sm"}, 0x103, {"smpp.message_payload"}),
        ({"bind": "split"}, 0x04, set()),
    ],
    ids=["parameters", "payload", "data_sm", "two binds"],
)
def test_every_way_of_a_long_text_is_dissected_as_what_it_is(options, submit, marks, tmp_path):
    is_split = "bind" in options
    long = (
        [OutSegment(77, 1, 1, 8613900139000, "长" * 200, "10690000123", 1)]
        if options.get("long") == "payload"
        else (long_message(["长" * 67, "尾"], 8613900139000))
    )

    async def scene():
        carrier = CarrierSim("smpp", user="901234", secret="p", report_delay_s=0.02)
        await carrier.start()
        try:
            async with Tap(carrier.port, 2775) as tap:
                async with linked(tap.port, Protocol.SMPP, options=options, connections=2 if is_split else 1) as worker:
                    worker.link.offer(long)
                    assert await worker.until(lambda: len(worker.receipts) == len(long))
                return tap
        finally:
            await carrier.stop()

    capture = tmp_path / "link.pcap"
    asyncio.run(scene()).write_pcap(capture)

    counts, trouble = judge(capture, "smpp", 2775)
    binds = {0x02: 1, 0x01: 1} if is_split else {0x09: 1}
    assert trouble == []
    assert {command: count for command, count in counts.items() if command < 0x8000_0000 and command != 0x06} == binds | {
        submit: len(long),
        0x05: len(long),
    }
    assert marks <= fields_of(capture, "smpp", 2775)


PORTED = bytes.fromhex("0605044E204E21")


@pytest.mark.parametrize(
    ("protocol", "port", "options", "marks"),
    [
        (Protocol.CMPP3, 7890, {}, {"cmpp.TP_udhi"}),
        (Protocol.SMPP, 2775, {}, {"gsm_sms.destination_port", "gsm_sms.udh.mm.msg_parts", "smpp.validity_period"}),
        (Protocol.SMPP, 2775, {"submit": "data_sm"}, {"smpp.qos_time_to_live"}),
    ],
    ids=["cmpp", "submit_sm", "data_sm"],
)
def test_octets_with_their_ports_and_their_end_are_dissected_as_what_they_are(protocol, port, options, marks, tmp_path):
    until_ms = time.time_ns() // 1_000_000 + 60_000
    part = partial(OutSegment, valid_until_ms=until_ms, binary=Binary(bytes(range(100)), PORTED))
    parts = [part(78, number, 2, 8613900139000, "", "10690000123", 1) for number in (1, 2)]

    async def scene():
        carrier = CarrierSim(str(protocol), user="901234", secret="p", report_delay_s=0.02)
        await carrier.start()
        try:
            async with Tap(carrier.port, port) as tap:
                async with linked(tap.port, protocol, options=options) as worker:
                    worker.link.offer(parts)
                    assert await worker.until(lambda: len(worker.receipts) == len(parts))
                return tap
        finally:
            await carrier.stop()

    capture = tmp_path / "octets.pcap"
    asyncio.run(scene()).write_pcap(capture)

    _, trouble = judge(capture, str(protocol)[:4], port)
    assert trouble == []
    assert marks <= fields_of(capture, str(protocol)[:4], port)


@pytest.mark.parametrize(
    ("protocol", "port", "login", "logout"), [(Protocol.CMPP3, 7890, 0x01, 0x02), (Protocol.SMPP, 2775, 0x09, 0x06)]
)
def test_what_the_link_says_is_dissected_without_a_malformed_message(protocol, port, login, logout, tmp_path):
    async def scene():
        carrier = CarrierSim(str(protocol), user="901234", secret="p", report_delay_s=0.02)
        await carrier.start()
        try:
            async with Tap(carrier.port, port) as tap:
                async with linked(tap.port, protocol) as worker:
                    worker.link.offer([*segments(["您好【测试】", "hello"]), *long_message(["长" * 67, "尾"], 8613900139000)])
                    carrier.say("8613800138000", "1069000012301", "很长的回复" * 20)
                    assert await worker.until(lambda: len(worker.receipts) == 4 and len(worker.replies) == 2)
                return tap
        finally:
            await carrier.stop()

    capture = tmp_path / "link.pcap"
    asyncio.run(scene()).write_pcap(capture)

    counts, trouble = judge(capture, str(protocol)[:4], port)
    requests = {login: 1, 0x04: 4, 0x05: 6, logout: 1}
    assert trouble == []
    assert counts == requests | {command | 0x8000_0000: count for command, count in requests.items()}
