"""`hongyan channel test`: a real login at a simulated carrier, one text, and what came back."""

import asyncio
import re
import threading
from contextlib import contextmanager

import pytest

from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script


@contextmanager
def carrier(protocol="smpp", script="", **options):
    """A carrier on a loop of its own: the command runs in this thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def within(step):
        return asyncio.run_coroutine_threadsafe(step, loop).result(20)

    sim = CarrierSim(protocol, script=read_script(script), **options)
    within(sim.start())
    try:
        yield sim
    finally:
        within(sim.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def at(hongyan):
    """`at(sim)`: a channel that leads there, and the command."""

    def at(sim, protocol="smpp", *words):
        seen = (
            "--protocol",
            protocol,
            "--host",
            "127.0.0.1",
            "--port",
            str(sim.port),
            "--user",
            "901234",
            "--secret-file",
            "-",
        )
        assert hongyan("channel", "add", "up9", *seen, *words, stdin="p").code == 0
        return hongyan

    return at


@pytest.mark.parametrize("protocol", ["smpp", "cmpp2"])
def test_a_login_is_tried_and_reported_pdu_by_pdu(at, protocol):
    with carrier(protocol) as sim:
        done = at(sim, protocol)("channel", "test", "up9", "--json")

    assert (done.code, done.json["login"], done.json["is_good"]) == (0, "ok", True)
    assert [pdu["way"] for pdu in done.json["pdus"][:2]] == ["out", "in"]
    assert sim.counts.submits == 0


def test_a_channel_without_a_listener_is_reported_that_no_report_can_come(at):
    with carrier("sgip") as sim:
        hongyan = at(sim, "sgip", "--node", "3010012345")
        done = hongyan("channel", "test", "up9", "--to", "13800138000", "--json")

    assert (done.code, done.json["answer"]["result"], done.json["is_deaf"], done.json["report"]) == (0, "accepted", True, {})
    assert "hongyan channel set up9 --listen-port" in done.err


def test_one_text_brings_an_answer_and_a_report_and_leaves_nothing_behind(at):
    with carrier(report_delay_s=0.1) as sim:
        hongyan = at(sim)
        done = hongyan("channel", "test", "up9", "--to", "13800138000", "--json")

    seen = done.json
    assert (done.code, seen["answer"]["result"], seen["report"]["code"]) == (0, "accepted", "DELIVRD")
    assert [submit.numbers for submit in sim.submits] == [("8613800138000",)]
    assert sim.counts.taken == 1
    assert "13800138000" not in str(seen["pdus"])
    assert hongyan("task", "list", "--json").json["tasks"] == []


def test_a_refusal_is_explained_and_ends_with_6(at):
    with carrier(script='[[rule]]\ndo = "refuse"\ncode = 11') as sim:
        done = at(sim)("channel", "test", "up9", "--to", "13800138000", "--json")

    assert (done.code, done.json["answer"]["code"], done.json["answer"]["meaning"]) == (6, "0x0B", "destination address")


def test_a_login_that_is_refused_says_so(at):
    with carrier(user="901234", secret="another") as sim:
        done = at(sim)("channel", "test", "up9")

    assert done.code == 6
    assert "BIND_TRANSCEIVER" in done.out
    assert "login" in done.out


@pytest.mark.parametrize(
    ("secret", "code", "login"), [("p", 0, "登录 *完成 "), ("another", 6, "登录 *登录被拒绝，状态 0x0E（密钥错误） ")]
)
def test_the_login_is_told_in_chinese(at, monkeypatch, secret, code, login):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with carrier(user="901234", secret=secret) as sim:
        done = at(sim)("channel", "test", "up9")

    assert done.code == code
    assert re.search(rf"{login}\(\d+ ms\)", done.out), done.out


def test_pdus_of_a_server_that_does_not_run_are_not_shown(stocked):
    assert stocked("channel", "pdus", "up1", "--ops-port", "1").code == 7
    assert stocked("channel", "test", "nobody").code == 3
    assert stocked("channel", "test", "up1", "--to", "12").code == 2
