"""What a case asks and expects, and what a verdict says, against servers with prepared answers."""

import asyncio
from dataclasses import replace

import pytest
import uvloop

from hongyan.conformance import run as run_module
from hongyan.conformance.answers import sent
from hongyan.conformance.case import JSON, Case, Push, RunContext, expectation
from hongyan.conformance.catalog import CASES
from hongyan.conformance.http_client import Unreachable, ask
from hongyan.conformance.push_listener import PushListener
from hongyan.conformance.requests import get, parts, post, raw, split
from hongyan.conformance.run import Outcome, run


def context(**extras):
    return RunContext("演示", "abc&123", "12", "13800138000", "13900139000", extras)


FIELDS = {"account": "$account", "password": "$secret", "mobile": "$mobile"}


def test_parameters_are_written_as_clients_write_them():
    assert post("/x", FIELDS)(context()).body == b"account=%E6%BC%94%E7%A4%BA&password=abc%26123&mobile=13800138000"
    assert post("/x", {"account": "$account"}, "gbk")(context()).body == b"account=%D1%DD%CA%BE"
    assert get("/x", {"a": "$mobile2"})(context()).path == "/x?a=13900139000"
    assert get("/x", {})(context()).body is None
    assert raw("/x", "&a=$account")(context()).body == "&a=演示".encode()
    both = split("/x", {"a": "1"}, {"b": "2"})(context())
    assert (both.path, both.body) == ("/x?a=1", b"b=2")
    assert b'name="mobile"\r\n\r\n13800138000\r\n' in parts("/x", FIELDS)(context()).body


def test_an_expectation_holds_every_octet_but_what_differs():
    case = Case("c", "x", get("/", {}), sent(count="2"))
    body = (
        '<?xml version="1.0" encoding="utf-8" ?>\r\n<returnsms>\r\n<returnstatus>Success</returnstatus>\r\n<message>操作成功</message>'
        "\r\n<remainpoint>-4</remainpoint>\r\n<taskID>1504080852350206</taskID>\r\n<successCounts>2</successCounts>\r\n"
        "</returnsms>\r\n"
    )

    assert expectation(case.answer, context()).fullmatch(body)["task"] == "1504080852350206"
    for at, char in enumerate(body):
        if not char.isdecimal() and char != "-":
            assert not expectation(case.answer, context()).fullmatch(body[:at] + "¿" + body[at + 1 :])


@pytest.mark.parametrize("dialect", CASES)
def test_every_case_cites_its_clause_and_claims_something_of_its_own(dialect):
    lines = [(case.clause, case.claim) for case in CASES[dialect]]

    assert all(clause and claim for clause, claim in lines)
    assert len(set(lines)) == len(lines)


def verdicts_of(cases, octets, extras=None):
    """The verdicts against a server that answers these octets, one after the other."""
    answers = iter(octets)

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(answers))
        writer.close()

    async def go():
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            return [verdict async for verdict in run(url, cases, context(**extras or {}))]

    return uvloop.run(go())


def octets(body=b"{}", status=b"200 OK", media=b"application/json; charset=utf-8", length=True):
    seen = b"Content-Length: %d\r\n" % len(body) if length else b""
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\n%b\r\n%b" % (status, media, seen, body)


PLAIN = Case("c", "x", get("/", {}), "{}", JSON)


def test_the_right_answer_passes():
    assert [v.outcome for v in verdicts_of([PLAIN], [octets()])] == [Outcome.PASSED]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (octets(b"{ }"), "the body differs"),
        (octets(b"\xef\xbb\xbf{}"), "the body differs"),
        (octets(b"{\xff}"), "the body differs"),
        (octets(status=b"500 Oops"), "status 500, not 200"),
        (octets(media=b"text/html"), "Content-Type 'text/html', not 'application/json; charset=utf-8'"),
        (octets(length=False), "no Content-Length: clients of HTTP/1.0 read nothing else"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_expected_and_seen(answer, why):
    [verdict] = verdicts_of([PLAIN], [answer])

    assert (verdict.outcome, verdict.why, verdict.expected) == (Outcome.FAILED, why, "{}")


def test_what_an_answer_reported_is_used_by_the_next_case():
    first = Case("c", "1", get("/", {}), '{"task":"@task@"}', JSON)
    second = Case("c", "2", get("/", {}), '["$task"]', JSON)

    [_, verdict] = verdicts_of([first, second], [octets(b'{"task":"1234567890123456"}'), octets(b'["1234567890123456"]')])

    assert verdict.outcome is Outcome.PASSED


def test_a_case_is_asked_again_until_its_answer_fits():
    patient = Case("c", "x", get("/", {}), "{}", JSON, within_s=30)

    assert verdicts_of([patient], [octets(b"[]"), octets(b"[]"), octets()])[0].outcome is Outcome.PASSED


def test_a_case_that_lacks_what_it_needs_is_left_out():
    needy = Case("c", "x", get("/", {"a": "$stopped"}), "{}", JSON, needs=("stopped",))

    assert [(v.outcome, v.why) for v in verdicts_of([needy], [])] == [(Outcome.SKIPPED, "needs stopped")]
    assert verdicts_of([needy], [octets()], {"stopped": "x"})[0].outcome is Outcome.PASSED


PUSHED = Case("c", "x", get("/", {}), "{}", JSON, push=Push(('{"n":@count@}', "[]"), JSON))


def posts(body, media=b"application/json; charset=utf-8"):
    return b"POST / HTTP/1.1\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (media, len(body), body)


def verdict_of_push(case, octets, monkeypatch, patience=1.0):
    """The verdict at a server that posts these octets, each on a connection of its own, and what it was answered."""
    monkeypatch.setattr(run_module, "PATIENCE", patience)

    async def go():
        push_listener = PushListener()
        await push_listener.listen()
        answers = []

        async def answer(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            for one in octets:
                back, forth = await asyncio.open_connection("127.0.0.1", push_listener.port)
                forth.write(one)
                forth.write_eof()
                answers.append((await back.read()).partition(b"\r\n\r\n")[2])
                forth.close()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}")
            writer.close()

        try:
            async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
                url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
                return [verdict async for verdict in run(url, [case], context(), push_listener)], answers
        finally:
            push_listener.close()

    [verdict], answers = uvloop.run(go())
    return verdict, answers


def test_what_is_posted_is_taken_in_any_order(monkeypatch):
    verdict, answers = verdict_of_push(PUSHED, [posts(b"[]"), posts(b'{"n":1}')], monkeypatch)

    assert verdict.outcome is Outcome.PASSED
    assert answers == [b'{"respCode":"00000"}'] * 2


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ([posts(b"[]")], "1 posts did not come"),
        ([posts(b"[]"), posts(b"[]")], "the posted body differs"),
        ([posts(b"[]"), posts(b'{"n":1}', b"text/xml")], "posted as 'text/xml', not 'application/json; charset=utf-8'"),
        (
            [b"", b"GET / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", posts(b"[]")],
            "1 posts did not come",
        ),
    ],
)
def test_what_is_not_posted_or_posted_otherwise_is_found(monkeypatch, octets, why):
    verdict, _ = verdict_of_push(PUSHED, octets, monkeypatch, patience=0.005)

    assert (verdict.outcome, verdict.why) == (Outcome.FAILED, why)


def test_a_push_that_was_refused_must_come_again(monkeypatch):
    refused = replace(PUSHED, push=Push(("[]",), JSON, is_refused=True))
    verdict, answers = verdict_of_push(refused, [posts(b"[]"), posts(b"[]")], monkeypatch)

    assert verdict.outcome is Outcome.PASSED
    assert answers == [b"error", b'{"respCode":"00000"}']


def test_pushes_are_left_out_where_nobody_listens():
    assert [(v.outcome, v.why) for v in verdicts_of([PUSHED], [])] == [(Outcome.SKIPPED, "needs --callback-port")]


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
def test_what_is_no_http_is_said_to_be_unreachable(answer):
    with pytest.raises(Unreachable):
        verdicts_of([PLAIN], [answer])


def test_nobody_there_is_said_too():
    with pytest.raises(Unreachable):
        uvloop.run(ask("http://127.0.0.1:9", get("/", {})(context()), 5))
