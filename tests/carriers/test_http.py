"""A channel of kind http at a platform that a test plays: what becomes of messages when it answers badly, late or not at all."""

import asyncio
import io
import re
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qs

import aiohttp
import pytest
import structlog
from aiohttp import web
from bench.tools import free_port
from lxml import etree

from hongyan.adapters.aspx.client import AspxClient
from hongyan.carriers.http import push as httppush
from hongyan.carriers.http import reconcile
from hongyan.carriers.http.link import HttpLink
from hongyan.i18n import translated, using_language
from hongyan.model.binary import Binary
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import ReceiptState
from hongyan.model.message import SegmentResult as Result
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment
from hongyan.wire.aspx import codec as aspx_codec
from hongyan.wire.aspx.pdu import Reply, Status

NO_BOX = b"<returnsms></returnsms>"


def sent(status="Success", message="操作成功", task="2611250000000001"):
    return (
        f"<returnsms><returnstatus>{status}</returnstatus><message>{message}</message><remainpoint>1</remainpoint>"
        f"<taskID>{task}</taskID><successCounts>1</successCounts></returnsms>"
    ).encode()


class Upstream:
    """A platform: `answers` are used up one a submission, the last one stays; a number is an HTTP status, None hangs."""

    def __init__(self):
        self.answers, self.pulls = [sent()], []
        self.balance = b"<returnsms><returnstatus>Sucess</returnstatus><message/><overage>1</overage></returnsms>"
        self.submissions, self.at_once, self.most_at_once = [], 0, 0
        self.by_mobile = {}  # what a number is always answered
        self.questions, self.said_again = [], {}  # pulls by task; what they are answered, as above
        self.gate = asyncio.Event()
        self.gate.set()

    async def start(self, port=0):
        app = web.Application()
        app.router.add_post("/{page}", self._take)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        self.port = self.runner.addresses[0][1]

    async def _take(self, request):
        form = {name: values[0] for name, values in parse_qs((await request.read()).decode()).items()}
        if form["action"] == "overage":
            return _said(self.balance)
        if "taskid" in form:
            self.questions.append((form["taskid"], form["again"]))
            answer = self.said_again.get(form["taskid"], NO_BOX)
            if answer is None:
                await asyncio.sleep(60)
            return _said(answer)
        if form["action"] == "query":
            return web.Response(body=self.pulls.pop(0) if self.pulls and request.path.startswith("/status") else NO_BOX)
        self.submissions.append(form)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.gate.wait()
        self.at_once -= 1
        answer = self.by_mobile.get(form["mobile"]) or (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        if answer is None:
            await asyncio.sleep(60)
        return _said(answer)


def _said(answer):
    return web.Response(status=answer) if isinstance(answer, int) else web.Response(body=answer)


class Trial:
    def __init__(self, up, link, events):
        self.up, self.link, self.events = up, link, events

    def offer(self, count, first=1):
        self.link.offer(
            [
                OutSegment(n, 1, 1, 8613800000000 + n, "您好" * 100, "10655812", 1, ticket=1000 + n)
                for n in range(first, first + count)
            ]
        )


@pytest.fixture
def upstream(wait, recorded_events, now_ms, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.http.link.PROBE_S", 0.05)
    monkeypatch.setattr("hongyan.carriers.http.link.AGAIN_S", 0.02)
    monkeypatch.setattr("hongyan.carriers.http.reconcile.ROUND_S", 0.05)
    monkeypatch.setattr("hongyan.carriers.http.reconcile.QUESTION_S", 0.02)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.FIRST_PAUSE_S", 0.05)

    @asynccontextmanager
    async def run(is_up=True, up=None, options=None, silent=None, stores=True, **settings):
        up = up or Upstream()
        await up.start()
        options = {"userid": "77", "poll_s": "1"} | (options or {})
        facts = {"window": 4, "answer_timeout_s": 2.0, "access": "106558"} | settings
        channel = Channel(7, "up", Protocol.HTTP, "127.0.0.1", up.port, "acc", "abc123", options=options, **facts)
        events = recorded_events()
        events.silent, events.stores = silent or {}, stores
        events.link = link = HttpLink(channel, events, now_ms)
        await link.open()
        try:
            if is_up:
                await wait(lambda: link.is_up)
            yield Trial(up, link, events)
        finally:
            await link.close(0)
            await up.runner.cleanup()

    return run


def test_a_message_is_one_form_whole_and_named_by_us(upstream, wait):
    async def go():
        async with upstream() as t:
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert t.up.submissions == [
                {
                    "userid": "77",
                    "account": "acc",
                    "password": "E99A18C428CB38D5F260853678922E03",
                    "action": "send",
                    "mobile": "13800000001",
                    "content": "您好" * 100,
                    "extno": "12",
                    "clientref": "1001",
                }
            ]
            assert t.events.answers[0].carrier_id == "2611250000000001-8613800000001"

    asyncio.run(go())


def test_a_task_id_that_is_too_long_is_kept_nowhere(upstream, wait):
    """The message was taken, and is not sent again; nothing asks for a report under the name that stands in."""

    async def go():
        up = Upstream()
        up.answers = [sent(task="9" * 1_000_000)]
        async with upstream(up=up) as t:
            t.offer(1)
            await wait(lambda: t.events.answers)
            assert (t.events.answers[0].result, t.events.answers[0].carrier_id) == (Result.ACCEPTED, "unnamed-1-1")

            t.up.pulls.append(STATUS.format("9" * 65, 10, "DELIVRD").encode())
            await wait(lambda: t.link.counts.unreadable)
            assert t.events.receipts == []
        async with upstream(up=Upstream(), silent={"unnamed-1-1": 0}) as t:
            await asyncio.sleep(0.2)
            assert t.up.questions == []

    asyncio.run(go())


def test_a_message_is_not_forgotten_for_a_bug(upstream, wait, monkeypatch):
    read, bugs = aspx_codec.read_sent, [ZeroDivisionError()]

    def read_sent(octets):
        if bugs:
            raise bugs.pop()
        return read(octets)

    monkeypatch.setattr(aspx_codec, "read_sent", read_sent)

    async def go():
        async with upstream() as t:
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert (t.events.answers[0].result, len(t.up.submissions)) == (Result.ACCEPTED, 2)

    asyncio.run(go())


def test_octets_that_are_no_text_are_refused_and_never_sent(upstream, wait):
    async def go():
        async with upstream() as t:
            data = Binary(b"\x01\x06", b"\x06\x05\x04\x0b\x84\x23\xf0")
            t.link.offer([OutSegment(9, 1, 1, 8613800000009, "", "10655812", 1, ticket=1009, binary=data)])
            t.offer(1)
            await wait(lambda: len(t.events.answers) == 2)

            seen = {(a.segment.message_id, a.result, a.code) for a in t.events.answers}
            assert seen == {(9, Result.REFUSED, "NOBINARY"), (1, Result.ACCEPTED, "")}
            assert len(t.up.submissions) == t.link.counts.submits == 1

    asyncio.run(go())


def test_as_many_requests_at_once_as_window_and_connections_say(upstream, wait):
    async def go():
        async with upstream(window=3, connections=2) as t:
            t.up.gate.clear()
            t.offer(20)
            await wait(lambda: t.up.at_once == 6)
            await asyncio.sleep(0.05)
            t.up.gate.set()
            await wait(lambda: len(t.events.answers) == 20)

            assert t.up.most_at_once == 6

    asyncio.run(go())


@pytest.mark.parametrize(
    ("message", "code"),
    [("需要签名", "2113"), ("错误的手机号码", "1108"), ("包含非法字符：发票", "2107"), ("别的原因", "别的原因")],
)
def test_a_refusal_of_the_message_has_the_platforms_number(upstream, wait, message, code):
    async def go():
        async with upstream() as t:
            t.up.answers = [sent("Faild", message, "")]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert (t.events.answers[0].result, t.events.answers[0].code) == (Result.REFUSED, code)
            assert t.link.is_up

    asyncio.run(go())


@pytest.mark.parametrize("message", ["额度不足", "用户名或密码错误", "IP绑定错误", "对不起，您当前要发送的量大于您当前余额！"])
def test_what_would_meet_every_message_is_trouble_of_the_channel(upstream, wait, message):
    async def go():
        async with upstream() as t:
            t.up.answers = [sent("Faild", message, "")]
            t.up.balance = b"<returnsms><returnstatus>Faild</returnstatus><message>%b</message></returnsms>" % message.encode()
            t.offer(3)
            await wait(lambda: not t.link.is_up)
            assert message in t.link.trouble
            assert t.events.answers == []

            t.up.answers, t.up.balance = [sent()], Upstream().balance
            await wait(lambda: len(t.events.answers) == 3)
            assert set(t.events.results().values()) == {Result.ACCEPTED}
            assert t.link.trouble == ""

    asyncio.run(go())


def test_too_fast_is_tried_again_after_a_pause(upstream, wait):
    async def go():
        async with upstream() as t:
            t.up.answers = [sent("Faild", "操作过于频繁", ""), sent()]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert t.events.answers[0].result is Result.ACCEPTED
            assert t.link.counts.throttled == 1

    asyncio.run(go())


@pytest.mark.parametrize("answer", [429, 503, sent("Faild", "系统内部错误", "")], ids=["429", "503", "words"])
def test_a_platform_that_is_busy_has_taken_nothing_and_is_asked_again(upstream, wait, answer):
    async def go():
        async with upstream(on_doubt=OnDoubt.HOLD) as t:
            t.up.answers = [answer, sent()]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert t.events.answers[0].result is Result.ACCEPTED
            assert (t.link.counts.throttled, t.link.counts.unanswered) == (1, 0)

    asyncio.run(go())


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_platform_that_lets_nobody_in_is_trouble_of_the_channel(upstream, wait, status):
    async def go():
        async with upstream() as t:
            t.up.answers = [status]
            t.offer(3)
            await wait(lambda: not t.link.is_up)
            assert (t.link.trouble, t.events.answers) == (f"HTTP status {status}", [])

            t.up.answers = [sent()]
            await wait(lambda: len(t.events.answers) == 3)

    asyncio.run(go())


def test_one_number_that_is_always_too_fast_does_not_slow_the_others(upstream, wait):
    async def go():
        async with upstream() as t:
            t.up.by_mobile = {"13800000007": sent("Faild", "操作过于频繁", "")}
            t.offer(100)
            await wait(lambda: len(t.events.answers) == 99, 5.0)

            assert 7 not in t.events.results()
            assert t.link.counts.throttled <= 7

    asyncio.run(go())


def test_a_platform_that_breaks_the_connection_gets_three_copies_of_one_name(upstream, wait):
    async def go():
        async with upstream(answer_timeout_s=0.1) as t:
            t.up.answers = [None]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert t.events.answers[0].result is Result.UNANSWERED
            assert [form["clientref"] for form in t.up.submissions] == ["1001"] * 3

    asyncio.run(go())


def test_a_change_ends_the_pause_before_the_next_look(upstream, wait, monkeypatch):
    async def go():
        up = Upstream()
        good, up.balance = (
            up.balance,
            "<returnsms><returnstatus>Faild</returnstatus><message>密码错误</message></returnsms>".encode(),
        )
        monkeypatch.setattr("hongyan.carriers.http.link.PROBE_S", 60)
        async with upstream(is_up=False, up=up) as t:
            await wait(lambda: "密码错误" in t.link.trouble)
            up.balance = good
            t.link.retune(replace(t.link.channel, secret="another"))
            await wait(lambda: t.link.is_up, 1.0)

    asyncio.run(go())


@pytest.mark.parametrize("answer", [None, 500, b"<html>proxy</html>"], ids=["none", "status", "no answer of a platform"])
def test_a_request_without_an_answer_is_made_again_under_the_same_name(upstream, wait, answer):
    async def go():
        async with upstream(answer_timeout_s=1.0) as t:
            t.up.answers = [answer, sent()]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert t.events.answers[0].result is Result.ACCEPTED
            assert [form["clientref"] for form in t.up.submissions] == ["1001", "1001"]

    asyncio.run(go())


def test_where_the_channel_holds_it_is_not_made_again(upstream, wait):
    async def go():
        async with upstream(answer_timeout_s=0.2, on_doubt=OnDoubt.HOLD) as t:
            t.up.answers = [500]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert t.events.answers[0].result is Result.UNANSWERED
            assert len(t.up.submissions) == 1
            assert t.events.ups[:2] == [True, False], "what else waits is not put in doubt at once"

    asyncio.run(go())


def test_a_platform_that_is_away_loses_nothing(upstream, wait):
    async def go():
        async with upstream() as t:
            await t.up.runner.cleanup()
            t.offer(3)
            await wait(lambda: not t.link.is_up)
            assert "no connection" in t.link.trouble
            assert len(t.link.withdraw()) == 3
            t.offer(3)

            await t.up.start(t.up.port)
            await wait(lambda: len(t.events.answers) == 3)
            assert set(t.events.results().values()) == {Result.ACCEPTED}

    asyncio.run(go())


def test_a_login_that_is_refused_leaves_the_channel_down_and_says_why(upstream, wait):
    async def go():
        up = Upstream()
        up.balance = "<returnsms><returnstatus>Faild</returnstatus><message>用户名或密码错误</message></returnsms>".encode()
        async with upstream(is_up=False, up=up) as t:
            await wait(lambda: "用户名或密码错误" in t.link.trouble)
            assert not t.link.is_up

    asyncio.run(go())


REFUSED = b"<returnsms><returnstatus>Faild</returnstatus><message/></returnsms>"


@pytest.mark.parametrize("balance", [500, b"<html", b"", b"<a/>", REFUSED, b"\xff", None], ids=str)
def test_what_is_wrong_is_said_in_the_readers_language(upstream, wait, balance):
    async def go():
        up = Upstream()
        up.balance = balance
        async with upstream(is_up=False, up=up) as t:
            if balance is None:
                await t.up.runner.cleanup()
            await wait(lambda: t.link.trouble and "not asked yet" not in t.link.trouble)
            with using_language("zh"):
                assert not re.search(r"[a-z]{2}", re.sub(r"\w+\.aspx", "", translated(t.link.trouble)))

    asyncio.run(go())


def test_a_paused_channel_sends_nothing(upstream, wait):
    async def go():
        async with upstream(state=ChannelState.PAUSED) as t:
            t.offer(1)
            await asyncio.sleep(0.05)
            assert t.up.submissions == []
            t.link.retune(replace(t.link.channel, state=ChannelState.RUNNING))
            await wait(lambda: t.events.answers)

    asyncio.run(go())


# --- what comes back -------------------------------------------------------------------------------------------------------


STATUS = (
    "<returnsms><statusbox><mobile>13800000001</mobile><taskid>{0}</taskid><status>{1}</status>"
    "<receivetime>2026-11-21 09:31:00</receivetime><errorcode>{2}</errorcode><extno></extno></statusbox></returnsms>"
)


def test_what_was_pulled_is_kept_until_it_is_stored_and_only_then_more_is_asked_for(upstream, wait):
    async def go():
        async with upstream() as t:
            t.events.stores = False
            t.up.pulls = [STATUS.format(1, 10, "DELIVRD").encode(), STATUS.format(2, 20, "MK:0011").encode()]
            await wait(lambda: len(t.events.receipts) >= 3)
            assert {r.carrier_ids for r in t.events.receipts} == {("1-8613800000001",)}

            t.events.stores = True
            await wait(lambda: t.events.receipts[-1].carrier_ids == ("2-8613800000001",))
            assert (t.events.receipts[-1].state, t.events.receipts[-1].code) == (ReceiptState.FAILED, "MK:0011")

    asyncio.run(go())


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("UNKNOWN", ReceiptState.UNKNOWN),
        ("EXPIRED", ReceiptState.FAILED),
        ("2", ReceiptState.FAILED),
        ("7", ReceiptState.FAILED),
    ],
)
def test_a_verdict_without_a_receipt_stays_unknown_and_a_number_is_the_gateways_own_word(upstream, wait, code, state):
    async def go():
        async with upstream() as t:
            t.up.pulls = [STATUS.format(1, 20, code).encode()]
            await wait(lambda: t.events.receipts)
            assert (t.events.receipts[0].state, t.events.receipts[0].code) == (state, code)

    asyncio.run(go())


@pytest.mark.parametrize(
    "written",
    ["2026/11/1 9:05:07", "2026-11-01 09:05:07", "2026-11-1T9:05:07", "20261101090507", "2026-11-01T09:05:07+08:00"],
)
def test_a_time_is_read_with_or_without_zeros(written):
    status = Status("13800138000", "7", True, "DELIVRD", written)
    adapter = AspxClient(Channel(7, "up", Protocol.HTTP, "127.0.0.1", 1))

    assert adapter.receipt(status, 0).done_ms == 1_793_495_107_000


def test_a_pull_that_is_refused_is_reported(upstream, wait):
    async def go():
        async with upstream() as t:
            t.up.pulls = [
                "<returnsms><errorstatus><error>3</error><remark>该用户不允许查看状态报告</remark></errorstatus></returnsms>".encode()
            ]
            await wait(lambda: "该用户不允许查看状态报告" in t.link.trouble)
            assert t.link.is_up

    asyncio.run(go())


HOUR_MS = 3_600_000


def test_a_message_without_a_report_is_asked_for_once_by_its_task(upstream, wait, now_ms):
    async def go():
        up = Upstream()
        up.said_again = {"a1": STATUS.format("A1", 10, "DELIVRD").encode()}
        old, young = now_ms() - 2 * HOUR_MS, now_ms() - HOUR_MS // 2
        silent = {"a1-8613800000001": old, "b2-8613800000001": old, "c3-8613800000001": young}
        async with upstream(up=up, silent=silent) as t:
            await wait(lambda: len(t.up.questions) == 2)
            await asyncio.sleep(0.2)

            assert t.up.questions == [("a1", "1"), ("b2", "1")]
            assert [r.carrier_ids for r in t.events.receipts] == [("a1-8613800000001",)], "named as it was asked for"

    asyncio.run(go())


def test_a_question_without_an_answer_is_asked_again_and_what_came_is_kept_until_it_is_stored(upstream, wait, now_ms):
    async def go():
        up = Upstream()
        up.said_again = {"1": 500}
        async with upstream(up=up, silent={"1-8613800000001": now_ms() - 2 * HOUR_MS}, stores=False) as t:
            await wait(lambda: len(t.up.questions) == 2)
            t.up.said_again = {"1": STATUS.format(1, 10, "DELIVRD").encode()}
            await wait(lambda: len(t.events.receipts) >= 2)
            t.events.stores, seen = True, len(t.events.receipts)
            await wait(lambda: len(t.events.receipts) == seen + 1)
            asked = len(t.up.questions)
            await asyncio.sleep(0.2)

            assert len(t.up.questions) == asked

    asyncio.run(go())


def captured(monkeypatch, module):
    """What a module logs from now on."""
    capture = structlog.testing.LogCapture()
    monkeypatch.setattr(module, "log", structlog.wrap_logger(None, [capture], structlog.make_filtering_bound_logger(0)))
    return capture.entries


@pytest.fixture
def given_up(monkeypatch):
    """Returns the log lines about reports that are no longer asked for."""
    return captured(monkeypatch, reconcile)


@pytest.mark.parametrize("answer", [None, 500], ids=["none", "status"])
def test_a_message_that_is_never_answered_holds_up_no_other_and_is_given_up(
    upstream, wait, now_ms, monkeypatch, given_up, answer
):
    monkeypatch.setattr("hongyan.carriers.http.reconcile.WITHIN_S", 1.5)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.SILENCES_MOST", 3)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.FIRST_PAUSE_S", 1.0)  # the others are asked before it is over
    monkeypatch.setattr("hongyan.carriers.http.unanswered.MOST_PAUSE_S", 1.0)

    async def go():
        up, old = Upstream(), now_ms() - 2 * HOUR_MS
        up.said_again = {task: STATUS.format(task, 10, "DELIVRD").encode() for task in ("2", "3")} | {"1": answer}
        async with upstream(up=up, silent={f"{n}-8613800000001": old for n in (1, 2, 3)}) as t:
            await wait(lambda: given_up)
            await asyncio.sleep(0.2)

            assert {r.carrier_ids for r in t.events.receipts} == {("2-8613800000001",), ("3-8613800000001",)}
            assert t.up.questions[:2] == [("1", "1"), ("2", "1")], "the next one was not kept waiting"
            assert t.up.questions.count(("1", "1")) == 3
            (line,) = given_up
            assert (line["event"], line["channel"], line["task"]) == ("report_given_up", "up", "1")
            assert "13800000001" not in str(line)

    asyncio.run(go())


def test_when_too_many_wait_the_next_is_asked_once_one_has_left(upstream, wait, now_ms, monkeypatch, given_up):
    monkeypatch.setattr("hongyan.carriers.http.unanswered.SILENCES_MOST", 2)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.WAITING_MOST", 1)

    async def go():
        up, old = Upstream(), now_ms() - 2 * HOUR_MS
        up.said_again = {"1": 500, "2": 500, "3": STATUS.format(3, 10, "DELIVRD").encode()}
        async with upstream(up=up, silent={f"{n}-8613800000001": old for n in (1, 2, 3)}) as t:
            await wait(lambda: t.events.receipts)

            assert [task for task, _ in t.up.questions] == ["1", "1", "2", "2", "3"]
            assert [line["task"] for line in given_up] == ["1", "2"]

    asyncio.run(go())


def test_where_the_channel_says_never_nothing_is_asked_for(upstream, now_ms):
    async def go():
        async with upstream(options={"ask_after_s": "0"}, silent={"1-8613800000001": now_ms() - 2 * HOUR_MS}) as t:
            await asyncio.sleep(0.2)
            assert t.up.questions == []

    asyncio.run(go())


async def post(port, path, body):
    async with aiohttp.ClientSession() as session, session.post(f"http://127.0.0.1:{port}{path}", data=body) as answer:
        return answer.status, await answer.text()


def test_a_push_that_is_not_stored_in_time_is_to_be_repeated(upstream, wait, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.http.push.ANSWER_S", 0.05)

    async def go():
        port = free_port()
        async with upstream(options={"listen_port": str(port), "listen_host": "127.0.0.1"}) as t:
            await wait(lambda: t.link.receiver.port)
            t.events.stores = None
            assert await post(port, "/", STATUS.format(1, 10, "DELIVRD")) == (200, "error")
            assert len(t.events.confirms) == 1  # the worker has it, and goes on asking its store

    asyncio.run(go())


@pytest.mark.parametrize("comes", ["pushed", "pulled"])
def test_however_many_items_come_at_once_others_have_their_turn(upstream, wait, monkeypatch, comes):
    """They are passed on piece by piece, and a long post is read in a thread."""
    boxes = b"".join(STATUS.format(n, 10, "DELIVRD").encode()[11:-12] for n in range(2_000))
    body, threads = b"<returnsms>" + boxes + b"</returnsms>", []
    monkeypatch.setattr("hongyan.xml.etree.fromstring", _noted(etree.fromstring, threads))

    async def go():
        port = free_port()
        listening = {"listen_port": str(port), "listen_host": "127.0.0.1"}
        async with upstream(options=listening if comes == "pushed" else {}) as t:
            await wait(lambda: t.link.receiver.port or comes == "pulled")
            sizes, received = [], t.events.received
            t.events.received = lambda receipts, confirm: sizes.append(len(receipts)) or received(receipts, confirm)
            if comes == "pushed":
                assert await post(port, "/", body) == (200, "1")
            else:
                t.up.pulls.append(body)
            await wait(lambda: len(t.events.receipts) == 2_000, 15.0)
            assert max(sizes) <= 500

    asyncio.run(go())
    assert [len(octets) for octets, thread in threads if thread is threading.main_thread() and len(octets) > 100_000] == []
    assert [thread for octets, thread in threads if octets == body]


def _noted(call, calls):
    def noted(octets, *more):
        calls.append((octets, threading.current_thread()))
        return call(octets, *more)

    return noted


@pytest.mark.parametrize(
    ("body", "taken", "again"),
    [
        (STATUS.format(1, 10, "DELIVRD"), "1", "error"),
        ('{"smsResult":[{"smsId":"AB","phone":"13800000001","status":"0"}]}', '{"respCode":"00000"}', '{"respCode":"00001"}'),
    ],
    ids=["xml", "json"],
)
def test_a_push_is_answered_after_the_commit(upstream, wait, body, taken, again):
    async def go():
        port = free_port()
        async with upstream(options={"listen_port": str(port), "listen_host": "127.0.0.1", "listen_path": "/in"}) as t:
            await wait(lambda: t.link.receiver.port)
            t.events.stores = False
            assert await post(port, "/in", body) == (200, again)
            t.events.stores = True
            assert await post(port, "/in", body) == (200, taken)
            assert (await post(port, "/in", "<html/>"))[0] == 400
            assert "could not be read" in t.link.trouble
            assert (await post(port, "/elsewhere", body))[0] == 403
            assert "127.0.0.1 was refused: it is no post, or its path is another" in t.link.trouble
            assert (await post(port, "/in", io.BytesIO(bytes((4 << 20) + 1))))[0] == 413

    asyncio.run(go())


def test_a_push_from_an_address_that_is_not_listed_is_cut_off_and_reported(upstream, wait, monkeypatch):
    async def go():
        port = free_port()
        logged = captured(monkeypatch, httppush)
        options = {"listen_port": str(port), "listen_host": "127.0.0.1", "allow_ip": "192.0.2.0/24"}
        async with upstream(options=options) as t:
            await wait(lambda: t.link.receiver.port)
            for _ in range(100):
                with pytest.raises(aiohttp.ClientError):
                    await post(port, "/", STATUS)
            assert (t.events.receipts, t.link.receiver._listener.connections) == ([], 0)
            assert t.link.trouble == "a connection from 127.0.0.1 was refused: its address is not in allow_ip"
            assert {line["limit_by"] for line in logged if line["event"] == "carrier_post_refused"} == {("channel",)}

    asyncio.run(go())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", "<html/>"),
        ("/", "<returnsms>"),
        ("/", ""),
        ("/", "<!DOCTYPE a [<!ENTITY b 'c'>]><returnsms/>"),
        ("/", "{"),
        ("/", "[1]"),
        ("/", '{"smsResult": 1}'),
        ("/", '{"smsResult": [1]}'),
        ("/elsewhere", "<returnsms/>"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_push_is_said_in_the_readers_language(upstream, wait, path, body):
    async def go():
        port = free_port()
        async with upstream(options={"listen_port": str(port), "listen_host": "127.0.0.1"}) as t:
            await wait(lambda: t.link.receiver.port)
            assert (await post(port, path, body))[0] in {400, 403}
            assert "127.0.0.1" in t.link.trouble
            with using_language("zh"):
                said = translated(t.link.trouble)
            assert not re.search(r"[a-z]{2}", re.sub("html|smsResult", "", said)), said

    asyncio.run(go())


@pytest.mark.parametrize("options", [{"scheme": "ftp"}, {"path": "x"}, {"secret_form": "sha"}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        AspxClient(Channel(7, "up", Protocol.HTTP, options=options))


@pytest.mark.parametrize(("seen", "dest"), [("12", "10655812"), ("10655812", "10655812"), ("", "106558")])
def test_a_reply_names_the_extension_or_the_whole_number(seen, dest, now_ms):
    words = AspxClient(Channel(7, "up", Protocol.HTTP, access="106558"))
    said = Reply("13800000001", "9", "好", "2026/11/21 09:31:00", seen)

    first, again = words.reply(said, now_ms()), words.reply(said, now_ms())

    assert (first.dest, first.phone, first.body) == (dest, 8613800000001, "好".encode("utf-16-be"))
    assert first.carrier_id == again.carrier_id != words.reply(replace(said, text="不"), now_ms()).carrier_id
