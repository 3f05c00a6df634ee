"""Connections are judged before anything is made for them, and let in no faster than the process has time for."""

import asyncio
import errno
import socket
import time
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest
import uvloop

from hongyan.http import acceptor as of
from hongyan.http.acceptor import REFUSED_A_TURN, STANDING_S, Acceptor
from hongyan.http.server import open_sockets

LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])


def run(loop, scene):
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(scene())


class Greeter(asyncio.Protocol):
    def __init__(self, met, name):
        self.met, self.name = met, name

    def connection_made(self, transport):
        self.met.append(self.name)
        transport.write(b"hello")


class Port:
    """An acceptor that greets whoever is let in, and what it was asked."""

    acceptor: Acceptor

    def __init__(self):
        self.met, self.asked, self.may_come = [], [], True

    def admits(self, name):
        self.asked.append(name[0])
        return self.may_come

    def connect(self, source="127.0.0.1"):
        line = socket.socket()
        line.bind((source, 0))
        line.connect(("127.0.0.1", self.acceptor.port))
        line.setblocking(False)
        return line

    async def until(self, claim, within_s=5):
        async with asyncio.timeout(within_s):
            while not claim():  # noqa: ASYNC110  any claim: no event stands for all
                await asyncio.sleep(0.002)


@asynccontextmanager
async def opened():
    port = Port()
    port.acceptor = Acceptor(await open_sockets("127.0.0.1", 0), lambda name: Greeter(port.met, name), port.admits)
    try:
        yield port
    finally:
        port.acceptor.close()


@contextmanager
def connected(port, count):
    lines = [port.connect() for _ in range(count)]
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


async def read_to_end(line):
    """Everything that comes until the other side closes."""
    loop, octets = asyncio.get_running_loop(), b""
    with suppress(ConnectionResetError):
        async with asyncio.timeout(5):
            while piece := await loop.sock_recv(line, 4096):
                octets += piece
    return octets


def has_ended(line):
    try:
        return not line.recv(1)
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@LOOPS
def test_who_may_come_is_let_in_and_known_by_its_address(loop):
    async def scene():
        async with opened() as port:
            line = port.connect("127.0.0.7")
            greeting = await asyncio.get_running_loop().sock_recv(line, 10)
            line.close()
            return greeting, [name[0] for name in port.met]

    assert run(loop, scene) == (b"hello", ["127.0.0.7"])


@LOOPS
def test_who_was_reset_before_it_is_let_in_is_known_by_its_address_too(loop):
    async def scene():
        async with opened() as port:
            line = port.connect("127.0.0.7")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, of._RESET)
            line.close()
            await port.until(lambda: port.asked)
            return port.asked

    assert run(loop, scene) == ["127.0.0.7"]


@LOOPS
def test_nothing_is_made_for_who_is_refused_and_it_stands_unheard_for_a_second(loop):
    async def scene():
        async with opened() as port:
            port.may_come = False
            began, line = time.monotonic(), port.connect()
            line.send(b"let me in")
            octets = await read_to_end(line)
            line.close()
            return octets, port.met, time.monotonic() - began

    octets, met, stood_s = run(loop, scene)
    assert (octets, met) == (b"", [])
    assert stood_s >= STANDING_S - 0.01  # timers count milliseconds


@LOOPS
def test_no_more_stand_than_may_and_the_oldest_leaves_first(loop, monkeypatch):
    monkeypatch.setattr(of, "STANDING_MOST", 2)

    async def scene():
        async with opened() as port:
            port.may_come = False
            with connected(port, 5) as lines:
                await port.until(lambda: len(port.asked) == 5)
                await asyncio.sleep(STANDING_S / 4)
                return [has_ended(line) for line in lines]

    assert run(loop, scene) == [True, True, True, False, False]


@LOOPS
def test_one_is_let_in_a_turn_and_several_are_refused(loop):
    """However many wait."""

    async def turns_until(port, claim):
        turns = 0
        while not claim():
            turns += 1
            await asyncio.sleep(0)
        return turns

    async def scene():
        async with opened() as port:
            with connected(port, 40):
                let_in = await turns_until(port, lambda: len(port.asked) == 40)
            port.may_come = False
            with connected(port, 40):
                refused = await turns_until(port, lambda: len(port.asked) == 80)
            return let_in, refused

    let_in, refused = run(loop, scene)
    assert let_in >= 40
    assert 40 // REFUSED_A_TURN <= refused < 40


@LOOPS
@pytest.mark.parametrize(("may_come", "at_once"), [(True, 3), (False, 8)])
def test_beyond_the_budget_others_wait_in_the_backlog_until_there_is_some_again(loop, may_come, at_once, monkeypatch):
    """One that is refused takes a part of what one takes that is let in; a whole one must be left."""
    monkeypatch.setattr(of, "LET_IN_AT_ONCE", 3)
    monkeypatch.setattr(of, "LET_IN_A_SECOND", 0)
    monkeypatch.setattr(of, "REFUSED_COST", 2 / 7.5)

    async def scene():
        async with opened() as port:
            port.may_come = may_come
            with connected(port, 12):
                await port.until(lambda: len(port.asked) >= at_once)
                await asyncio.sleep(0.1)
                before = len(port.asked)
                monkeypatch.setattr(of, "LET_IN_A_SECOND", 100)
                await port.until(lambda: len(port.asked) == 12)
            return before

    assert run(loop, scene) == at_once


@LOOPS
def test_a_closed_port_takes_nobody_and_who_was_let_in_stays(loop):
    async def scene():
        async with opened() as port:
            stays = port.connect()
            await asyncio.get_running_loop().sock_recv(stays, 10)
            port.may_come = False
            stands = port.connect()
            await port.until(lambda: len(port.asked) == 2)
            number = port.acceptor.port
            port.acceptor.close()
            assert await read_to_end(stands) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", number))
            is_there = not has_ended(stays)
            stays.close()
            stands.close()
            return is_there

    assert run(loop, scene)


@LOOPS
def test_a_port_of_several_addresses_that_closes_in_a_pause_begins_no_more(loop, monkeypatch):
    monkeypatch.setattr(of, "LET_IN_AT_ONCE", 0)

    async def scene():
        said = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        sockets = [*await open_sockets("127.0.0.1", 0), *await open_sockets("127.0.0.2", 0)]
        several = Acceptor(sockets, lambda _: asyncio.Protocol(), lambda _: True)
        with socket.create_connection(sockets[0].getsockname()), socket.create_connection(sockets[1].getsockname()):
            await asyncio.sleep(0.01)
            several.close()
            await asyncio.sleep(0.1)
        return said

    assert run(loop, scene) == []


@LOOPS
def test_a_port_goes_on_once_there_are_descriptors_again(loop, monkeypatch):
    monkeypatch.setattr(of, "_OUT_PAUSE_S", 0.05)
    out = [OSError(errno.EMFILE, "too many open files")] * 2
    accept = socket.socket.accept

    def short_of_descriptors(listening):
        if out:
            raise out.pop()
        return accept(listening)

    monkeypatch.setattr(socket.socket, "accept", short_of_descriptors)

    async def scene():
        said = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
        async with opened() as port:
            line = port.connect()
            greeting = await asyncio.get_running_loop().sock_recv(line, 10)
            line.close()
            return greeting, said

    assert run(loop, scene) == (b"hello", ["cannot accept a connection"] * 2)


@LOOPS
def test_nothing_is_made_for_who_has_left_already_where_that_is_looked_at(loop):
    left = []

    async def scene():
        port = Port()
        sockets = await open_sockets("127.0.0.1", 0)
        with socket.create_connection(sockets[0].getsockname()) as asks, socket.create_connection(sockets[0].getsockname()):
            asks.sendall(b"x")
            asks.shutdown(socket.SHUT_WR)
            socket.create_connection(sockets[0].getsockname()).close()
            port.acceptor = Acceptor(
                sockets, lambda name: Greeter(port.met, name), port.admits, lambda name: left.append(name[0]), 16
            )
            await port.until(lambda: left and len(port.met) == 2)
            port.acceptor.close()
        return left, len(port.met), len(port.asked)

    assert run(loop, scene) == (["127.0.0.1"], 2, 3)


@LOOPS
@pytest.mark.parametrize("times", [1, 2])
def test_a_port_that_rests_takes_no_more_than_one_turn_at_a_time(loop, times):
    async def scene():
        port = Port()
        port.may_come = False
        sockets = await open_sockets("127.0.0.1", 0)
        lines = [socket.create_connection(sockets[0].getsockname()) for _ in range(times * REFUSED_A_TURN + 5)]
        port.acceptor = Acceptor(sockets, lambda name: Greeter(port.met, name), port.admits, times=times, rest_s=0.5)
        await port.until(lambda: port.asked)
        await asyncio.sleep(0.05)
        first = len(port.asked)
        await port.until(lambda: len(port.asked) == len(lines))
        port.acceptor.close()
        for line in lines:
            line.close()
        return first

    assert run(loop, scene) == times * REFUSED_A_TURN
