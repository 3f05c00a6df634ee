"""What outsiders can cause is logged so many times a minute; one line says what was left out, by cause. Nothing else is touched."""

import asyncio
import io
from dataclasses import replace

import aiohttp
import orjson
import pytest
import structlog
from bench.tools import free_port
from tests.carriers.conftest import until
from tests.carriers.test_mm7 import REPORT, on_trial
from tests.carriers.test_mm7 import posted as post_report
from tests.carriers.upstream import STATUS
from tests.carriers.upstream import post as post_status
from tests.doors.platform import ACCOUNTS, Platform, asking, form, login, snapshot_of

from hongyan.carriers.http.push import Receiver, read_push_endpoint
from hongyan.logs import limit as limit_module
from hongyan.logs.limit import KINDS_MOST, LINES_MOST, WINDOW_S, LogLimit
from hongyan.logs.lines import set_up_logs
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.settings.sections.log import LogFormat, LogLevel

FLOOD = LINES_MOST + 40


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seen(monkeypatch):
    heard = []
    monkeypatch.setattr(limit_module, "_report", lambda kind, count: heard.append((dict(kind), count)))
    return heard


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limit(clock):
    made = LogLimit(clock)
    yield made
    if made._timer is not None:
        made._timer.cancel()


def passed(limit, count, **event):
    """How many of so many lines pass."""
    lines = 0
    for _ in range(count):
        try:
            left = limit(None, "info", {"event": "request_refused", "limit_by": ("cause",)} | event)
        except structlog.DropEvent:
            continue
        assert "limit_by" not in left
        lines += 1
    return lines


def test_a_kind_has_its_lines_and_the_rest_is_counted(limit, clock, seen):
    assert passed(limit, 1_000, cause="SECRET_WRONG") == LINES_MOST
    assert passed(limit, 10, cause="PARAMETER_BAD") == 10
    assert passed(limit, 10, cause="SECRET_WRONG", event="another") == 10
    limit.settle()
    assert not seen

    clock.now += WINDOW_S
    limit.settle()

    assert seen == [({"event": "request_refused", "cause": "SECRET_WRONG"}, 1_000 - LINES_MOST)]
    assert passed(limit, 1_000, cause="SECRET_WRONG") == LINES_MOST


def test_a_kind_that_keeps_to_its_lines_begins_anew_each_minute(limit, clock, seen):
    for _ in range(3):
        assert passed(limit, LINES_MOST, cause="x") == LINES_MOST
        clock.now += WINDOW_S
    limit.settle()

    assert not seen


def test_lines_that_name_no_limit_always_pass(limit):
    assert passed(limit, 1_000, limit_by=None) == 1_000


def test_invented_kinds_are_bounded_and_share_what_is_left(limit, clock):
    assert sum(passed(limit, 1, cause=number) for number in range(10_000)) == KINDS_MOST + LINES_MOST
    assert len(limit._windows) <= KINDS_MOST + 1

    clock.now += WINDOW_S
    assert passed(limit, 1, cause="new") == 1


def test_at_the_end_everything_is_reported(limit, seen):
    passed(limit, FLOOD, cause="x")
    limit.settle(is_end=True)

    assert seen == [({"event": "request_refused", "cause": "x"}, 40)]


# --- the whole way -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(monkeypatch):
    """What stands in the log, and what was left out of it, once it is asked for."""
    made, out = [], io.StringIO()
    monkeypatch.setattr("hongyan.logs.lines.LogLimit", lambda: made.append(LogLimit()) or made[0])
    set_up_logs(LogLevel.INFO, LogFormat.JSON, out)

    def lines():
        made[0].settle(is_end=True)
        return [orjson.loads(line) for line in out.getvalue().splitlines()]

    return lines


def count_of(lines, event):
    return sum(line["event"] == event for line in lines)


def test_a_flood_of_wrong_secrets_takes_few_lines_and_hides_no_customers_own(log):
    platform = Platform()
    wrong = form("/sms.aspx", **login(action="overage", password="old"))
    own = form("/sms.aspx", **login(action="fly", account="中文", password="口令"))
    asking(platform, *[wrong] * FLOOD, own)

    lines = log()
    assert count_of(lines, "request_refused") == LINES_MOST + 1
    (own_line,) = [line for line in lines if line.get("cause") == "PARAMETER_BAD"]
    assert own_line["account"] == "中文"
    (left_out,) = [line for line in lines if line["event"] == "lines_left_out"]
    assert (left_out["of"], left_out["cause"], left_out["count"]) == ("request_refused", "SECRET_WRONG", 40)


def test_one_customers_flood_hides_no_others_lines(log):
    snapshot = snapshot_of(ACCOUNTS[0], replace(ACCOUNTS[0], id=99, name="other"))
    first, second = (form("/sms.aspx", **login(action="fly", account=name)) for name in ("demo", "other"))
    asking(Platform(snapshot), *[first] * FLOOD, second)

    assert [line["account"] for line in log() if line["event"] == "request_refused"][-1] == "other"


def test_strangers_at_an_mm7_listener_take_few_lines(log):
    async def main():
        async with on_trial(options={"allow_ip": "10.0.0.0/8"}) as (_, link, _):
            for _ in range(FLOOD):
                with pytest.raises(aiohttp.ClientError):
                    await post_report(link.listens_on, REPORT)

    asyncio.run(main())

    assert count_of(log(), "carrier_stranger") == LINES_MOST
    assert count_of(log(), "lines_left_out") == 1


def test_strangers_at_an_http_listener_take_few_lines_whatever_they_send(log):
    async def main():
        options = {"listen_port": str(free_port()), "listen_host": "127.0.0.1", "allow_ip": "127.0.0.1"}
        receiver = Receiver("up", None)
        await receiver.listen(read_push_endpoint(Channel(7, "up", Protocol.HTTP, "127.0.0.1", 1, "", "", options=options)))
        await until(lambda: receiver.port)
        for number in range(FLOOD):
            await post_status(receiver.port, "/elsewhere", STATUS)
            await post_status(receiver.port, "/", b"%d" % number)
            _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            writer.write(b"no HTTP %d\r\n\r\n" % number)
            writer.close()
        await receiver.close()

    asyncio.run(main())

    assert len(log()) <= 2 * LINES_MOST + 2
    assert count_of(log(), "lines_left_out") >= 1
