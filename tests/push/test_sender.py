"""The Poster at customers that are real servers: what arrives, and what their answers are taken for."""

import asyncio
import re
from dataclasses import replace

import pytest
import uvloop
from aiohttp import web

from hongyan.i18n import translated, using_language
from hongyan.model.account import Account, PushFormat
from hongyan.model.dialect import DialectName
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, PushOutcome, read_answer
from hongyan.model.secret import Secret
from hongyan.push.sender import Sender
from hongyan.push.transport import Limits
from hongyan.sim.customer import Answer, Customer, Item

XML, JSON = PushFormat.XML, PushFormat.JSON
TAKEN, REFUSED, UNREACHED = PushOutcome.TAKEN, PushOutcome.REFUSED, PushOutcome.UNREACHED
STARTED_MS = 1_700_000_000_000
HASTY = Limits(total_s=0.5)
AT_MS = 1_322_835_131_000  # 2011-12-02 22:12:11 in China
SMS_ID = "0123456789abcdef0123456789abcdef"

REPORTS = [
    OwedReport(1, 8615023239810, 1111202000000001, SMS_ID, MessageState.DELIVERED, "DELIVRD", AT_MS, "01", 2),
    OwedReport(2, 85298765432, 1111202000000001, SMS_ID, MessageState.FAILED, "MK:<1>", AT_MS, "", 1),
    OwedReport(3, 8615023239812, 1111202000000001, SMS_ID, MessageState.UNKNOWN, "UNKNOWN", AT_MS, "", 1),
]
REPLIES = [
    OwedReply(4, 8615023239810, 1111202000000001, "你好，我<不>需要", AT_MS, "01", "1069000101"),
    OwedReply(5, 8615023239811, 0, "T", AT_MS, "02", "1069000102"),
]


def account(url, form=XML, *, inside=True):
    return Account(1, 12, "acme", Secret("", ""), push_url=url, push_format=form, push_private=inside)


def pushed_to(customer, form, kind, items, to=None):
    """How a push to this simulated customer went. to: the account, but for its address"""

    async def push():
        await customer.start()
        try:
            return await push_once(replace(to or account("", form), push_url=customer.url), kind, items)
        finally:
            await customer.stop()

    return uvloop.run(push())


async def push_once(to, kind=OwedKind.REPORT, items=REPORTS, limits=HASTY):
    sender = Sender(lambda: STARTED_MS, limits)
    await sender.open()
    try:
        return await sender(to, kind, items)
    finally:
        await sender.close()


def answered(form, status, body):
    """Returns the outcome of a push to a server with this answer."""

    async def answer(_request):
        return web.Response(status=status, body=body)

    async def push():
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            return await push_once(account(f"http://127.0.0.1:{runner.addresses[0][1]}/", form))
        finally:
            await runner.cleanup()

    app = web.Application()
    app.router.add_post("/", answer)
    return uvloop.run(push())


def test_reports_arrive_as_the_xml_of_the_manual():
    customer = Customer()
    assert pushed_to(customer, XML, OwedKind.REPORT, REPORTS).outcome is TAKEN
    assert list(customer.received) == [
        Item("report", "15023239810", "1111202000000001", "10", "DELIVRD", "", "2011-12-02 22:12:11", "01"),
        Item("report", "0085298765432", "1111202000000001", "20", "MK:<1>", "", "2011-12-02 22:12:11", ""),
        Item("report", "15023239812", "1111202000000001", "20", "UNKNOWN", "", "2011-12-02 22:12:11", ""),
    ]


def test_replies_arrive_as_the_xml_of_the_manual():
    customer = Customer()
    assert pushed_to(customer, XML, OwedKind.REPLY, REPLIES).outcome is TAKEN
    assert list(customer.received) == [
        Item("reply", "15023239810", "1111202000000001", "", "", "你好，我<不>需要", "2011-12-02 22:12:11", "01"),
        Item("reply", "15023239811", "", "", "", "T", "2011-12-02 22:12:11", "02"),
    ]
    assert customer.pushes == 1


def test_lushangs_customers_find_the_sms_id_where_their_answers_had_it():
    customer = Customer()
    of_lushang = replace(account(""), dialect=DialectName.LS)
    replies = [replace(REPLIES[0], sms_id=SMS_ID), REPLIES[1]]

    assert pushed_to(customer, XML, OwedKind.REPORT, REPORTS[:1], of_lushang).outcome is TAKEN
    assert pushed_to(customer, XML, OwedKind.REPLY, replies, of_lushang).outcome is TAKEN
    assert [item.taskid for item in customer.received] == [SMS_ID, SMS_ID, ""]


def test_reports_arrive_as_the_json_receipts_of_the_manual():
    customer = Customer()
    assert pushed_to(customer, JSON, OwedKind.REPORT, REPORTS).outcome is TAKEN
    assert list(customer.received) == [
        Item("report", "15023239810", SMS_ID, "0", "", "", "2011-12-02 22:12:11", ""),
        Item("report", "0085298765432", SMS_ID, "1", "MK:<1>", "", "", ""),
        Item("report", "15023239812", SMS_ID, "1", "UNKNOWN", "", "", ""),
    ]


def test_replies_in_json_are_posted_one_by_one():
    customer = Customer()
    assert pushed_to(customer, JSON, OwedKind.REPLY, REPLIES).outcome is TAKEN
    assert [(item.mobile, item.extno) for item in customer.received] == [
        ("15023239810", "1069000101"),
        ("15023239811", "1069000102"),
    ]
    assert customer.pushes == 2


@pytest.mark.parametrize(
    ("form", "found"),
    [
        (XML, {"Content-Type": "text/xml; charset=utf-8"}),
        (JSON, {"Content-Type": "application/json;charset=utf-8", "Accept": "application/json"}),
    ],
)
def test_a_push_says_what_it_is_letter_by_letter(form, found):
    seen = []

    async def push():
        async def answer(reader, writer):
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            await push_once(account(f"http://127.0.0.1:{port}/", form))

    uvloop.run(push())
    lines = seen[0].decode("latin-1").split("\r\n")
    named = dict(line.split(": ", 1) for line in lines[1:] if line)

    assert lines[0] == "POST / HTTP/1.1"
    assert {name: named[name] for name in found} == found


def test_the_first_reply_that_is_not_taken_ends_the_push():
    customer = Customer(answer=Answer.ERROR)
    assert pushed_to(customer, JSON, OwedKind.REPLY, REPLIES).outcome is REFUSED
    assert customer.pushes == 1


@pytest.mark.parametrize(
    ("form", "status", "body", "outcome"),
    [
        (XML, 200, b"1", TAKEN),
        (XML, 200, b" 1\r\n", TAKEN),
        (XML, 200, b"", TAKEN),
        (XML, 200, b"0", TAKEN),
        (XML, 200, b"<html>\xff</html>", TAKEN),
        (XML, 204, b"", TAKEN),
        (XML, 200, b"error", REFUSED),
        (XML, 200, b"\r\n ERROR ", REFUSED),
        (XML, 200, b"\xef\xbb\xbferror\r\n", REFUSED),
        (XML, 200, b"error: database", TAKEN),
        (XML, 302, b"1", UNREACHED),
        (XML, 404, b"1", UNREACHED),
        (XML, 500, b"error", UNREACHED),
        (JSON, 200, b'{"respCode":"00000"}', TAKEN),
        (JSON, 200, b' {"respCode": "0000", "respDesc": "ok"}', TAKEN),
        (JSON, 200, b'{"respCode":"00001"}', REFUSED),
        (JSON, 200, b'{"respCode":0}', TAKEN),
        (JSON, 200, b'\xef\xbb\xbf{"respCode":"00000"}\n', TAKEN),
        (JSON, 200, b'{"respCode":["00000"]}', REFUSED),
        (JSON, 200, b'["00000"]', REFUSED),
        (JSON, 200, b"00000", REFUSED),
        (JSON, 200, b"1", REFUSED),
        (JSON, 200, b"", REFUSED),
        (JSON, 200, b"[" * 2_000, REFUSED),
        (JSON, 500, b'{"respCode":"00000"}', UNREACHED),
    ],
)
def test_the_answer_decides(form, status, body, outcome):
    pushed = answered(form, status, body)
    assert (pushed.outcome, pushed.status) == (outcome, status)
    assert pushed.answer == body.decode("utf-8", "replace")


def test_an_answer_is_kept_without_what_no_store_carries():
    assert answered(XML, 200, b"a\0b\xff" + b"x" * 3_000).answer == "ab\ufffd" + "x" * 2_044


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_an_answer_is_shown_in_its_own_charset_also_if_it_is_cut_within_a_character(codec):
    answer = '{"respCode":"00000","respDesc":"成功"}'

    assert answered(JSON, 200, answer.encode(codec)).answer == answer
    assert answered(XML, 200, b"x" + "成".encode(codec) * 2_000).answer == "x" + "成" * (2_047 // len("成".encode(codec)))


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [(Answer.DROP, "the connection ended before the answer did"), (Answer.HANG, "no answer within 0.5 s")],
)
def test_a_customer_without_an_answer_is_not_reached(answer, trouble):
    pushed = pushed_to(Customer(answer=answer), XML, OwedKind.REPORT, REPORTS)
    assert (pushed.outcome, pushed.status, pushed.answer) == (UNREACHED, 0, trouble)
    kept = read_answer(pushed.status, pushed.stored_answer)
    with using_language("zh"):
        shown = translated(kept)
    assert kept == trouble
    assert re.search("[\u4e00-\u9fff]", shown), shown
    assert pushed.started_ms == STARTED_MS
    assert 0 <= pushed.took_ms < 60_000


def test_an_address_inside_is_not_reached_unless_the_account_may():
    customer = Customer()

    async def push():
        await customer.start()
        try:
            return await push_once(account(customer.url, inside=False))
        finally:
            await customer.stop()

    pushed = uvloop.run(push())
    assert (pushed.outcome, pushed.status) == (UNREACHED, 0)
    assert "not a public address" in pushed.answer
    assert customer.pushes == 0
