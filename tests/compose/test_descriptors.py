"""Descriptors: asked for, shared out, and reported when they are used up."""

import errno
import json
import subprocess
import sys

import pytest
import structlog

from hongyan.compose.descriptors import RESERVE, Descriptors, Shares, share_out
from hongyan.settings.sections.limits import Limits

USUAL = Limits()

SCENE = """
import asyncio, json, resource, socket, subprocess, sys, time
import uvloop
from hongyan.compose.descriptors import Descriptors, raise_limit
from hongyan.http.server import Listener

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": ()})
    await send({"type": "http.response.body", "body": b"ok"})

CROWD = "import socket, sys; held = [socket.create_connection(('127.0.0.1', int(sys.argv[1]))) for _ in range(200)]; sys.stdin.read()"

async def main():
    allowed = raise_limit()
    listener = Listener(app, "127.0.0.1", 0)
    await listener.start()
    crowd = subprocess.Popen([sys.executable, "-c", CROWD, str(listener.port)], stdin=subprocess.PIPE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    descriptors = Descriptors()
    for _ in range(100):
        descriptors.look(0)
        if descriptors.is_out:
            break
        await asyncio.sleep(0.05)
    was_out, before = descriptors.is_out, time.process_time()
    await asyncio.sleep(0.5)
    spent = time.process_time() - before
    crowd.communicate()
    await asyncio.sleep(0.2)
    descriptors.look(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"GET / HTTP/1.1\\r\\n\\r\\n")
    answer = await reader.readuntil(b"ok")
    writer.close()
    print(json.dumps([allowed, was_out, spent, descriptors.is_out, answer[:12].decode()]))

resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1024))
uvloop.run(main())
"""


def test_as_many_are_asked_for_as_the_system_allows_and_being_out_is_reported_without_spinning():
    ran = subprocess.run([sys.executable, "-c", SCENE], capture_output=True, text=True, check=True, timeout=60)
    allowed, was_out, spent_s, is_out, answer = json.loads(ran.stdout.splitlines()[-1])

    assert (allowed, was_out, is_out, answer) == (1024, True, False, "HTTP/1.1 200")
    assert spent_s < 0.25
    assert ran.stdout.count("descriptors_out") == 1


@pytest.mark.parametrize("allowed", [8_424, 65_536])
def test_where_there_are_enough_the_settings_hold(allowed):
    assert share_out(allowed, USUAL) == Shares(4_096, 1_024, 2_048, 1_000)


@pytest.mark.parametrize("allowed", [64, 256, 1_024, 8_423])
def test_where_there_are_few_everybody_gets_a_part_and_some_remain_and_the_log_says_so(allowed):
    with structlog.testing.capture_logs() as lines:
        shares = share_out(allowed, USUAL)

    (line,) = lines
    assert (line["event"], line["allowed"], line["wanted"], line["doors"]) == ("descriptors_few", allowed, 8_424, shares.doors)
    assert "LimitNOFILE" in line["cure"]

    assert shares.doors > 3 * shares.channels
    assert min(shares.channels, shares.pushes) > 0
    assert allowed - shares.doors - shares.channels - shares.pushes >= min(RESERVE, allowed // 4)


@pytest.mark.parametrize(
    ("number", "is_out"), [(errno.EMFILE, True), (errno.ENFILE, True), (errno.ENOENT, False), (None, False)]
)
def test_being_out_is_reported_once_a_minute(number, is_out, capsys):
    def probe():
        if number is not None:
            raise OSError(number, "")

    descriptors = Descriptors(probe)
    for moment in (0.0, 1.0, 59.0, 61.0):
        descriptors.look(moment)

    assert descriptors.is_out is is_out
    assert "".join(capsys.readouterr()).count("descriptors_out") == 2 * is_out  # where logs go is the process's setting
