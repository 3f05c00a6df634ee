"""Clients that others wrote, at our simulated SMPP message centre."""

import asyncio

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
from tests.interop.peers import node

from hongyan.sim.carrier import CarrierSim
from hongyan.wire.text import Concat

pytestmark = pytest.mark.interop

LONG = "尊敬的用户，您的快递已到，请凭取件码领取。" * 5 + "【测试】"


def play(scene, **options):
    async def whole():
        carrier = CarrierSim("smpp", user="esme01", secret="pass1234", **options)
        await carrier.start()
        try:
            return carrier, await scene(carrier)
        finally:
            await carrier.stop()

    return asyncio.run(whole())


def smpplib_session(port, work):
    """Log in with smpplib, do the work, unbind; returns what arrived for the client."""
    client = smpplib.client.Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True)
    answers, deliveries = [], []
    client.set_message_sent_handler(lambda pdu: answers.append((pdu.status, pdu.message_id.decode())))
    client.set_message_received_handler(lambda pdu: deliveries.append(pdu) and None)
    client.connect()
    try:
        client.bind_transceiver(system_id="esme01", password="pass1234")
        expected = work(client)
        while len(deliveries) < expected:
            client.read_once(auto_send_enquire_link=False)
        client.unbind()
    finally:
        client.disconnect()
    return answers, deliveries


def test_smpplib_submits_a_long_text_and_reads_a_receipt_for_every_part():
    def work(client):
        parts, coding, flags = smpplib.gsm.make_parts(LONG)
        for part in parts:
            client.send_message(
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr="10690000123",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr="8613800138000",
                short_message=part,
                data_coding=coding,
                esm_class=flags,
                registered_delivery=True,
            )
        return len(parts)

    carrier, (answers, deliveries) = play(lambda c: asyncio.to_thread(smpplib_session, c.port, work), report_delay_s=0.05)

    assert len(answers) == 2
    assert {status for status, _ in answers} == {0}
    assert [pdu.receipted_message_id.decode().rstrip("\0") for pdu in deliveries] == [seen for _, seen in answers]
    assert {pdu.message_state for pdu in deliveries} == {smpplib.consts.SMPP_MESSAGE_STATE_DELIVERED}
    assert b"".join(submit.content for submit in carrier.submits).decode("utf-16-be") == LONG
    assert [(submit.concat.total, submit.concat.number) for submit in carrier.submits] == [(2, 1), (2, 2)]


def test_smpplib_reads_a_text_from_a_handset():
    async def scene(carrier):
        session = asyncio.ensure_future(asyncio.to_thread(smpplib_session, carrier.port, lambda client: 1))
        assert await carrier.until(lambda: carrier.counts.logins == 1, 10)
        carrier.say("8613800138000", "1069000012301", "你好，我不需要")
        return await session

    _, (_, [pdu]) = play(scene)
    assert pdu.short_message.decode("utf-16-be") == "你好，我不需要"
    assert (pdu.source_addr, pdu.destination_addr) == (b"8613800138000", b"1069000012301")


def test_smpplib_is_refused_with_a_wrong_password():
    def login(port):
        client = smpplib.client.Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True)
        client.connect()
        try:
            with pytest.raises(smpplib.exceptions.PDUError) as seen:
                client.bind_transceiver(system_id="esme01", password="wrong")
        finally:
            client.disconnect()
        return seen.value.args[1]

    _, status = play(lambda c: asyncio.to_thread(login, c.port))
    assert status == smpplib.consts.SMPP_ESME_RINVPASWD


def test_the_npm_client_gets_answers_and_receipts():
    numbers = ["8613800138000", "8613900139000"]

    async def scene(carrier):
        task = {"port": carrier.port, "system_id": "esme01", "password": "pass1234", "text": "您好【测试】"}
        async with node("client.js", **task, to=numbers, receipts=2) as client:
            await client.wait_for("closed")
            return client

    carrier, client = play(scene, report_delay_s=0.05)
    assert client.seen("bound") == [{"event": "bound", "status": 0, "version": 0x34}]
    ids = {one["to"]: one["id"] for one in client.seen("answered")}
    assert {one["from"]: one["id"] for one in client.seen("delivered")} == ids
    assert {(one["kind"], one["state"]) for one in client.seen("delivered")} == {(4, 2)}
    assert [(submit.numbers, submit.text) for submit in carrier.submits] == [((to,), "您好【测试】") for to in numbers]
    assert not client.seen("error")


def test_the_npm_client_is_refused_with_a_wrong_password():
    async def scene(carrier):
        task = {"port": carrier.port, "system_id": "esme01", "password": "wrong", "text": "", "to": [], "receipts": 0}
        async with node("client.js", **task) as client:
            await client.wait_for("closed")
            return client

    _, client = play(scene)
    assert [one["status"] for one in client.seen("bound")] == [smpplib.consts.SMPP_ESME_RINVPASWD]


def test_a_part_that_smpplib_marks_reads_as_a_part():
    parts, _, _ = smpplib.gsm.make_parts(LONG)
    carrier, _ = play(
        lambda c: asyncio.to_thread(
            smpplib_session,
            c.port,
            lambda client: (
                client.send_message(
                    source_addr="1069",
                    destination_addr="8613800138000",
                    short_message=parts[1],
                    data_coding=8,
                    esm_class=smpplib.consts.SMPP_GSMFEAT_UDHI,
                    registered_delivery=True,
                )
                and 1
            ),
        )
    )

    [submit] = carrier.submits
    assert submit.concat == Concat(parts[1][3], 2, 2)
