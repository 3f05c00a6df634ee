"""Customers' programs that others wrote, at the SMPP and CMPP listeners of a real server: texts, parts, reports, replies, errors."""

import asyncio
import gc
import os
import subprocess
import sys
import warnings

import cmppy
import pytest
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
from aiosmpplib import ESME
from aiosmpplib.broker import SimpleBroker
from bench.tools import free_ports
from cmppy.request import SubmitReq
from tests.docs.pages import blocks, text_of
from tests.interop.kannel import STORE, kannel
from tests.interop.peers import NODE, node, perl
from tests.interop.tap import Tap
from tests.interop.test_aiosmpplib import RecordingHook, submit
from tests.interop.test_clients_at_our_cmpp_centre import pycmpp_session
from tests.interop.test_clients_at_our_smpp_centre import smpplib_session
from tests.interop.test_kannel import DeliveryReports
from tests.interop.tshark import judge
from tests.sim.client import Client, dialect_of
from tests.survive.installations import InlineInstallation

from hongyan.wire.smpp import pdu as smpp

pytestmark = pytest.mark.interop

LONG = "尊敬的用户，您的快递已到，请凭取件码领取。" * 5 + "【测试】"
PORTS = {"smpp": 2775, "cmpp": 7890}
REPLIES = "13800130007"  # a loopback channel answers what is sent to such a number
ACCOUNTS = (("esme01", "pass1234"), ("901234", "s3cr3t"), ("900017", "abc123"))


class Server(InlineInstallation):
    """One process with a loopback channel, a listener a protocol, and two accounts that may use both."""

    host = "127.0.0.1"

    def prepare(self):
        super().prepare()
        self.smpp, self.cmpp = free_ports(2)
        for protocol, port in (("smpp", self.smpp), ("cmpp", self.cmpp)):
            self.command("listener", "add", protocol, "--protocol", protocol, "--address", self.host, "--port", str(port))
        for name, secret in ACCOUNTS:
            self.command(
                "account",
                "add",
                name,
                "--userid",
                "7",
                "--secret-file",
                "-",
                "--points",
                "100000",
                "--protocol",
                "smpp",
                "--protocol",
                "cmpp",
                "--source-rule",
                "extno",
                "--extno-most",
                "20",
                stdin=secret,
            )
        self.command("channel", "add", "trial", "--protocol", "loopback", "--access", "10690000")
        self.command("route", "add", "--carrier", "any", "--channel", "trial")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server") / "data") as server:
        server.start()
        yield server
        server.stop()


def part_submits(client, text, to):
    parts, coding, flags = smpplib.gsm.make_parts(text)
    for part in parts:
        client.send_message(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="123",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=to,
            short_message=part,
            data_coding=coding,
            esm_class=flags,
            registered_delivery=True,
        )
    return len(parts)


def test_smpplib_gets_a_report_for_every_part_of_a_long_text(server):
    answers, deliveries = smpplib_session(server.smpp, lambda client: part_submits(client, LONG, "8613800138000"))

    assert [status for status, _ in answers] == [0, 0]
    assert sorted(pdu.receipted_message_id.decode().rstrip("\0") for pdu in deliveries) == sorted(
        message_id for _, message_id in answers
    )
    assert {pdu.message_state for pdu in deliveries} == {smpplib.consts.SMPP_MESSAGE_STATE_DELIVERED}


PAGES = pytest.mark.parametrize("page", ["docs/sessions.md", "docs/sessions.zh.md"])


def output_of(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, **options).stdout.splitlines()


def programs(page, language):
    return [block.text for block in blocks(text_of(page)) if block.language == language]


def shows_its_report(lines):
    accepted, report = lines
    return report.startswith(f"id:{accepted.removeprefix('accepted as ')} sub:001 dlvrd:001 ") and "stat:DELIVRD" in report


@PAGES
def test_the_smpp_programs_of_the_page_print_their_report(server, page):
    program, _ = programs(page, "python")
    assert shows_its_report(output_of(sys.executable, "-c", program, str(server.smpp)))

    [program] = programs(page, "js")
    modules = {"NODE_PATH": str(NODE / "node_modules")}
    assert shows_its_report(output_of("node", "-e", program, "program", str(server.smpp), env=os.environ | modules))


@PAGES
def test_the_cmpp_program_of_the_page_is_accepted(server, page):
    _, program = programs(page, "python")

    assert output_of(sys.executable, "-c", program, str(server.cmpp))[-1] == "result 0"  # it prints what it writes and reads


def test_smpplib_gets_a_reply(server):
    def work(client):
        return part_submits(client, "您好【测试】", f"86{REPLIES}") + 1

    _, deliveries = smpplib_session(server.smpp, work)
    [reply] = [pdu for pdu in deliveries if not pdu.esm_class & smpp.RECEIPT]
    assert reply.short_message.decode("utf-16-be") == "你好，我不需要"
    assert (reply.source_addr, reply.destination_addr) == (f"86{REPLIES}".encode(), b"10690000123")


def test_smpplib_reads_errors(server):
    def work(client):
        part_submits(client, "hello", "123")
        with pytest.raises(smpplib.exceptions.PDUError) as raised:
            client.read_once(auto_send_enquire_link=False)
        assert raised.value.args[1] == smpplib.consts.SMPP_ESME_RINVDSTADR
        return 0

    smpplib_session(server.smpp, work)


def test_aiosmpplib_submits_and_reads_reports(server):
    async def whole():
        hook, broker = RecordingHook(), SimpleBroker()
        client = ESME("127.0.0.1", server.smpp, "esme01", "pass1234", hook=hook, broker=broker)
        running = asyncio.ensure_future(client.start())
        try:
            for text in ("您好【测试】", "hello"):
                await broker.enqueue(submit(text))
            async with asyncio.timeout(20):
                while len(hook.deliveries) < 2:  # noqa: ASYNC110  its hook knows no event
                    await asyncio.sleep(0.02)
        finally:
            await client.stop()
            await asyncio.wait([running], timeout=5)
            running.cancel()
        return hook

    hook = asyncio.run(whole())
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()  # it leaves its transport to be found
    assert {int(answer.command_status) for answer in hook.answers} == {0}
    assert sorted(one.parse_receipt()["id"] for one in hook.deliveries) == sorted(answer.message_id for answer in hook.answers)
    assert (hook.errors, hook.unread) == ([], 0)


def test_the_npm_client_gets_answers_and_reports(server):
    numbers = ["8613800138000", "8613900139000"]

    async def scene():
        task = {"port": server.smpp, "system_id": "esme01", "password": "pass1234", "text": "您好【测试】"}
        async with node("client.js", **task, to=numbers, receipts=2) as client:
            await client.wait_for("closed")
            return client

    client = asyncio.run(scene())
    assert client.seen("bound") == [{"event": "bound", "status": 0, "version": 0x34}]
    ids = {one["to"]: one["id"] for one in client.seen("answered")}
    assert {one["from"]: one["id"] for one in client.seen("delivered")} == ids
    assert {(one["kind"], one["state"]) for one in client.seen("delivered")} == {(4, 2)}
    assert not client.seen("error")


def test_a_client_of_net_smpp_submits_and_reads_reports(server):
    async def scene():
        texts = ["您好【测试】".encode("utf-16-be").hex(), "hello".encode("utf-16-be").hex()]
        async with perl("esme.pl", server.smpp, 2, *texts) as client:
            await client.wait_for("unbound")
            return client

    client = asyncio.run(scene())
    answered = client.seen("answered")
    assert [(one["status"], one["seq"]) for one in answered] == [(0, 1), (0, 1)]
    assert sorted(one["id"] for one in client.seen("delivered")) == sorted(one["id"] for one in answered)


def test_kannel_submits_long_and_short_and_reports_to_its_own_customer_what_became_of_them(server, tmp_path):
    async def scene():
        async with DeliveryReports() as reports, kannel(server.smpp, tmp_path, reports.url) as client:
            answers = [await client.send("+8613800138000", text) for text in ("您好【测试】", LONG)]
            async with asyncio.timeout(30):
                while reports.paths.count("/1") < 2:  # noqa: ASYNC110  it only asks when it wants
                    await asyncio.sleep(0.05)
            return answers

    assert all(answer.startswith("0: Accepted") for answer in asyncio.run(scene()))
    assert not (tmp_path / STORE).read_bytes()  # it has got rid of all


def test_pycmpp_logs_in_by_2_0_and_submits_short_and_long_texts(server):
    login, answers = pycmpp_session(server.cmpp, contents=[("您好【测试】", 1), (LONG, 2)])

    assert login.status == 0
    assert [status for status, _ in answers] == [0, 0, 0]
    assert len({msg_id for _, msg_id in answers}) == 3


def test_pycmpp_is_refused_with_a_wrong_secret(server):
    login, _ = pycmpp_session(server.cmpp, secret="wrong")

    assert login.status == 3


def test_cmppy_submits_by_3_0(server):
    """It asks for no report."""
    request = SubmitReq("901234", "您好【测试】", "123", ["8613800138000"])
    answer = cmppy.Cmppy("127.0.0.1", server.cmpp, "901234", "s3cr3t").request(request)

    assert answer.result == 0
    assert answer.msg_id


class Address:
    host = "127.0.0.1"

    def __init__(self, port):
        self.port = port


@pytest.mark.parametrize(("protocol", "commands"), [("smpp", {0x09, 0x04, 0x05, 0x06}), ("cmpp3", {0x01, 0x04, 0x05, 0x02})])
def test_wireshark_finds_nothing_malformed_in_either_direction(server, protocol, commands, tmp_path):
    short, capture = protocol[:4], tmp_path / "conversation.pcap"

    async def scene():
        async with Tap(getattr(server, short), PORTS[short]) as tap:
            client = await Client.login(Address(tap.port), protocol, protocol_state=dialect_of(protocol))
            client.submit("ok", number="13800138000", source="123")
            client.submit("bad", number="123", source="123")
            client.submit("reply", number=REPLIES, source="123")
            for part in (1, 2):
                marks = {"esm_class": 0x40} if protocol == "smpp" else {"tp_udhi": 1, "pk_total": 2, "pk_number": part}
                content = bytes((5, 0, 3, len(protocol), 2, part)) + "长".encode("utf-16-be") * 67  # a text of its own
                client.submit_octets(part, content, number="13800138000", source="123", **marks)
            assert await client.until(lambda: len(client.answers) == 5, 20)
            assert await client.until(lambda: len(client.asked) >= 5, 20), client.asked
            client.session.logout(client.loop.time())
            client.flush()
            assert await client.until(lambda: client.is_lost)
        tap.write_pcap(capture)

    asyncio.run(scene())
    counts, trouble = judge(capture, short, PORTS[short])
    assert trouble == []
    assert commands <= set(counts)
    assert counts[0x8000_0004] == 5
    assert counts[0x8000_0005] == counts[0x05]
