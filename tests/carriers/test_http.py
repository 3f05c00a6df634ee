"""A channel of kind http at a platform that a test plays: what becomes of messages when it answers badly, late or not at all."""

import asyncio
import re
from dataclasses import replace

import pytest
from tests.carriers.upstream import STATUS, Upstream, sent

from hongyan.adapters.aspx.client import AspxClient
from hongyan.http.url import read_url
from hongyan.i18n import translated, using_language
from hongyan.model.binary import Binary
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import SegmentResult as Result
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment
from hongyan.wire.aspx import codec as aspx_codec
from hongyan.wire.aspx.pdu import Reply, Status


@pytest.mark.parametrize(
    ("host", "url"), [("::1", "http://[::1]:8080/sms.aspx"), ("a.example", "http://a.example:8080/sms.aspx")]
)
def test_a_platform_may_have_an_address_of_ipv6(host, url):
    assert AspxClient(Channel(7, "up", Protocol.HTTP, host, 8080)).url("sms.aspx") == url
    assert read_url(url).origin == (False, host, 8080)


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


def test_a_success_without_a_task_was_taken(upstream, wait):
    async def go():
        async with upstream() as t:
            t.up.answers = [sent(task="")]
            t.offer(1)
            await wait(lambda: t.events.answers)

            assert (t.events.answers[0].result, t.events.answers[0].carrier_id) == (Result.ACCEPTED, "unnamed-1-1")

    asyncio.run(go())


@pytest.mark.parametrize(("mobile", "task"), [("13800000001", ""), ("", "7")])
def test_a_report_that_names_no_message_is_none(mobile, task, now_ms):
    channel = Channel(7, "up", Protocol.HTTP, "127.0.0.1", 8080)

    assert AspxClient(channel).receipt(Status(mobile, task, True, "", ""), now_ms()) is None
