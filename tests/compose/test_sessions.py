"""Customers who connect as to a carrier, at a whole platform: what they submit is sent, and its reports come back."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import uvloop
from bench.tools import free_ports
from tests.command_store import command_store, stored_tasks
from tests.sim.client import Client, dialect_of

from hongyan.compose.process_start import clock
from hongyan.model.account import AccountChange
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.listener import ListenerChange
from hongyan.model.protocol import Protocol
from hongyan.model.session_settings import SessionProtocol, SourceRule
from hongyan.services.admin import accounts, billing, channels, customer_sessions, listeners
from hongyan.store.database import Database
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.events import Reason
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.report import read_receipt

SECRET = "abc123"
LOGIN = "901234"
BOTH = pytest.mark.parametrize("protocol", ["smpp", "cmpp2", "cmpp3"])
SMPP, CMPP = SessionProtocol.SMPP, SessionProtocol.CMPP


@dataclass
class At:
    host: str
    port: int


def open_to(settings, **change):
    """A listener of each protocol, and the account `demo` may use them; returns their addresses."""
    ports = dict(zip((SMPP, CMPP), free_ports(2), strict=True))
    with command_store(settings) as admin:
        for protocol, port in ports.items():
            said = ListenerChange(address="127.0.0.1", port=port)
            admin.change(listeners.add_listener, str(protocol), protocol, said)
        said = AccountChange(protocols=(SMPP, CMPP), protocol_login=LOGIN, source_rule=SourceRule.EXTNO, **change)
        admin.change(accounts.change_account, "demo", said)
    return {"smpp": At("127.0.0.1", ports[SMPP])} | dict.fromkeys(("cmpp2", "cmpp3"), At("127.0.0.1", ports[CMPP]))


def log_in(at, protocol):
    return Client.login(at[protocol], protocol, protocol_state=dialect_of(protocol, LOGIN, SECRET))


def report_of(pdu):
    """Id and state of a report, or None for a reply."""
    if isinstance(pdu, smpp.Sm):
        receipt = read_receipt(pdu)
        return receipt and (receipt.id_tlv, receipt.stat)
    if not pdu.registered_delivery:
        return None
    report = decode_report(pdu.msg_content)
    return str(report.msg_id), report.stat


@BOTH
def test_a_submit_is_sent_paid_and_reported_on_the_session(furnished, run, protocol):
    at = open_to(furnished)

    async def go(running):
        client = await log_in(at, protocol)
        for n in range(20):
            client.submit(n, number=f"138{n + 100:08}", text="您好【测试】", source="")
        assert await client.until(lambda: len(client.answers) == 20, 20)
        assert await client.until(lambda: len(client.asked) == 20, 20)
        assert f'hongyan_sessions{{protocol="{str(protocol)[:4]}"}} 1.0' in (await running.ops("metrics"))[1]
        [session] = running.platform.customer_sessions.sessions
        assert '"pdu":"' in (await running.ops(f"sessions/{session.id}/pdus"))[1]
        assert (await running.ops("sessions/1/pdus"))[0] == 404
        return client.answers.values(), [report_of(pdu) for pdu in client.asked], await running.balance()

    answers, reports, balance = run(furnished, go)
    assert {status for status, _ in answers} == {0}
    assert sorted(reports) == sorted((message_id, "DELIVRD") for _, message_id in answers)
    assert balance == 100_000 - 20


def metrics_of(protocol, scraped):
    """Those of sessions: by what was refused where they say it, else by name."""
    found = re.findall(rf'^hongyan_(session\w+){{protocol="{protocol[:4]}"(?:,what="(\w+)")?}} (\S+)$', scraped, re.MULTILINE)
    return {what or name: float(value) for name, what, value in found}


@pytest.mark.parametrize("protocol", ["smpp", "cmpp2"])
def test_what_customers_do_on_sessions_is_scraped(furnished, run, protocol):
    at = open_to(furnished)
    where = at[protocol]

    async def go(running):
        async def scraped():
            return metrics_of(protocol, (await running.ops("metrics"))[1])

        before = await scraped()
        stranger = await Client.connect(where, protocol, protocol_state=dialect_of(protocol, LOGIN, "wrong"))
        assert await stranger.until(lambda: stranger.is_lost)
        _, writer = await asyncio.open_connection(where.host, where.port)
        writer.write(bytes(3) + b"\x10" + bytes(12))  # a whole PDU that is no login
        client = await log_in(at, protocol)
        for n, number in enumerate(("13800138000", "13800138001", "12345")):
            client.submit(n, number=number, text="您好【测试】", source="")
        assert await client.until(lambda: len(client.answers) == 3 and len(client.asked) == 2, 20)

        async def until(**wanted):
            """Scrape until these are so."""
            async with asyncio.timeout(20):
                while wanted.items() - (found := await scraped()).items():  # noqa: ASYNC110  nothing announces a change
                    await asyncio.sleep(0.05)
            return found

        after = await until(session_delivered_total=2, strangers=1)
        writer.close()
        client.transport.abort()
        return before, after, await until(sessions=0)

    before, after, at_last = run(furnished, go)
    assert before["sessions"] == 0
    assert after == {
        "sessions": 1,
        "session_submits_total": 3,
        "session_refusals_total": 1,
        "session_deliveries_total": 2,
        "session_delivered_total": 2,
        "session_faults_total": 1,
        "sessions_cut_total": 0,
        "connections": 0,
        "logins": 1,
        "strangers": 1,
    }
    assert at_last == after | {"sessions": 0}


def test_each_wrong_login_over_cmpp_is_a_try_and_a_password_over_smpp_is_one_however_often_it_comes(on_sqlite, run):
    """Proofs over CMPP have a time stamp in them: nobody can see whether the secret is the same."""
    at = open_to(on_sqlite)

    async def status(protocol, stamp):
        wrong = dialect_of(protocol, LOGIN, "wrong")
        client = await Client.connect(at[protocol], protocol, protocol_state=wrong, stamp=stamp)
        assert await client.until(lambda: client.closed, 20)
        return client.closed.status

    async def go(_):
        return [[await status(protocol, 1121093000 + n) for n in range(10)] for protocol in ("smpp", "cmpp3")]

    by_smpp, by_cmpp = run(on_sqlite, go)
    assert by_smpp == [smpp.Status.RINVPASWD] * 10
    assert (by_cmpp[:3], by_cmpp[-3:]) == ([3] * 3, [5] * 3)


def submit_parts(client, mobile, texts, order=()):
    """Submit a text in parts, in this order of their numbers."""
    marked = {"esm_class": smpp.UDHI} if client.protocol == "smpp" else {"tp_udhi": 1}
    for part in order or range(1, len(texts) + 1):
        octets = bytes((5, 0, 3, 9, len(texts), part)) + texts[part - 1].encode("utf-16-be")
        client.submit_octets((mobile, part), octets, number=mobile, source="3", **marked)


@BOTH
def test_a_long_text_in_parts_is_one_message_with_a_report_for_each_part_and_a_reply_comes_back(furnished, run, protocol):
    at = open_to(furnished)
    text = "一" * 100 + "【测试】"

    async def go(running):
        client = await log_in(at, protocol)
        submit_parts(client, "13800130007", [text[:67], text[67:]])
        assert await client.until(lambda: len(client.answers) == 2, 20)
        assert await client.until(lambda: len(client.asked) == 3, 20), client.asked
        return client.answers.values(), client.asked, await running.balance()

    answers, asked, balance = run(furnished, go)
    reports = [report_of(pdu) for pdu in asked if report_of(pdu)]
    [reply] = [pdu for pdu in asked if not report_of(pdu)]
    assert sorted(reports) == sorted((message_id, "DELIVRD") for _, message_id in answers)
    assert balance == 100_000 - 2
    content = reply.short_message if protocol == "smpp" else reply.msg_content
    assert content.decode("utf-16-be") == "你好，我不需要"
    assert (reply.destination_addr if protocol == "smpp" else reply.dest_id) == "10690001123"


ORDERS = {"13800131001": (2, 1, 3), "13800131002": (3, 2, 1), "13800131003": (2, 3, 1), "13800131004": (3, 1, 2)}
ONE, TWO, THREE, OTHER = "一" * 67, "二" * 67, "三" * 20 + "【测试】", "四" * 67


async def log_in_at(running, at, protocol):
    """A session at this process, of several that share the port."""
    while True:
        client = await log_in(at, protocol)
        if running.platform.customer_sessions.sessions:
            return client
        client.transport.abort()


def texts_of(settings):
    with command_store(settings) as admin:
        return sorted(task["text"] for task in admin.read(stored_tasks))


@BOTH
def test_after_a_broken_connection_a_text_is_whole_in_whatever_order_its_parts_come(
    furnished, settings_of, start, tmp_path, monkeypatch, protocol
):
    """Like the one before it but for the first part; on PostgreSQL it comes to another process."""
    monkeypatch.setattr("hongyan.workers.long_texts.EARLY_MS", 1_000)
    monkeypatch.setattr("hongyan.workers.customer_sessions.EARLY_S", 0.2)
    at = open_to(furnished, window_in=100)
    is_alone = Database(furnished.database_url).is_sqlite

    async def go():
        async with AsyncExitStack() as running:
            url = "" if is_alone else furnished.database_url
            shared = {"listen": {"reuse_port": not is_alone}}
            first = second = await running.enter_async_context(start(settings_of(tmp_path, url, **shared)))
            client = await log_in(at, protocol)
            for mobile in ORDERS:
                submit_parts(client, mobile, (ONE, TWO, THREE))
            assert await client.until(lambda: len(client.answers) == 12, 20)
            client.transport.abort()
            await first.until(lambda: not any(one.sessions for one in first.platform.session_server.listeners.values()))
            if not is_alone:
                (tmp_path / "second").mkdir()
                second = await running.enter_async_context(start(settings_of(tmp_path / "second", url, **shared)))
            again = await log_in_at(second, at, protocol)
            for mobile, order in ORDERS.items():
                submit_parts(again, mobile, (OTHER, TWO, THREE), order)
            assert await again.until(lambda: len(again.answers) == 12, 20)
            async with asyncio.timeout(20):
                while await first.balance() > 100_000 - 2 * 12:  # noqa: ASYNC110  nothing tells of a change
                    await asyncio.sleep(0.05)
            ids = {message_id for _, message_id in again.answers.values()}
            assert await again.until(lambda: ids <= {report_of(pdu)[0] for pdu in again.asked}, 20)
            return await first.balance(), {status for status, _ in again.answers.values()}

    assert uvloop.run(go()) == (100_000 - 2 * 12, {0})
    assert texts_of(furnished) == sorted([ONE + TWO + THREE, OTHER + TWO + THREE] * len(ORDERS))


@BOTH
def test_parts_repeated_beside_a_connection_whose_network_is_gone_make_no_second_text(furnished, run, protocol):
    """The connection is still open here. Its last answer is under way, and nobody acknowledges it."""
    at = open_to(furnished)

    async def go(running):
        client = await log_in(at, protocol)
        submit_parts(client, "13800130007", (ONE, THREE), (1,))
        assert await client.until(lambda: client.answers, 20)
        client.lose_network()
        submit_parts(client, "13800130007", (ONE, THREE), (2,))
        [(served,)] = [one.sessions for one in running.platform.session_server.listeners.values() if one.sessions]
        await running.until(lambda: served.is_cut_off)
        again = await log_in(at, protocol)
        submit_parts(again, "13800130007", (ONE, THREE))
        assert await again.until(lambda: len(again.answers) == 2, 20)
        client.transport.abort()
        return client.answers["13800130007", 1], again.answers["13800130007", 1], await running.balance()

    first, repeated, balance = run(furnished, go)
    assert (repeated, balance) == (first, 100_000 - 2)
    assert texts_of(furnished) == [ONE + THREE]


@BOTH
def test_a_report_that_was_owed_while_nobody_was_there_comes_on_the_next_session(furnished, run, protocol):
    at = open_to(furnished)

    async def go(running):
        client = await log_in(at, protocol)
        client.submit("a", number="13800138000", text="您好【测试】", source="")
        assert await client.until(lambda: "a" in client.answers, 20)
        client.transport.abort()
        again = await log_in(at, protocol)
        assert await again.until(lambda: again.asked, 20)
        return client.answers["a"][1], [report_of(pdu) for pdu in again.asked]

    message_id, reports = run(furnished, go)
    assert reports[0] == (message_id, "DELIVRD")


@BOTH
def test_a_session_that_is_kicked_is_logged_out_and_may_come_back(furnished, run, monkeypatch, protocol):
    monkeypatch.setattr("hongyan.workers.customer_sessions.SEEN_S", 0.1)
    at = open_to(furnished)

    def kick(session_id):
        with command_store(furnished) as admin:
            admin.change(customer_sessions.kick, session_id)

    def shown(session_id):
        with command_store(furnished) as admin:
            row = admin.read(customer_sessions.customer_session, admin.now_ms(), session_id)
        return row["state"], row["why"]

    async def go(running):
        client = await log_in(at, protocol)
        [session] = running.platform.customer_sessions.sessions
        seen = [await asyncio.to_thread(shown, session.id)]
        await asyncio.to_thread(kick, session.id)
        assert await client.until(lambda: client.closed, 20)
        await running.until(lambda: not any(one.sessions for one in running.platform.session_server.listeners.values()))
        seen.append(await asyncio.to_thread(shown, session.id))
        again = await log_in(at, protocol)
        return client.closed.reason, seen, again.is_in

    assert run(furnished, go) == (Reason.PEER_LEFT, [("up", ""), ("closed", "kicked")], True)


def test_a_customer_that_is_a_hongyan_too_gets_all_reports_home(on_sqlite, settings_of, tmp_path, start):
    """Customer → Hongyan → Hongyan by SMPP and CMPP."""

    async def go():
        up_data = tmp_path / "up"
        up_data.mkdir()
        up_settings = settings_of(up_data)
        Database(up_settings.database_url).upgrade(clock())
        with command_store(up_settings) as admin:
            spec = accounts.NewAccount("demo", 12, SECRET, AccountChange(window_in=1_000, window_out=100))
            account_id = admin.change(accounts.add_account, spec, admin.sealer)
            admin.change(billing.top_up, account_id, 100_000)
            options = {"report_delay_s": "0"}
            admin.change(
                channels.add_channel, Channel(0, "trial", Protocol.LOOPBACK, access="10690001", options=options), admin.sealer
            )
            admin.change(channels.add_route, "trial", None, None, 0, 1)
        at = open_to(up_settings)
        with command_store(on_sqlite) as admin:
            for name, protocol in (("by-smpp", Protocol.SMPP), ("by-cmpp", Protocol.CMPP3)):
                port = at["smpp" if protocol is Protocol.SMPP else "cmpp3"].port
                channel = Channel(0, name, protocol, "127.0.0.1", port, LOGIN, SECRET, access="10690001")
                admin.change(channels.add_channel, channel, admin.sealer)
                admin.change(channels.add_route, name, None, None, 0, 1)
            for name in ("trial", "reserve"):
                admin.change(channels.set_channel_state, name, ChannelState.STOPPED)
        async with start(up_settings) as up, start(on_sqlite) as down:
            await down.until(lambda: sum(w.link.is_up for w in down.platform.lease_manager.workers.values()) >= 2)
            mobiles = [f"138001{n:05}" for n in range(1000, 1200)]
            answer = await down.send(",".join(mobiles))
            assert answer["returnstatus"] == "Success"
            reports = await down.reports(len(mobiles))
            totals = up.platform.session_server.totals()
            return sorted(reports) == mobiles, {
                protocol for (protocol, what), count in totals.items() if count and what == "submits"
            }

    assert uvloop.run(go()) == (True, {"smpp", "cmpp"})


def test_a_listener_that_is_added_while_the_platform_runs_is_opened(furnished, run):
    async def go(running):
        at = await asyncio.to_thread(open_to, furnished)
        await running.until(lambda: len(running.platform.session_server.listeners) == 2)
        await running.until(lambda: all(one.number for one in running.platform.session_server.listeners.values()))
        async with asyncio.timeout(10):
            while True:
                client = await Client.connect(at["smpp"], "smpp", protocol_state=dialect_of("smpp", LOGIN, SECRET))
                if (
                    await client.until(lambda c=client: c.is_in or c.closed) and client.is_in
                ):  # the account may be known a moment later
                    return True

    assert run(furnished, go)
