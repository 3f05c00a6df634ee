"""The link of an MM7 channel at the simulated relay/server, over real sockets: submits, reports, replies, and what goes wrong."""

import asyncio
import io
import re
import socket
import threading
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import aiohttp
import pytest
from bench.tools import free_port
from tests.carriers.conftest import FAST, RecordedEvents, clock, until

from hongyan.adapters.mm7.client import receipt_of, reply_of
from hongyan.carriers.mm7.link import Mm7Link
from hongyan.carriers.questions import CannotAsk, Question, ask
from hongyan.model.account import Product
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.mms import Media
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment
from hongyan.sim.relay import RelaySim
from hongyan.sim.script import read_script
from hongyan.wire.mm7.codec import decode, encode
from hongyan.wire.mm7.pdu import DeliverReq, Part, Report, Variant

ACCEPTED, REFUSED, UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED
SECRET = "s3cr3t"
MEDIA = (
    Media("mms.smil", "application/smil", b'<smil><body><par><text src="1.txt"/></par></body></smil>'),
    Media("1.txt", "text/plain", "您好".encode()),
    Media("2.gif", "image/gif", b"GIF89a\r\n--mmInner\r\n" + bytes(range(256))),
)


def mms(count=1, first=1, phone=8613800000000):
    return [OutSegment(n, 1, 1, phone + n, "主题", "10690000123", 1, media=MEDIA) for n in range(first, first + count)]


@asynccontextmanager
async def on_trial(script="", options=(), *, starts=True, listens=True, **settings):
    """A relay/server, and the link of a channel to it, up."""
    options = {"listen_port": str(free_port()), "vaspid": "890123", "service_code": "FREE01"} | dict(options)
    variant = Variant(options.get("variant", "3gpp"))
    sim = RelaySim(
        0,
        "vasp01",
        SECRET,
        options.get("auth") == "digest",
        f"http://127.0.0.1:{options['listen_port']}/mm7",
        script=read_script(script),
        variant=variant,
    )
    await sim.start()
    if not starts:
        await sim.stop()
    events = RecordedEvents()
    facts = {"window": 4, "answer_timeout_s": 1.0} | settings
    channel = Channel(7, "mm", Protocol.MM7, "127.0.0.1", sim.port, "vasp01", SECRET, Product.MMS, options=options, **facts)
    events.link = link = Mm7Link(channel, events, clock, FAST, lambda: 1.0)
    await link.open()
    try:
        if starts:
            await until(lambda: link.is_up and (link.listens_on or not listens))
        yield sim, link, events
    finally:
        await link.close(0)
        await sim.stop()


def results(events):
    return [(a.segment.message_id, a.result, a.code) for a in events.answers]


@pytest.mark.parametrize("variant", ["3gpp", "cm"])
@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_an_mms_arrives_whole_and_its_report_comes_back(variant, auth):
    async def go():
        async with on_trial(options={"variant": variant, "auth": auth}) as (sim, link, events):
            link.offer(mms())
            await until(lambda: events.receipts)

            (submit,) = sim.submits
            assert (submit.subject, submit.vaspid, submit.service_code, submit.sender) == (
                "主题",
                "890123",
                "FREE01",
                "10690000123",
            )
            assert submit.recipients == (("13800000001",) if variant == "cm" else ("8613800000001",))
            assert [(p.kind, p.data) for p in submit.parts] == [(m.kind, m.data) for m in MEDIA]
            (answer,), (receipt,) = events.answers, events.receipts
            assert answer.result is ACCEPTED
            assert receipt.carrier_ids == (answer.carrier_id,)
            assert (receipt.state, receipt.code, receipt.phone) == (ReceiptState.DELIVERED, "DELIVRD", 8613800000001)
            assert abs(receipt.done_ms - receipt.received_ms) < 60_000
            await until(lambda: sim.counts.taken == 1)
            assert sim.counts.delivered == (2 if auth == "digest" else 1), "by Digest it was asked for first"

    asyncio.run(go())


@pytest.mark.parametrize("variant", ["3gpp", "cm"])
@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_an_mms_that_waits_is_cancelled_and_reported_so(variant, auth):
    async def go():
        async with on_trial(options={"variant": variant, "auth": auth}) as (sim, link, events):
            sim.report_delay_s = 0.5
            link.offer(mms(2))
            await until(lambda: len(events.answers) == 2)
            first, second = (answer.carrier_id for answer in events.answers)

            async def cancel(name):
                return await ask(link.channel, Question(name, is_cancellation=True, source="10690000123"), clock())

            assert await cancel(first) == {"cancelled": True, "status": 1000, "text": "Success"}
            assert await cancel("7") == {"cancelled": False, "status": 2005, "text": "Message ID not found"}
            await until(lambda: len(events.receipts) == 2)
            assert (await cancel(second))["status"] == 3001
            assert {r.carrier_ids[0]: (r.state, r.code) for r in events.receipts} == {
                first: (ReceiptState.FAILED, "REJECTD"),
                second: (ReceiptState.DELIVERED, "DELIVRD"),
            }

    asyncio.run(go())


def test_a_relay_that_is_not_there_or_refuses_the_user_cancels_nothing():
    async def go():
        async with on_trial(starts=False) as (_, link, _ear):
            with pytest.raises(CannotAsk, match="cannot be reached"):
                await ask(link.channel, Question("1", is_cancellation=True), clock())
        async with on_trial() as (sim, link, _ear):
            sim.secret = "another"
            with pytest.raises(CannotAsk, match="refused"):
                await ask(link.channel, Question("1", is_cancellation=True), clock())

    asyncio.run(go())


def test_a_hundred_leave_over_few_connections_and_each_is_answered_once():
    async def go():
        async with on_trial() as (sim, link, events):
            waiting = mms(100)
            while waiting:
                taken, waiting = waiting[: link.room], waiting[link.room :]
                link.offer(taken)
                await asyncio.sleep(0)
                await until(lambda: link.room)
            await until(lambda: len(events.answers) == 100 and len(events.receipts) == 100)

            assert set(events.results().values()) == {ACCEPTED}
            assert sim.counts.submits == 100
            assert sim.counts.repeats == 0

    asyncio.run(go())


@pytest.mark.parametrize(("rule", "state", "code"), [
    ('do = "fail"\nstat = "EXPIRED"', ReceiptState.FAILED, "MM:4446"),
    ('do = "fail"\nstat = "UNDELIV"', ReceiptState.FAILED, "MM:4446"),
    ('do = "fail"\nstat = "UNKNOWN"', ReceiptState.UNKNOWN, "UNKNOWN"),
])  # fmt: skip
def test_reports_say_how_it_ended(rule, state, code):
    async def go():
        async with on_trial(f"[[rule]]\n{rule}") as (_, link, events):
            link.offer(mms())
            await until(lambda: events.receipts)

            assert [(r.state, r.code) for r in events.receipts] == [(state, code)]

    asyncio.run(go())


def test_a_report_may_outrun_its_answer():
    async def go():
        async with on_trial('[[rule]]\ndo = "early"\n[[rule]]\ndo = "delay"\nseconds = 0.2') as (_, link, events):
            link.offer(mms())
            await until(lambda: events.receipts)
            assert events.answers == []
            await until(lambda: events.answers)

            assert events.answers[0].carrier_id == events.receipts[0].carrier_ids[0]

    asyncio.run(go())


def test_a_refusal_is_final_and_a_passing_trouble_is_not():
    script = '[[rule]]\ndo = "refuse"\ncode = 2002\nto = "*1"\n[[rule]]\ndo = "refuse"\ncode = 4006\nto = "*2"\ntimes = 2'

    async def go():
        async with on_trial(script) as (sim, link, events):
            link.offer(mms(2))
            await until(lambda: len(events.answers) == 2)

            assert sorted(results(events)) == [(1, REFUSED, "2002"), (2, ACCEPTED, "")]
            assert sim.counts.submits == 4
            assert link.counts.throttled == 2

    asyncio.run(go())


def test_one_number_that_is_always_refused_for_the_moment_does_not_slow_the_others():
    async def go():
        async with on_trial('[[rule]]\ndo = "refuse"\ncode = 4006\nto = "*07"') as (_, link, events):
            link.offer(mms(60))
            await until(lambda: len(events.answers) == 59, 5.0)

            assert 7 not in events.results()
            assert link.counts.throttled <= 7

    asyncio.run(go())


def test_a_service_that_is_denied_takes_the_link_down_and_refuses_nothing():
    async def go():
        async with on_trial('[[rule]]\ndo = "refuse"\ncode = 4007\ntimes = 4') as (_, link, events):
            link.offer(mms(3))
            await until(lambda: not link.is_up)
            assert link.trouble == "the carrier refuses all that this channel sends: 4007"
            await until(lambda: len(events.answers) == 3)

            assert set(events.results().values()) == {ACCEPTED}

    asyncio.run(go())


def test_a_change_ends_the_pause_after_a_refused_user():
    async def go():
        async with on_trial() as (sim, link, events):
            sim.secret = "another"
            link.offer(mms(1))
            await until(lambda: not link.is_up)
            sim.secret = SECRET
            link.retune(replace(link.channel, rate=5))
            await until(lambda: events.answers, 2.0)

    asyncio.run(go())


def test_a_relay_that_breaks_every_connection_gets_three_copies_of_one_name():
    async def go():
        names = []

        async def serve(reader, writer):
            if octets := await reader.read(100_000):
                names.append(re.search(rb"<[^>]*TransactionID[^>]*>([^<]+)<", octets).group(1))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        events = RecordedEvents()
        port = server.sockets[0].getsockname()[1]
        options = {"vaspid": "890123", "listen_port": "0"}
        channel = Channel(7, "mm", Protocol.MM7, "127.0.0.1", port, "vasp01", SECRET, Product.MMS, options=options)
        events.link = link = Mm7Link(channel, events, clock, FAST, lambda: 1.0)
        await link.open()
        await until(lambda: link.is_up)
        link.offer(mms())
        await until(lambda: events.answers)

        assert results(events) == [(1, UNANSWERED, "")]
        assert len(names) == 3
        assert len(set(names)) == 1
        await link.close(0)
        server.close()

    asyncio.run(go())


@pytest.mark.parametrize("harm", ["no-answer", "disconnect", "garbage"])
def test_an_answer_that_never_came_is_asked_for_again_under_the_same_name(harm):
    async def go():
        async with on_trial(f'[[rule]]\ndo = "{harm}"\ntimes = 1') as (sim, link, events):
            link.offer(mms())
            await until(lambda: events.answers)

            assert results(events) == [(1, ACCEPTED, "")]
            assert len({s.transaction_id for s in sim.submits}) == 1
            assert (sim.counts.submits, sim.counts.repeats, sim.counts.accepted) == (2, 1, 1)

    asyncio.run(go())


def test_a_channel_that_holds_sends_nothing_twice():
    async def go():
        async with on_trial('[[rule]]\ndo = "no-answer"', on_doubt=OnDoubt.HOLD) as (sim, link, events):
            link.offer(mms())
            await until(lambda: events.answers)

            assert results(events) == [(1, UNANSWERED, "")]
            assert sim.counts.submits == 1

    asyncio.run(go())


def test_a_carrier_that_is_away_is_waited_for_and_nothing_is_lost():
    async def go():
        async with on_trial(starts=False) as (sim, link, events):
            link.offer(mms(3))
            await until(lambda: link.counts.connects_failed > 1)
            assert not link.is_up
            assert link.room == 0
            assert "cannot be reached" in link.trouble
            await sim.start()
            await until(lambda: len(events.answers) == 3)

            assert set(events.results().values()) == {ACCEPTED}
            assert link.trouble == ""

    asyncio.run(go())


async def _says_hello(reader, writer):
    """What stands before a relay/server that is away: it takes whatever is posted, and answers with a page for people."""
    with suppress(OSError, asyncio.IncompleteReadError):
        await reader.readuntil(b"mmOuter--")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    writer.close()


@pytest.mark.parametrize(("on_doubt", "downs"), [(OnDoubt.RESEND, 3), (OnDoubt.HOLD, 1)])
def test_who_answers_no_mm7_does_not_get_all_that_waits_at_once(on_doubt, downs):
    async def go():
        async with on_trial(starts=False, on_doubt=on_doubt, window=1) as (sim, link, events):
            server = await asyncio.start_server(_says_hello, "127.0.0.1", sim.port)
            async with server:
                link.offer(mms(5))
                await until(lambda: events.answers)
                link.retune(replace(link.channel, state=ChannelState.PAUSED))

            assert results(events)[0] == (1, UNANSWERED, "")
            assert events.ups.count(False) >= downs

    asyncio.run(go())


def test_a_carrier_that_goes_away_takes_nothing_with_it():
    async def go():
        async with on_trial() as (sim, link, events):
            await sim.stop()
            link.offer(mms(3))
            await until(lambda: not link.is_up)
            assert events.answers == []
            await sim.start()
            await until(lambda: len(events.answers) == 3)

            assert events.ups[:3] == [True, False, True]

    asyncio.run(go())


def test_a_wrong_secret_takes_the_link_down_and_the_mms_waits():
    async def go():
        async with on_trial() as (sim, link, events):
            sim.secret = "another"
            link.offer(mms(2))
            await until(lambda: not link.is_up)

            assert "refused user or secret" in link.trouble
            assert events.answers == []
            assert len(link.withdraw()) == 2

    asyncio.run(go())


def test_a_paused_channel_sends_nothing_and_reports_come_in():
    async def go():
        async with on_trial(state=ChannelState.PAUSED) as (sim, link, events):
            link.offer(mms())
            sim.reply("8613800000001", "10690000123", "TD")
            await until(lambda: events.parts)

            assert sim.counts.submits == 0

    asyncio.run(go())


def test_what_is_too_old_or_has_lost_its_media_is_not_sent():
    async def go():
        async with on_trial() as (sim, link, events):
            old, bare = mms(2)
            old.valid_until_ms, bare.media = clock() - 1, ()
            link.offer([old, bare])
            await until(lambda: len(events.answers) == 2)

            assert results(events) == [(1, REFUSED, "EXPIRED"), (2, REFUSED, "NOMEDIA")]
            assert sim.counts.submits == 0

    asyncio.run(go())


def test_the_rate_is_kept():
    async def go():
        async with on_trial(rate=20, window=64) as (sim, link, events):
            link.offer(mms(10))
            await until(lambda: events.answers)
            assert len(sim.submits) < 10
            await until(lambda: len(events.answers) == 10)

    asyncio.run(go())


def test_a_port_that_somebody_else_has_is_reported_and_sending_goes_on():
    async def go():
        with socket.socket() as other:
            other.bind(("0.0.0.0", 0))
            other.listen()
            port = other.getsockname()[1]
            async with on_trial(options={"listen_port": str(port)}, listens=False) as (_, link, events):
                link.offer(mms())
                await until(lambda: events.answers and link.trouble)

                assert results(events) == [(1, ACCEPTED, "")]
                assert link.trouble.startswith(f"cannot listen on 0.0.0.0:{port}: ")

    asyncio.run(go())


# --- the listener ------------------------------------------------------------------------------------------------------------


def test_a_reply_is_its_texts_and_keeps_its_media():
    async def go():
        async with on_trial() as (sim, _, events):
            picture = Part("p.jpg", "image/jpeg", b"\xff\xd8\xff")
            text = Part("2.txt", "text/plain", "再见".encode("gbk"), "gb2312")
            sim.reply("8613800000001", "1069000012", "你好", parts=(picture, text))
            await until(lambda: events.parts and sim.counts.taken == 1)

            (part,) = events.parts
            assert (part.phone, part.dest) == (8613800000001, "1069000012")
            assert part.body.decode("utf-16-be") == "你好\n再见"
            assert [(m.name, m.kind, m.data) for m in part.media] == [
                ("1.txt", "text/plain", "你好".encode()),
                ("p.jpg", "image/jpeg", b"\xff\xd8\xff"),
                ("2.txt", "text/plain", "再见".encode()),
            ]

    asyncio.run(go())


def test_what_could_not_be_stored_comes_again():
    async def go():
        async with on_trial() as (sim, link, events):
            events.stores = False
            link.offer(mms())
            await until(lambda: events.receipts)
            events.stores = True
            await until(lambda: sim.counts.taken == 1)

            assert len(events.receipts) == 2

    asyncio.run(go())


def test_what_is_not_stored_in_time_is_to_come_again_and_is_with_the_worker_all_the_same(monkeypatch):
    monkeypatch.setattr("hongyan.carriers.mm7.listener.ANSWER_S", 0.05)
    monkeypatch.setattr("hongyan.carriers.mm7.listener.WAITING_MOST", 1)

    async def go():
        async with on_trial() as (sim, link, events):
            events.stores = None
            link.offer(mms(2))
            await until(lambda: sim.counts.delivered >= 2 and len(events.receipts) >= 2)
            assert len({receipt.carrier_ids for receipt in events.receipts}) == 2
            events.stores = True
            await until(lambda: sim.counts.taken == 2)

    asyncio.run(go())


def test_a_long_post_is_read_beside_everything_else(monkeypatch):
    threads = []

    def noted(content_type, octets):
        threads.append((len(octets), threading.current_thread() is threading.main_thread()))
        return decode(content_type, octets)

    monkeypatch.setattr("hongyan.carriers.mm7.listener.decode", noted)

    async def go():
        async with on_trial() as (_, link, _):
            for octets in (b"<a/>", b"<a>" + b"<b/>" * 40_000 + b"</a>"):
                await posted(link.listens_on, octets)

    asyncio.run(go())
    assert threads == [(4, True), (160_007, False)]


async def posted(port, octets):
    url, headers = f"http://127.0.0.1:{port}/mm7", {"Content-Type": "text/xml"}
    async with aiohttp.ClientSession() as session, session.post(url, data=io.BytesIO(octets), headers=headers) as got:
        return got.status, got.headers.get("Content-Type", ""), await got.read()


REPORT = encode(Report("R-1", "m1", "8613800000001", "1069", "2026-11-21T09:31:20+08:00", "Retrieved")).octets


def test_strangers_are_turned_away_by_address_and_by_secret():
    async def go():
        async with on_trial(options={"allow_ip": "10.0.0.0/8"}) as (_, link, events):
            with pytest.raises(aiohttp.ClientError):
                await posted(link.listens_on, REPORT)
            assert link.trouble == "a connection from 127.0.0.1 was refused: its address is not in allow_ip"
            assert (events.receipts, link._listener._listener.connections) == ([], 0)
        async with on_trial(options={"auth": "basic"}) as (_, link, events):
            assert (await posted(link.listens_on, REPORT))[0] == 401
            assert events.receipts == []

    asyncio.run(go())


@pytest.mark.parametrize(("octets", "code"), [
    (b"", 2007), (b"<a>", 2007), (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 2007),
    (REPORT.replace(b"DeliveryReportReq", b"CancelReq"), 4003),
    (REPORT.replace(b"<MessageID>m1</MessageID>", b""), 2007),
    (REPORT.replace(b"<MessageID>m1</MessageID>", b"<MessageID>%b</MessageID>" % (b"9" * 65)), 2007),
])  # fmt: skip
def test_what_cannot_be_read_is_answered_with_its_status(octets, code):
    async def go():
        async with on_trial() as (_, link, events):
            status, content_type, body = await posted(link.listens_on, octets)

            assert status == 200
            assert decode(content_type, body)[0].code == code
            assert events.receipts == []

    asyncio.run(go())


def test_a_body_beyond_the_limit_is_refused():
    async def go():
        async with on_trial() as (_, link, _ear):
            assert (await posted(link.listens_on, bytes(2 * 1024 * 1024 + 1)))[0] == 413

    asyncio.run(go())


def test_a_message_id_that_is_too_long_is_kept_nowhere():
    async def go():
        async with on_trial() as (sim, link, events):
            sim._ids = iter(["9" * 65])
            link.offer(mms())
            await until(lambda: events.answers)

            assert events.answers[0].carrier_id == "unnamed-1-1"

    asyncio.run(go())


def test_transactions_that_differ_behind_64_characters_are_two():
    replies = [
        reply_of(DeliverReq("t" * 100 + end, "8613800000001", ("1069",), "", ()), Channel(7, "mm", Protocol.MM7), 0)
        for end in "ab"
    ]
    assert replies[0].carrier_id != replies[1].carrier_id
    assert {len(reply.carrier_id) for reply in replies} == {64}


def test_options_that_make_no_sense_keep_the_link_down_and_are_reported():
    async def go():
        events = RecordedEvents()
        channel = Channel(7, "mm", Protocol.MM7, "127.0.0.1", 1, product=Product.MMS, options={"auth": "kerberos"})
        events.link = link = Mm7Link(channel, events, clock, FAST)
        await link.open()

        assert (link.is_up, "auth is one of" in link.trouble) == (False, True)
        await link.close(0)

    asyncio.run(go())


@pytest.mark.parametrize(("status", "text", "state", "code"), [
    ("Retrieved", "1000", ReceiptState.DELIVERED, "DELIVRD"),
    ("Forwarded", "", ReceiptState.DELIVERED, "DELIVRD"),
    ("Deferred", "", ReceiptState.PENDING, "DEFERRED"),
    ("Indeterminate", "", ReceiptState.UNKNOWN, "UNKNOWN"),
    ("Expired", "", ReceiptState.FAILED, "EXPIRED"),
    ("System Rejected", "", ReceiptState.FAILED, "REJECTD"),
    ("Unrecognised", "", ReceiptState.FAILED, "UNDELIV"),
    ("Unreachable", "", ReceiptState.FAILED, "UNDELIV"),
    ("In the clouds", "", ReceiptState.UNKNOWN, "In the clouds"),
    ("In the clouds", "6103", ReceiptState.UNKNOWN, "MM:6103"),  # the code table knows
    ("Rejected", "6103", ReceiptState.FAILED, "MM:6103"),
    ("Second report", "1001", ReceiptState.PENDING, "ACCEPTD"),
    ("Retrieved", "1001", ReceiptState.PENDING, "ACCEPTD"),
])  # fmt: skip
def test_the_words_of_the_sheet_are_ours(status, text, state, code):
    channel = Channel(7, "mm", Protocol.MM7)
    report = Report("R", "m1", "13800138000", "1069", "2026-11-21T09:31:20+08:00", status, text)

    receipt = receipt_of(report, channel, 1_795_300_000_000)

    assert (receipt.state, receipt.code, receipt.phone) == (state, code, 8613800138000)
    assert receipt.done_ms == 1_795_224_680_000


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("0", ReceiptState.FAILED, "EXPIRED"),
        ("1", ReceiptState.DELIVERED, "DELIVRD"),
        ("2", ReceiptState.FAILED, "REJECTD"),
        ("4", ReceiptState.UNKNOWN, "UNKNOWN"),
        ("8", ReceiptState.UNKNOWN, "MM:8"),
    ],
)
def test_numbers_for_words_are_those_of_china_mobile(status, state, code):
    receipt = receipt_of(Report("R", "m1", "13800138000", "1069", "", status), Channel(7, "mm", Protocol.MM7), 0)

    assert (receipt.state, receipt.code) == (state, code)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("0", ReceiptState.DELIVERED),
        ("Read", ReceiptState.DELIVERED),
        ("1", ReceiptState.DELIVERED),
        ("2", ReceiptState.PENDING),
        ("Indeterminate", ReceiptState.PENDING),
        ("7", ReceiptState.PENDING),
    ],
)
def test_a_read_report_has_numbers_of_its_own(status, state):
    report = Report("R", "m1", "13800138000", "1069", "", status, is_read=True)

    assert receipt_of(report, Channel(7, "mm", Protocol.MM7), 0).state is state


@pytest.mark.parametrize(
    "address",
    [
        "+8613800138000/TYPE=PLMN",
        "13800138000/type=plmn",
        "8613800138000/TYPE=PLMN@mms.example",
        "13800138000@mms.example",
        "13800138000 /TYPE=PLMN",
        "13800138000@" + " " * 3_000_000 + "x",
        "13800138000",
    ],
)
def test_a_number_is_read_whatever_network_or_host_stands_behind_it(address):
    channel = Channel(7, "mm", Protocol.MM7, access="10690")
    report = Report("R", "m1", address, "1069", "", "Retrieved")
    deliver = DeliverReq("t", address, ("13900139000/TYPE=PLMN", "1069012/TYPE=PLMN"), "hello", ())

    assert receipt_of(report, channel, 0).phone == 8613800138000
    reply = reply_of(deliver, channel, 0)
    assert (reply.phone, reply.dest) == (8613800138000, "1069012"), "of several recipients the one that is ours"


def test_an_address_of_blanks_is_no_number():
    report = Report("R", "m1", "1" + " " * 3_000_000 + "x", "1069", "", "Retrieved")

    assert not receipt_of(report, Channel(7, "mm", Protocol.MM7), 0).phone  # hours for a reader that looks again at each blank
