"""What a connection leaves behind goes at once: everybody waits while the garbage collector looks for it."""

import asyncio
import gc
import socket
import ssl
from pathlib import Path

import pytest
import uvloop
from tests.certificate import certificate
from tests.sessions.platform import CMPP, SMPP, Platform, listener, opened
from tests.sessions.test_hostile import SPOKEN
from tests.sim.client import Client

from hongyan.http.server import TlsFiles
from hongyan.sessions.reconnect_limit import FREE_RECONNECTS


def left_by(tls, protocol, one_comes, count=10):
    """Returns how many objects so many connections leave to the collector, one after the other."""

    async def whole():
        platform = Platform(listener(protocol=protocol, tls=tls is not None))
        async with opened(platform, tls=tls) as there:
            for times in (1, count):
                gc.collect()
                for _ in range(times):
                    await one_comes(there)
                    await there.until(lambda: not there.server.listeners[1].sessions)
                await asyncio.sleep(0.05)
                left = gc.collect()
            return left

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(whole())


@pytest.mark.parametrize("protocol", [SMPP, CMPP])
def test_a_session_that_ends_leaves_nothing_to_the_collector(protocol):
    async def one_comes(there):
        client = await Client.login(there, SPOKEN[protocol])
        client.submit(1)
        assert await client.until(lambda: 1 in client.answers)
        client.transport.abort()

    assert left_by(None, protocol, one_comes) < 10


@pytest.mark.parametrize("is_tls", [False, True])
def test_nor_does_a_stranger(is_tls, tmp_path):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def visit(where):
        with socket.create_connection(where) as line:
            if is_tls:
                context.wrap_socket(line).close()

    async def one_comes(there):
        ended = there.server._reconnects._free
        before = ended["127.0.0.1"].tokens if ended else FREE_RECONNECTS
        await asyncio.to_thread(visit, (there.host, there.at(1)))
        await there.until(lambda: ended and ended["127.0.0.1"].tokens < before)

    files = TlsFiles(*map(Path, certificate(tmp_path, "in"))) if is_tls else None
    assert left_by(files, SMPP, one_comes) < 10
