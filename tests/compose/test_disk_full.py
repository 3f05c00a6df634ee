"""A full disk: customers read that something broke here, nothing is half stored, and it works again by itself."""

import asyncio
import os
import re
import resource
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.command_store import command_store, message_states

import hongyan
from hongyan.model.message import MessageState
from hongyan.ports.lane import Step
from hongyan.services.admin import billing

BROKEN = "系统内部错误"
PATIENCE_S = 60.0
MOST_TRIES = 400
LONG = "文" * 600
SECRET, POINTS = "abc123", 100_000


def aftermath(settings):
    """Messages by state, points left, wallets that differ from their entries."""
    with command_store(settings) as admin:
        states = admin.read(message_states)
        wallet = admin.read(lambda tx: tx.read_wallet(1, 1))
        _, differing = admin.read(billing.verify)
    return {MessageState(state): count for state, count in states.items()}, wallet.points, differing


def pages(most):
    """A step that bounds the store's file, as a full disk does."""

    def bound(tx: Any, items):
        return [tx.db.plain(f"PRAGMA max_page_count = {most}") for _ in items]

    return Step("pages", 0, bound)


def test_a_store_that_cannot_grow_refuses_and_grows_again(on_sqlite, run):
    async def go(running):
        lane = running.platform.door_lane
        accepted = [await running.send()]
        await lane.ask(pages(1), None)  # no more than there are
        for n in range(MOST_TRIES):
            answer = await running.send(f"138{n:04}0099", content=LONG)
            if answer["returnstatus"] != "Success":
                break
            accepted.append(answer)
        refused = [answer, *await asyncio.gather(*(running.send(f"138{n:04}0098", content=LONG) for n in range(5)))]
        alive = await running.ops("livez")
        await lane.ask(pages(2**30), None)
        accepted.append(await running.send("13800130097"))
        return (
            {(a["returnstatus"], a["message"]) for a in refused},
            alive,
            len(accepted),
            len(await running.reports(len(accepted))),
        )

    refused, alive, accepted, reported = run(on_sqlite, go)

    assert refused == {("Faild", BROKEN)}
    assert alive == (200, "ok\n")
    states, _, differing = aftermath(on_sqlite)
    assert states == {MessageState.DELIVERED: accepted}
    assert reported == accepted
    assert differing == []


@pytest.fixture
def served(on_sqlite, tmp_path):
    """`hongyan serve` in a process of its own; returns it and the port of its doors."""
    command = [sys.executable, "-m", "hongyan", "serve", "--data", str(tmp_path), "--host", "127.0.0.1", "--port", "0"]
    source = str(Path(hongyan.__file__).parents[1])
    environment = {**os.environ, "HONGYAN_STORE__KEY": "11" * 32, "PYTHONPATH": source}
    log = tmp_path / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen([*command, "--ops-port", "0"], stderr=errors, env=environment)
    try:
        yield process, _door(process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _door(process, log):
    """Wait until it has started; returns the port of its doors."""
    while process.poll() is None:
        for line in log.read_bytes().splitlines():
            if b'"event":"started"' in line:
                return orjson.loads(line)["doors"][0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def send(port, mobile):
    form = {"action": "send", "userid": "12", "account": "demo", "password": SECRET, "mobile": mobile, "content": "您好"}
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/sms.aspx", urllib.parse.urlencode(form).encode(), timeout=60
    ) as answer:
        return dict(re.findall(r"<(\w+)>([^<]*)</\1>", answer.read().decode()))


def test_files_that_cannot_be_written_are_written_again_when_they_can(served, on_sqlite):
    """Every write beyond the first page fails, in the middle of whatever the process does."""
    process, port = served
    before = [send(port, f"1380000{n:04}") for n in range(100, 110)]

    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
    refused = [send(port, f"1380000{n:04}") for n in range(110, 115)]
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    after = [send(port, f"1380000{n:04}") for n in range(115, 120)]
    process.terminate()
    process.wait(PATIENCE_S)

    assert {(a["returnstatus"], a["message"]) for a in refused} == {("Faild", BROKEN)}
    assert {a["returnstatus"] for a in (*before, *after)} == {"Success"}
    assert process.returncode == 0
    states, points, differing = aftermath(on_sqlite)
    assert sum(states.values()) == 15
    assert points == POINTS - 15
    assert differing == []
