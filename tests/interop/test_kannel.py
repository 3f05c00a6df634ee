"""Kannel as a client of our simulated message centre."""

import asyncio

import pytest
from tests.interop.kannel import kannel

from hongyan.sim.carrier import CarrierSim

pytestmark = pytest.mark.interop

LONG = "尊敬的用户，您的快递已到，请凭取件码领取。" * 5 + "【测试】"


class DeliveryReports:
    """A server for the reports of Kannel."""

    async def __aenter__(self):
        self.paths = []
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/%d"
        return self

    async def __aexit__(self, *error):
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.paths.append(head.split()[1].decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def reported(carrier):
    """Kannel asks for a receipt on the last part of a long text only."""
    return sum(submit.wants_report(is_delivered=True) for submit in carrier.submits) if len(carrier.submits) >= 3 else -1


def test_kannel_submits_long_and_short_reads_receipts_and_answers_a_reply(tmp_path):
    async def scene():
        carrier = CarrierSim("smpp", user="esme01", secret="pass1234", report_delay_s=0.05)
        await carrier.start()
        try:
            async with DeliveryReports() as seen, kannel(carrier.port, tmp_path, seen.url) as client:
                assert await carrier.until(lambda: carrier.counts.logins == 1, 15)
                answers = [await client.send("+8613800138000", text) for text in ("您好【测试】", LONG)]
                assert await carrier.until(lambda: carrier.counts.taken == reported(carrier), 15)
                carrier.say("8613800138000", "10690000123", "不需要")
                assert await carrier.until(lambda: carrier.counts.submits == 4, 15)
                assert await carrier.until(lambda: seen.paths.count("/1") >= 2, 15), seen.paths
            return carrier, answers, seen.paths
        finally:
            await carrier.stop()

    carrier, answers, paths = asyncio.run(scene())
    assert all(answer.startswith("0: Accepted") for answer in answers)
    first, *parts, reply = carrier.submits
    assert (first.text, first.numbers, first.source) == ("您好【测试】", ("8613800138000",), "10690000123")
    assert b"".join(part.content for part in parts).decode("utf-16-be") == LONG
    assert [(part.concat.number, part.concat.total) for part in parts] == [(1, 2), (2, 2)]
    assert reply.text == "taken"
    assert carrier.counts.turned_down == 0
    assert "/1" in paths  # delivered, in Kannel's words


def test_kannel_with_a_wrong_password_gets_no_word_in(tmp_path):
    async def scene():
        carrier = CarrierSim("smpp", user="esme01", secret="another")
        await carrier.start()
        try:
            async with kannel(carrier.port, tmp_path, "http://127.0.0.1:9/"):
                assert await carrier.until(lambda: carrier.counts.logins_refused >= 1, 15)
            return carrier
        finally:
            await carrier.stop()

    carrier = asyncio.run(scene())
    assert (carrier.counts.logins, carrier.counts.submits) == (0, 0)
