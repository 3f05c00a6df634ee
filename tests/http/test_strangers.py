"""Who asks and proves nothing is held back by its address; everybody else is served meanwhile."""

import asyncio
import errno
import socket
import ssl
from collections import Counter
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic

import pytest
from tests.certificate import certificate
from tests.http.test_room import settled
from tests.http.wire import Client, post, quicken, run, serving

from hongyan.http import server as server_module
from hongyan.http.acceptor import Acceptor
from hongyan.http.asgi import note_fault, respond_line
from hongyan.http.connection import Connection
from hongyan.http.connection_shares import KnownAddresses
from hongyan.http.penalty import FREE_FAULTS, HELD_A_SECOND, PENALTIES_MOST, REST_MOST_S, REST_S
from hongyan.http.server import TlsFiles
from hongyan.http.strangers import KNOWN_A_SECOND, Strangers

HERE, THERE = "127.0.0.1", "127.0.0.2"
WRONG, RIGHT = post("/wrong"), post("/right")


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def strangers(known=None):
    clock, faults = Clock(), []
    return Strangers(clock, known, faults.append), clock, faults


def counting(count):
    return Strangers(monotonic, None, count)


def held(known=None):
    one, clock, _ = strangers(known)
    for _ in range(FREE_FAULTS + 1):
        one.note_fault(HERE, "refused")
    return one, clock


# --- the address -----------------------------------------------------------------------------------------------------------


def test_some_faults_are_free_and_each_is_counted():
    one, _, faults = strangers()
    for _ in range(FREE_FAULTS):
        one.note_fault(HERE, "refused")
        assert one.turn_s(HERE) == 0
    assert one.held() == []

    one.note_fault(HERE, "connection")
    assert one.held() == [HERE]
    assert one.turn_s(HERE) > 0
    assert one.turn_s(THERE) == 0
    assert Counter(faults) == {"refused": FREE_FAULTS, "connection": 1}


def test_who_waits_is_let_through_one_after_the_other_and_turned_away_once_too_many_wait():
    one, clock = held()
    waits = [one.turn_s(HERE) for _ in range(1_000)]
    most = round(REST_MOST_S * HELD_A_SECOND[0])

    waiting = [wait for wait in waits if wait < inf]
    assert waiting == sorted(waiting)
    assert waiting[0] == pytest.approx(2 * REST_S)
    assert (len(waiting), waits[-1]) == (pytest.approx(most, abs=1), inf)
    clock.now += 1
    assert sum(one.turn_s(HERE) < inf for _ in range(1_000)) == pytest.approx(HELD_A_SECOND[0], abs=1)


def test_an_address_that_proved_a_secret_has_more_turns():
    known = KnownAddresses()
    known.add(HERE)
    one, clock = held(known)
    assert sum(one.turn_s(HERE) < inf for _ in range(10_000)) == pytest.approx(REST_MOST_S * KNOWN_A_SECOND, abs=1)
    clock.now += 1
    assert sum(one.turn_s(HERE) < inf for _ in range(10_000)) == pytest.approx(KNOWN_A_SECOND, abs=1)


def test_a_host_of_ipv6_is_one_address():
    one, _, _ = strangers()
    for number in range(FREE_FAULTS + 1):
        one.note_fault(f"2001:db8::{number:x}", "refused")
    assert one.held() == ["2001:db8::/64"]


def test_the_memory_of_addresses_is_bounded():
    one, _, _ = strangers()
    for number in range(PENALTIES_MOST + 10):
        one.note_fault(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "refused")
    assert len(one._penalties) == PENALTIES_MOST


# --- on the wire -----------------------------------------------------------------------------------------------------------


async def door(scope, receive, send):
    """Refuses what is wrong."""
    await receive()
    if scope["path"] == "/wrong":
        note_fault(scope)
    await respond_line(send, 200, "answered")


@pytest.fixture
def few(monkeypatch):
    """Few faults are free, and then one request is read a second."""
    monkeypatch.setattr("hongyan.http.penalty.FREE_FAULTS", 5)
    monkeypatch.setattr("hongyan.http.penalty.FAULTS_A_SECOND", 1)
    monkeypatch.setattr("hongyan.http.penalty.HELD_A_SECOND", (1, 1, 1))


async def of(listener, address=HERE):
    return await Client.to(listener, local_addr=(address, 0))


async def asked(client, request=RIGHT):
    client.write(request)
    return (await client.answer())[0].split(b"\r\n")[0]


async def pouring(listener, requests=100):
    """Returns a client that pours what is refused, and its answers as they come."""
    client, answers = await of(listener), []

    async def read():
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                answers.append(await client.answer())

    client.write(WRONG * requests)
    client.reading = asyncio.create_task(read())
    return client, answers


OK, TOO_MANY = b"HTTP/1.1 200 OK", b"HTTP/1.1 429 Too Many Requests"


def test_a_connection_that_pours_refused_requests_is_read_slowly(few):
    async def main():
        async with serving(door) as listener:
            _, answers = await pouring(listener)
            other = await of(listener, THERE)
            for _ in range(200):
                assert await asked(other) == OK
            await asyncio.sleep(0.5)
            assert 5 < len(answers) < 20

    run(main)


def test_customers_behind_the_same_address_are_served_meanwhile(few):
    """At once on a connection that was there; on a new one in its turn, and from then on at once."""

    async def main():
        async with serving(door) as listener:
            kept = await of(listener)
            assert await asked(kept) == OK
            _, answers = await pouring(listener)
            await settled(lambda: len(answers) > 5)
            for _ in range(200):
                assert await asked(kept) == OK
            assert len(answers) < 20
            new = await of(listener)
            for _ in range(200):
                assert await asked(new) == OK

    run(main)


def test_a_right_request_between_wrong_ones_makes_them_no_faster(few):
    async def main():
        async with serving(door) as listener:
            client, answers = await pouring(listener, 0)
            client.write((WRONG + RIGHT) * 100)
            await asyncio.sleep(0.5)
            assert len(answers) < 20

    run(main)


def answers_of(asking):
    return Counter(one.result() for one in asking if one.done())


@pytest.mark.interpreted  # compiled, the rates are whole numbers
def test_new_connections_do_not_help(few, monkeypatch):
    """Too many that wait are turned away."""
    monkeypatch.setattr("hongyan.http.penalty.HELD_A_SECOND", (0.5, 0.5, 0.5))
    faults = Counter()

    async def once(listener):
        client = await of(listener)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            return await asked(client, WRONG)

    async def main():
        async with serving(door, strangers=counting(lambda what: faults.update([what]))) as listener:
            asking = [asyncio.create_task(once(listener)) for _ in range(60)]
            await settled(lambda: sum(one.done() for one in asking) >= 40)
            await settled(lambda: faults["turned_away"] == answers_of(asking)[TOO_MANY])  # an answer may be under way
            answers = answers_of(asking)
            for one in asking:
                one.cancel()
            assert set(answers) == {OK, TOO_MANY}
            assert answers[OK] < 20

    run(main)


@pytest.mark.parametrize(
    ("octets", "what"),
    [(b"", "connection"), (b"GET", "connection"), (b"\0\r\n\r\n", "unreadable"), (RIGHT + b"\0\r\n\r\n", "unreadable")],
    ids=["nothing", "a part", "no HTTP", "no HTTP after a request"],
)
def test_what_brings_no_request_is_a_fault(octets, what):
    faults = []

    async def main():
        async with serving(door, strangers=counting(faults.append)) as listener:
            client = await of(listener)
            client.write(octets)
            await asyncio.sleep(0.05)
            client.reset()
            await settled(lambda: not listener.connections)

    run(main)
    assert faults == [what]


@pytest.mark.parametrize("octets", [RIGHT, RIGHT * 3])
def test_a_connection_whose_requests_were_answered_is_no_fault(octets):
    faults = []

    async def main():
        async with serving(door, strangers=counting(faults.append)) as listener:
            client = await of(listener)
            client.write(octets)
            await client.answer()
            client.reset()
            await settled(lambda: not listener.connections)

    run(main)
    assert faults == []


def test_who_left_while_it_waited_is_not_heard(few):
    heard = []

    async def app(scope, receive, send):
        heard.append(scope["path"])
        await door(scope, receive, send)

    async def main():
        async with serving(app) as listener:
            _, answers = await pouring(listener, 20)
            await settled(lambda: len(answers) > 5)
            late = await of(listener)
            late.write(post("/late"))
            await asyncio.sleep(0.1)
            late.reset()
            await asyncio.sleep(2)

    run(main)
    assert "/late" not in heard


def test_of_the_clients_of_a_proxy_only_who_pours_is_held_back(few):
    def from_(address, path):
        return post(path, b"", b"X-Forwarded-For: " + address)

    async def main():
        async with serving(door, trusted=[HERE]) as listener:
            proxy = await of(listener)
            strangers = listener._server_state.strangers
            while not strangers.held():
                assert await asked(proxy, from_(b"192.0.2.1", "/wrong")) == OK
            assert strangers.held() == ["192.0.2.1"]
            for _ in range(100):
                assert await asked(proxy, from_(b"192.0.2.2", "/right")) == OK
            assert strangers.turn_s("192.0.2.1") > 0

    run(main)


# --- over TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path):
    """Returns the certificate of a listener, and what its clients need."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return TlsFiles(*map(Path, certificate(tmp_path, "door"))), context


def test_a_handshake_that_fails_is_a_fault(tls):
    faults = []

    async def main():
        async with serving(door, tls=tls[0], strangers=counting(faults.append)) as listener:
            for octets in (b"", RIGHT):
                client = await of(listener)
                client.write(octets)
                await asyncio.sleep(0.05)
                client.reset()
                await settled(lambda: not listener._server_state.handshakes)
            client = await Client.to(listener, ssl=tls[1])
            assert await asked(client) == OK
            client.reset()
            await settled(lambda: not listener.connections)

    run(main)
    assert faults == ["handshake", "handshake"]


def test_a_handshake_waits_for_its_turn_and_is_turned_away_while_too_many_wait(few, tls):
    """Before it costs anything."""
    made = []

    async def main():
        async with serving(door, tls=tls[0]) as listener:
            one = listener._server_state.strangers
            while not one.held():
                one.note_fault(HERE, "handshake")
            waiting = await Client.to(listener, ssl=tls[1], ssl_handshake_timeout=15)
            made.append(await asked(waiting))
            while one.turn_s(HERE) < inf:
                pass
            with suppress(ConnectionError):
                await Client.to(listener, ssl=tls[1])
                made.append("let in")

    run(main)
    assert made == [OK]


# --- the port --------------------------------------------------------------------------------------------------------------


def test_while_an_address_is_held_back_nothing_is_made_for_its_connections_that_end_at_once(few, monkeypatch):
    """And others are served before, meanwhile and afterwards."""
    quicken(monkeypatch)
    monkeypatch.setattr("hongyan.http.penalty.HOLD_LEAST_S", 0.2)
    made = []
    monkeypatch.setattr(server_module, "Connection", lambda state: made.append(1) or Connection(state))

    async def main():
        faults = []
        async with serving(door, strangers=counting(faults.append)) as listener:
            strangers = listener._server_state.strangers
            assert await asked(await of(listener, THERE)) == OK
            while not strangers.held():
                strangers.note_fault(HERE, "refused")
            await settled(lambda: isinstance(listener._port_guards[0]._open, Acceptor))
            made.clear()
            for _ in range(50):
                socket.create_connection(("127.0.0.1", listener.port)).close()
            await settled(lambda: faults.count("connection") == 50)
            assert len(made) < 25
            assert await asked(await of(listener, THERE)) == OK
            await settled(lambda: not isinstance(listener._port_guards[0]._open, Acceptor))
            assert await asked(await of(listener, THERE)) == OK

    run(main)


def test_while_too_many_wait_their_address_is_not_let_in(few, monkeypatch):
    quicken(monkeypatch)

    async def main():
        faults = []
        async with serving(door, strangers=counting(faults.append)) as listener:
            strangers = listener._server_state.strangers
            while strangers.turn_s(HERE) < inf:
                strangers.note_fault(HERE, "refused")
            await settled(lambda: isinstance(listener._port_guards[0]._open, Acceptor))
            refused = await of(listener)
            refused.write(RIGHT)
            assert await refused.is_closed()
            assert "turned_away" in faults
            assert await asked(await of(listener, THERE)) == OK

    run(main)


def test_a_port_without_descriptors_for_a_change_goes_on_as_it_is(few, monkeypatch):
    quicken(monkeypatch)

    async def main():
        async with serving(door) as listener:
            monkeypatch.setattr(socket.socket, "dup", raising)
            while not listener._server_state.strangers.held():
                listener._server_state.strangers.note_fault(THERE, "refused")
            await asyncio.sleep(0.1)
            assert await asked(await of(listener)) == OK
            assert not listener._ticker.done()

    run(main)


def raising(*_):
    raise OSError(errno.EMFILE, "too many open files")
