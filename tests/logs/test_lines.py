import io
import json
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hongyan.logs.lines import set_up_logs
from hongyan.logs.masking import mask_phone
from hongyan.settings.sections.log import LogFormat, LogLevel


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_no_test_has_the_log_that_another_one_set_up(turn, stream):
    assert not structlog.is_configured()

    set_up_logs(LogLevel.ERROR, LogFormat.JSON, stream)


def lines(stream: io.StringIO) -> list[dict]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_off_a_terminal_each_event_is_a_line_of_json(stream):
    set_up_logs(LogLevel.INFO, LogFormat.AUTO, stream)

    structlog.get_logger().info("task_accepted", account="acme", task_id=2611210000000001, duration_ms=1.5)

    (line,) = lines(stream)
    assert list(line)[:3] == ["ts", "level", "event"]
    assert line["ts"].endswith("Z")
    assert len(line["ts"]) == len("2026-11-21T10:00:00.000Z")
    assert (line["level"], line["event"], line["task_id"]) == ("info", "task_accepted", 2611210000000001)


def test_text_is_for_people(stream):
    set_up_logs(LogLevel.INFO, LogFormat.TEXT, stream)

    structlog.get_logger().warning("channel_down", channel="up1")

    assert "channel_down" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_what_is_below_the_level_is_not_said(stream):
    set_up_logs(LogLevel.WARNING, LogFormat.JSON, stream)

    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").info("quiet too")

    assert stream.getvalue() == ""


def test_nothing_fails_for_a_log_that_cannot_be_written(monkeypatch):
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    log = structlog.get_logger()

    with Path("/dev/full").open("w", encoding="utf-8", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        log.info("first")
        log.info("second")
        monkeypatch.setattr(sys, "stderr", written := io.StringIO())
        log.info("third")
        log.info("fourth")
        with suppress(OSError):
            full.close()

    third, fourth = lines(written)
    assert (third["event"], third["lines_lost"]) == ("third", 2)
    assert "lines_lost" not in fourth


def test_nor_waits_for_one_whose_reader_stands_still(monkeypatch):
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    log = structlog.get_logger()
    reader, writer = os.pipe()

    with os.fdopen(reader) as read, os.fdopen(writer, "w", encoding="utf-8", buffering=1) as pipe:
        monkeypatch.setattr(sys, "stderr", pipe)
        for _ in range(1_000):  # more than a pipe holds
            log.info("on_and_on", detail="x" * 100)
        os.set_blocking(reader, False)
        written = [orjson.loads(line) for line in read.read().splitlines()]
        log.info("at_last")
        last = orjson.loads(read.read())

    assert {line["event"] for line in written} == {"on_and_on"}
    assert (last["event"], last["lines_lost"]) == ("at_last", 1_000 - len(written))


def test_nor_for_one_whose_reader_is_gone(monkeypatch):
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    reader, writer = os.pipe()
    os.close(reader)

    pipe = os.fdopen(writer, "w", encoding="utf-8", buffering=1)
    monkeypatch.setattr(sys, "stderr", pipe)
    for _ in range(1_000):  # more than its buffer holds
        structlog.get_logger().info("on_and_on", detail="x" * 100)

    with suppress(BrokenPipeError):  # of what is still in its buffer
        pipe.close()


@pytest.mark.parametrize(
    ("phone", "shown"),
    [(8613800138000, "138****8000"), ("13800138000", "138****8000"), ("+85291234567", "+85****4567"), (5, "****")],
)
def test_phones_are_masked(phone, shown):
    assert mask_phone(phone) == shown


def test_phones_are_masked_wherever_they_stand(stream):
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    structlog.get_logger().info(
        "bad_number",
        phone=8613800138000,
        numbers=["13800138001"],
        detail="sent to 8613800138002, then",
        deep={"to": "13800138003"},
    )

    (line,) = lines(stream)
    assert line["phone"] == "138****8000"
    assert line["numbers"] == ["138****8001"]
    assert line["detail"] == "sent to 138****8002, then"
    assert line["deep"] == {"to": "138****8003"}


def test_ids_are_not_taken_for_phones(stream):
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    structlog.get_logger().info(
        "sent", msg_id=1234567890123456789, carrier_msg_id="13800138000", detail="task 2611210000000001"
    )

    (line,) = lines(stream)
    assert (line["msg_id"], line["carrier_msg_id"]) == (1234567890123456789, "13800138000")
    assert line["detail"] == "task 2611210000000001"


@pytest.mark.parametrize("key", ["content", "text", "password", "secret", "cookie", "text64", "url"])
def test_content_and_secrets_do_not_pass(stream, key):
    set_up_logs(LogLevel.DEBUG, LogFormat.JSON, stream)

    structlog.get_logger().error("oops", **{key: "hushhush"}, detail="at postgresql://me:hushhush@host/db")

    assert "hushhush" not in stream.getvalue()


@given(secret=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=8, max_size=20))
def test_a_login_in_an_address_is_never_shown(secret):
    out = io.StringIO()
    set_up_logs(LogLevel.INFO, LogFormat.JSON, out)

    structlog.get_logger().info("library", detail=f"cannot reach amqp://user:{secret}@host/x")

    assert f":{secret}@" not in out.getvalue()


def test_half_a_character_costs_no_line(stream):
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    structlog.get_logger().info("request_refused", account="a\ud800", code=1004)

    assert json.loads(stream.getvalue())["account"] == "a\ud800"


def test_an_exception_is_its_kind_its_words_and_our_lines(stream):
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    try:
        mask_phone(Unspeakable())
    except ValueError:
        structlog.get_logger().exception("unexpected_error")

    (line,) = lines(stream)
    assert (line["level"], line["error"], line["detail"]) == ("error", "ValueError", "no words for 138****8000")
    assert line["at"].startswith("logs/masking.py:")
    assert line["at"].endswith(" mask_phone")
    assert "Traceback" not in stream.getvalue()


class Unspeakable:
    def __str__(self) -> str:
        raise ValueError("no words for 13800138000")


def test_what_libraries_log_goes_the_same_way(stream):
    set_up_logs(LogLevel.INFO, LogFormat.JSON, stream)

    logging.getLogger("alembic").warning("to %s", "13800138000")

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["library"], line["detail"]) == (
        "library_said",
        "warning",
        "alembic",
        "to 138****8000",
    )
