"""aiosmpplib as a client of our simulated message centre."""

import asyncio
import gc
import logging
import warnings

import pytest
from aiosmpplib import ESME, DeliverSm, PhoneNumber, SubmitSm, SubmitSmResp
from aiosmpplib.broker import SimpleBroker
from aiosmpplib.hook import AbstractHook

from hongyan.sim.carrier import CarrierSim

pytestmark = pytest.mark.interop

LONG = "尊敬的用户，您的快递已到，请凭取件码领取。" * 5 + "【测试】"


class RecordingHook(AbstractHook):
    def __init__(self):
        self.answers, self.deliveries, self.errors, self.unread = [], [], [], 0

    async def sending(self, smpp_message, pdu, client_id):
        pass

    async def received(self, smpp_message, pdu, client_id):
        if isinstance(smpp_message, SubmitSmResp):
            self.answers.append(smpp_message)
        elif isinstance(smpp_message, DeliverSm):
            self.deliveries.append(smpp_message)
        self.unread += smpp_message is None

    async def send_error(self, smpp_message, error, client_id):
        self.errors.append(error)


def play(scene):
    """A scene with a carrier that is up and a client that is logged in. Returns the carrier, and the hook with what the client got."""

    async def whole():
        carrier = CarrierSim("smpp", user="esme01", secret="pass1234", report_delay_s=0.05)
        await carrier.start()
        hook, broker = RecordingHook(), SimpleBroker()
        client = ESME("127.0.0.1", carrier.port, "esme01", "pass1234", hook=hook, broker=broker, log_level=logging.ERROR)
        running = asyncio.ensure_future(client.start())
        try:
            assert await carrier.until(lambda: carrier.counts.logins == 1, 10)
            await scene(carrier, broker)
        finally:
            await client.stop()
            await asyncio.wait([running], timeout=5)
            running.cancel()
            await carrier.stop()
        return carrier, hook

    seen = asyncio.run(whole())
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()  # it leaves its transport to be found
    return seen


def submit(text, **fields):
    facts = {"encoding": "ucs2", "source": PhoneNumber("10690000123"), "destination": PhoneNumber("8613800138000")} | fields
    return SubmitSm(short_message=text, registered_delivery=1, **facts)


def test_it_submits_and_reads_receipts():
    async def scene(carrier, broker):
        for text in ("您好【测试】", "hello"):
            await broker.enqueue(submit(text))
        assert await carrier.until(lambda: carrier.counts.taken == 2, 10)

    carrier, hook = play(scene)
    assert [one.text for one in carrier.submits] == ["您好【测试】", "hello"]
    assert len(hook.answers) == 2
    assert {int(answer.command_status) for answer in hook.answers} == {0}
    assert [one.is_receipt() for one in hook.deliveries] == [True, True]
    assert [one.parse_receipt()["id"] for one in hook.deliveries] == [answer.message_id for answer in hook.answers]
    assert (hook.errors, hook.unread) == ([], 0)


def test_its_payload_reads_as_one_long_text():
    async def scene(carrier, broker):
        await broker.enqueue(submit("", message_payload=LONG))
        assert await carrier.wait_for(1, 10)

    carrier, _ = play(scene)
    assert [one.text for one in carrier.submits] == [LONG]


def test_a_text_from_a_handset_reaches_it():
    async def scene(carrier, broker):
        carrier.say("8613800138000", "1069000012301", "不需要")
        assert await carrier.until(lambda: carrier.counts.taken == 1, 10)

    _, hook = play(scene)
    [reply] = hook.deliveries
    assert (reply.short_message, reply.source.number, reply.destination.number) == ("不需要", "8613800138000", "1069000012301")
