"""The console's process beside the one that serves: requests pass between them, it comes back when it dies, and ends with the other."""

import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
import uvloop
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from tests.compose.claims import PATIENCE_S, until
from tests.survive.installations import InlineInstallation

from hongyan.compose.console.forward import BODY_MOST, ConsoleForward
from hongyan.compose.console.priority import _ATTRIBUTES, _SET_ATTRIBUTES, NICENESS, SLICE_NS
from hongyan.compose.console.process import AskServer, answer_requests
from hongyan.compose.console.socket_pipe import SocketPipe
from hongyan.http.server import Listener
from hongyan.http.state import Limits
from hongyan.model.translatable import Translatable, packed
from hongyan.web.ops import Check

PIECES = 4_000


TROUBLE = Translatable("cannot listen on {host}:{port}: {reason}", host="0.0.0.0", port=2775, reason="the port is in use")


class Vitals:
    def links(self):
        return {"up1": {"connections_up": 2, "window_used": 0.5}}

    def listeners(self):
        return {"smpp": {"is_open": False, "trouble": packed(TROUBLE)}}

    async def session_pdus(self, session_id):
        return [{"pdu": "submit_sm"}] if session_id == 7 else None

    async def pdus(self, channel, *, clear):
        return [{"pdu": "ENQUIRE_LINK"}] if channel == "up1" else None

    async def checks(self):
        return [Check("store", False, Translatable("the process is stopping")), Check("disk", False, "away")]


async def application(scope, receive, send):
    request = Request(scope, receive)
    if scope["path"] == "/long":
        response = StreamingResponse(b"x" * 1_000 for _ in range(PIECES))
    elif scope["path"] == "/never":
        return
    else:
        line = f"{request.method} {scope['path']} {request.query_params} {request.headers['x-name']} {request.client.host}"
        response = PlainTextResponse(f"{line} {len(await request.body())}")
    await response(scope, receive, send)


class Child:
    """A console in this process, which is not started again."""

    def __init__(self):
        self.end, self.theirs = socket.socketpair()
        self.has_begun = False

    def begin(self):
        self.has_begun = True

    def start_again(self):
        raise OSError


@asynccontextmanager
async def passing(app):
    """A listener before the application, which is reached through the pipe; returns its address and the other side's questions."""
    child = Child()
    forward, pipe = ConsoleForward(child, Vitals()), SocketPipe(child.theirs)
    forward.start()
    assert child.has_begun
    answer_requests(pipe, app)
    listener = Listener(forward, "127.0.0.1", 0, limits=Limits(body_octets=2 * BODY_MOST))
    await listener.start()
    try:
        yield f"http://127.0.0.1:{listener.port}", AskServer(pipe), pipe
    finally:
        await listener.stop(1)
        await forward.stop()
        await pipe.close()


def run(go):
    async def inside():
        async with passing(application) as (url, server, pipe), aiohttp.ClientSession() as session:
            return await go(url, session, server, pipe)

    return uvloop.run(inside())


def test_a_request_arrives_as_it_came_and_its_answer_too():
    async def go(url, session, *_):
        headers = {"X-Name": "\u00e9"}
        async with session.post(f"{url}/a%20b?c=d", data=b"e" * 100_000, headers=headers) as answer:
            return answer.status, answer.headers["content-type"], await answer.text()

    assert run(go) == (200, "text/plain; charset=utf-8", "POST /a b c=d \u00c3\u00a9 127.0.0.1 100000")


def test_a_long_answer_comes_in_pieces_and_who_leaves_is_not_missed():
    async def go(url, session, *_):
        async with session.get(f"{url}/long") as answer:
            await answer.content.read(10)  # and leaves
        async with session.get(f"{url}/long") as answer:
            return len(await answer.read())

    assert run(go) == 1_000 * PIECES


@pytest.mark.parametrize(("path", "body", "status"), [("/", b"x" * (BODY_MOST + 1), 413), ("/never", b"", 503)])
def test_what_cannot_be_answered_is_said(path, body, status):
    async def go(url, session, *_):
        async with session.post(url + path, data=io.BytesIO(body)) as answer:
            return answer.status

    assert run(go) == status


def test_the_pages_get_what_the_server_knows_and_notice_its_end():
    async def go(url, session, server, pipe):
        answers = await server.links(), await server.pdus("up1"), await server.pdus("up2"), await server.checks()
        trouble = (await server.listeners())["smpp"]["trouble"]
        assert (trouble, trouble.parts[0][0]) == (TROUBLE, TROUBLE.parts[0][0])
        assert [await server.session_pdus(number) for number in (7, 8)] == [[{"pdu": "submit_sm"}], None]
        await pipe.close()
        async with session.get(url) as answer:
            return answers, answer.status, await server.links(), await server.checks()

    answers, *after = run(go)
    assert answers == (
        Vitals().links(),
        [{"pdu": "ENQUIRE_LINK"}],
        None,
        [Check("store", False, "the process is stopping"), Check("disk", False, "away")],
    )
    assert answers[-1][0].detail.parts == (("the process is stopping", {}),)  # to be translated there
    assert after == [503, {}, []]


def children(pid: int) -> list[int]:
    """Those that are alive, of whichever thread."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for thread in threads for one in thread.read_text().split() if is_alive(int(one))]


def status(url: str) -> int:
    with suppress(OSError):
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
    return 0


def is_alive(pid: int) -> bool:
    """Whether it is there and no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_console_that_dies_is_started_again_and_ends_with_the_server(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        installation.start()
        (server,) = [child.pid for child in installation._children.values()]
        assert status(f"{installation.console_url}/login") == 200

        forked = _another(installation, server)
        started = _another(installation, server)
        assert forked != started

        installation.kill()
        until(lambda: not is_alive(started))


def _another(installation: InlineInstallation, server: int) -> int:
    """Kill the console; returns the process of the next one."""
    (console,) = children(server)
    os.kill(console, signal.SIGKILL)
    assert status(f"{installation.console_url}/livez") == 200
    assert until(lambda: status(f"{installation.console_url}/login") == 200)
    (again,) = children(server)
    assert again != console
    assert Path(f"/proc/{again}/comm").read_text() == "hongyan-console\n"
    assert os.getpriority(os.PRIO_PROCESS, again) == NICENESS
    assert os.sched_getscheduler(again) == os.SCHED_BATCH
    assert _slice_ns(again) in {SLICE_NS, 0}  # 0: the system knows none
    return again


def _slice_ns(pid: int) -> int:
    """By sched_getattr, the system call behind the one that sets it."""
    attributes = ctypes.create_string_buffer(_ATTRIBUTES.size)
    assert ctypes.CDLL(None).syscall(_SET_ATTRIBUTES + 1, pid, attributes, _ATTRIBUTES.size, 0) == 0
    return _ATTRIBUTES.unpack(attributes.raw)[5]


DIES_BEFORE_IT_BEGINS = """
import os
from hongyan.compose.console import child
from hongyan.settings.load import load

child.load_templates = lambda: 1 / 0
one = child.ConsoleChild(load({}))
os.waitid(os.P_PID, one._pid, os.WEXITED | os.WNOWAIT)
one.begin()
one.stop()
print("on")
"""


def test_a_console_that_died_before_it_was_to_begin_is_nobodys_trouble(tmp_path):
    command = [sys.executable, "-c", DIES_BEFORE_IT_BEGINS]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert "console_failed" in done.stdout
    assert done.stdout.endswith("on\n")


def test_a_stop_waits_for_a_console_that_was_started_again(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        installation.start()
        (server,) = [child.pid for child in installation._children.values()]
        (console,) = children(server)
        os.kill(console, signal.SIGKILL)
        (again,) = until(lambda: [pid for pid in children(server) if pid != console])

        installation.stop()

        assert not is_alive(again)


def test_a_console_that_cannot_start_any_more_ends_with_the_server_too(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        installation.start()
        (server,) = [child.pid for child in installation._children.values()]
        (console,) = children(server)
        (tmp_path / "data").rename(tmp_path / "gone")
        os.kill(console, signal.SIGKILL)
        until(lambda: not is_alive(server) or set(children(server)) - {console})  # without its store the server ends, too
        others = children(server)

        installation.kill()

        until(lambda: not any(map(is_alive, others)))
