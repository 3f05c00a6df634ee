"""Who makes faults is held back, and closed if that does not help; everybody else is served meanwhile."""

import asyncio
import time
from contextlib import suppress

import pytest
import structlog
import uvloop
from tests.sessions.platform import NOW, Platform, listener, opened, report
from tests.sessions.test_hostile import ended, play, raw
from tests.sim.client import SECRET, USER, Client

from hongyan.http.acceptor import STANDING_S
from hongyan.http.penalty import (
    FAULTS_A_SECOND,
    FAULTS_MOST,
    FORGOTTEN_S,
    FREE_FAULTS,
    HELD_A_SECOND,
    HOLD_LEAST_S,
    REST_MOST_S,
    REST_S,
    Penalties,
    Penalty,
)
from hongyan.sessions.reconnect_limit import ADDRESSES_MOST, FREE_RECONNECTS, RECONNECTS_A_SECOND, ReconnectLimit
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.codec import encode

UNKNOWN = encode(smpp.Plain(9, smpp.Command.OUTBIND, 0, b"a\0b\0"))
ANSWER_TO_NOTHING = encode(smpp.SmResp(900_000, smpp.Command.DELIVER_SM_RESP))
HEARTBEAT = encode(smpp.Plain(9, smpp.Command.ENQUIRE_LINK))


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def penalty():
    clock = Clock()
    return Penalty("account", "acme", clock), clock


# --- the account ---------------------------------------------------------------------------------------------------------------


def test_some_faults_are_free_and_come_back():
    one, clock = penalty()
    assert one.charge(FREE_FAULTS, FREE_FAULTS, 0) == 0.0

    clock.now += 1
    assert one.charge(FAULTS_A_SECOND, FAULTS_A_SECOND, 0) == 0.0
    assert not one.is_held
    assert one.charge(1, 1, 0) > 0
    assert one.is_held


def test_who_is_held_back_pays_for_every_pdu_until_it_made_no_fault_for_a_while():
    one, clock = penalty()
    one.charge(0, FREE_FAULTS + 1, 0)
    assert one.charge(HELD_A_SECOND[0] - 1, 0, 0) == pytest.approx(1.0)

    clock.now += 1
    assert one.charge(1, 1, 0) == REST_S
    clock.now += 3 * HOLD_LEAST_S - 0.1
    assert one.charge(300, 0, 0) > 0
    clock.now += 0.1
    assert one.charge(300, 0, 0) == 0.0  # however much it sends
    assert not one.is_held


def test_who_is_held_back_is_let_go_in_steps_and_begins_anew_with_a_fault():
    """At once it would fill the windows of all its sessions at once."""
    one, clock = penalty()
    one.charge(0, FREE_FAULTS + 1, 0)

    def rate_after_s(seconds):
        """PDUs a second."""
        clock.now += seconds
        one.charge(0, 0, 0)
        one._free.tokens = -40
        return round(40 / one.charge(0, 0, 0))

    assert tuple(rate_after_s(seconds) for seconds in (0, HOLD_LEAST_S, HOLD_LEAST_S)) == (20, 50, 100)
    one.charge(1, 1, 0)
    assert rate_after_s(HOLD_LEAST_S - 0.1) == 20
    clock.now += 2 * HOLD_LEAST_S + 0.1
    assert one.charge(0, 0, 0) == 0.0


def test_who_is_held_back_again_is_held_twice_as_long_up_to_a_bound_and_after_a_good_minute_as_at_first():
    one, clock = penalty()

    def held_s():
        one.charge(0, FREE_FAULTS + 1, 0)
        began = clock.now
        while one.charge(0, 0, 0):
            clock.now += 0.5
        return clock.now - began

    assert [held_s() for _ in range(7)] == [6, 12, 24, 48, 96, 192, 192]
    clock.now += FORGOTTEN_S
    assert held_s() == 3 * HOLD_LEAST_S


def test_how_long_it_is_still_held_back_begins_anew_with_each_fault():
    one, clock = penalty()
    assert one.held_s == 0
    one.charge(0, FREE_FAULTS + 1, 0)
    clock.now += 1
    assert one.held_s == 3 * HOLD_LEAST_S - 1
    clock.now += HOLD_LEAST_S
    one.charge(0, 0, 0)
    assert one.held_s == 2 * HOLD_LEAST_S - 1

    one.charge(1, 1, 0)
    assert one.held_s == 3 * HOLD_LEAST_S
    clock.now += 3 * HOLD_LEAST_S + 1
    assert one.held_s == 0


def test_an_account_with_a_rate_is_held_back_to_that():
    one, _ = penalty()
    one.charge(0, FREE_FAULTS + 1, 2_000)
    assert one.charge(999, 0, 2_000) == pytest.approx(0.5)


def test_no_rest_is_longer_than_the_most():
    one, _ = penalty()
    assert one.charge(0, 1_000_000, 0) == REST_MOST_S


def test_faults_that_go_on_end_the_connection_that_brings_them():
    one, _ = penalty()
    one.charge(0, FREE_FAULTS + 1, 0)
    one.charge(FAULTS_MOST - 1, FAULTS_MOST - 1, 0)
    assert not one.ends_connection()

    one.charge(1, 1, 0)
    assert [one.ends_connection(), one.ends_connection()] == [True, False]


def test_all_sessions_of_an_account_have_one_penalty():
    penalties = Penalties("account", Clock())
    assert penalties.of(1, "acme") is penalties.of(1, "acme")
    assert penalties.of(1, "acme") is not penalties.of(2, "other")


# --- the address ---------------------------------------------------------------------------------------------------------------


def test_an_address_that_comes_too_often_is_refused_until_it_paused():
    clock = Clock()
    reconnects = ReconnectLimit(clock)
    for _ in range(FREE_RECONNECTS):
        assert reconnects.may_come("10.0.0.1")
        reconnects.left("10.0.0.1")

    assert not reconnects.may_come("10.0.0.1")
    assert reconnects.may_come("10.0.0.2")
    clock.now += 1 / RECONNECTS_A_SECOND
    assert reconnects.may_come("10.0.0.1")


def test_the_memory_of_addresses_is_bounded():
    reconnects = ReconnectLimit(Clock())
    for number in range(ADDRESSES_MOST + 10):
        reconnects.left(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(reconnects._free) == ADDRESSES_MOST


# --- on the wire ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [UNKNOWN, ANSWER_TO_NOTHING, HEARTBEAT], ids=["unknown", "answer to nothing", "heartbeat"])
def test_pdus_that_do_nothing_are_read_slowly_and_end_the_session_in_the_end(octets, monkeypatch):
    monkeypatch.setattr("hongyan.http.penalty.FAULTS_MOST", 200)
    monkeypatch.setattr("hongyan.http.penalty.HELD_A_SECOND", (100, 100, 100))
    platform = Platform(listener())

    async def scene(there):
        bad = await Client.login(there, "smpp")
        bad.transport.write(octets * 5_000)
        began = time.monotonic()
        assert await bad.until(lambda: bad.is_lost, 30)
        took_s = time.monotonic() - began
        await there.until(lambda: not platform.sessions)
        return took_s, there.server.totals()

    took_s, totals = play(platform, scene)
    assert took_s > 1
    assert totals["smpp", "faults"] < 2_000
    assert totals["smpp", "cut"] == 1
    assert platform.ends == ["too many faults"]


def test_a_window_that_is_ignored_is_answered_by_silence_of_the_socket():
    """What is not read is not judged: beside it another customer's submits are answered at once."""
    platform = Platform(listener(), window_in=10)
    platform.held = []

    async def scene(there):
        bad, good = await Client.login(there, "smpp"), await Client.login(there, "smpp")
        for n in range(5_000):
            bad.submit(n)
        await asyncio.sleep(1)
        judged = len(bad.answers) + len(platform.held)
        for one in platform.held:
            one.set_result(platform.submitted())
        platform.held = None
        began = time.monotonic()
        good.submit("good")
        assert await good.until(lambda: "good" in good.answers)
        return judged, time.monotonic() - began

    judged, took_s = play(platform, scene)
    assert judged < 1_000
    assert took_s < 1


def test_refusals_are_faults_and_accepted_submits_are_none():
    platform = Platform(listener(), window_in=10_000)

    async def scene(there):
        client = await Client.login(there, "smpp")
        for n in range(2_000):
            client.submit(n)
        assert await client.until(lambda: len(client.answers) == 2_000)
        return there.server.totals()["smpp", "faults"]

    assert play(platform, scene) == 0


def test_a_customer_who_is_held_back_gets_what_it_is_owed():
    platform = Platform(listener())

    async def scene(there):
        client = await Client.login(there, "smpp")
        client.transport.write(HEARTBEAT * (FREE_FAULTS + 50))
        [served] = there.server.listeners[1].sessions
        await there.until(lambda: served.connection.penalty.is_held)
        platform.owe(*(report(100 + n) for n in range(20)))
        return await there.until(lambda: len(platform.delivered_items) == 20)

    assert play(platform, scene)


def test_a_session_counts_its_faults_and_until_when_it_is_held_back():
    platform = Platform(listener())

    async def scene(there):
        client = await Client.login(there, "smpp")
        [served] = there.server.listeners[1].sessions
        counts = served.session.counts
        client.transport.write(UNKNOWN)
        await there.until(lambda: counts.faults)
        before = (counts.faults, counts.held_until_ms)
        client.transport.write(HEARTBEAT * (FREE_FAULTS + 50))
        await there.until(lambda: served.connection.penalty.is_held)
        return before, (counts.faults > FREE_FAULTS, counts.held_until_ms)

    before, held = play(platform, scene)
    assert before == (1, NOW)
    assert held == (True, pytest.approx(NOW + 3 * HOLD_LEAST_S * 1000, abs=100))


def test_of_what_a_broken_connection_left_unheard_one_piece_is_handled():
    """All of it at once would take all others' time."""
    platform = Platform(listener())

    async def scene(there):
        await Client.login(there, "smpp")
        [served] = there.server.listeners[1].sessions
        connection, of_a_piece = served.connection, served.connection.piece_octets // len(HEARTBEAT)
        connection._reader.octets = HEARTBEAT * 16_000
        connection.connection_lost(ConnectionResetError())
        return served.session.counts.faults, of_a_piece

    faults, of_a_piece = play(platform, scene)
    assert 0 < faults <= of_a_piece


def test_an_address_that_comes_too_often_is_kept_waiting_before_it_is_closed(monkeypatch):
    monkeypatch.setattr("hongyan.sessions.reconnect_limit.FREE_RECONNECTS", 0)
    monkeypatch.setattr("hongyan.http.acceptor.STANDING_MOST", 1)

    async def closed_after_s(there):
        began = time.monotonic()
        with suppress(ConnectionResetError):  # before it knows that it is connected
            reader, writer = await raw(there)
            await ended(reader)
            writer.close()
        return time.monotonic() - began

    async def scene(there):
        await closed_after_s(there)  # the first one is let in: it is not known yet
        return await asyncio.gather(closed_after_s(there), closed_after_s(there))

    standing, at_once = sorted(play(Platform(listener(login_within_s=1)), scene), reverse=True)
    assert standing >= STANDING_S - 0.01  # timers count milliseconds
    assert at_once < STANDING_S


def test_nothing_is_made_for_a_connection_that_is_not_let_in(monkeypatch):
    """And what it says is logged once a second, with their number."""
    monkeypatch.setattr("hongyan.sessions.reconnect_limit.FREE_RECONNECTS", 0)

    async def scene(there):
        listening = there.server.listeners[1]
        _, writer = await raw(there)  # this one is let in: it is not known yet
        await there.until(lambda: listening.sessions)
        writer.close()
        await there.until(lambda: not listening.sessions)
        monkeypatch.setattr("hongyan.sessions.session_listener.ServedSession", None)
        with structlog.testing.capture_logs() as lines:
            writers = [(await raw(there))[1] for _ in range(5)]
            await there.until(lambda: sum(line["count"] for line in lines) == 5)
        for writer in writers:
            writer.close()
        return listening.connection_guard.refused, {(line["event"], line["why"]) for line in lines}, len(lines)

    refused, said, lines = play(Platform(listener()), scene)
    assert (refused, said) == (5, {("session_refused", "it comes too often")})
    assert lines < 5


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_is_not_let_in_is_not_heard_either(loop, monkeypatch):
    """Also where the event loop reads once more what came before it was asked not to."""
    monkeypatch.setattr("hongyan.sessions.reconnect_limit.FREE_RECONNECTS", 0)
    platform = Platform(listener())

    async def whole():
        async with opened(platform) as there:
            _, writer = await raw(there)  # this one is let in: it is not known yet
            writer.close()
            await there.until(lambda: not there.server.listeners[1].sessions)
            reader, writer = await raw(there)
            writer.write(encode(smpp.Bind(1, smpp.Command.BIND_TRANSCEIVER, USER, SECRET)))
            answer = await ended(reader)
            writer.close()
            return answer

    with asyncio.Runner(loop_factory=loop) as runner:
        answer = runner.run(whole())
    assert (answer, platform.log_ins) == (b"", 0)


def test_what_comes_before_the_login_is_bounded():
    platform = Platform(listener())

    async def scene(there):
        reader, writer = await raw(there)
        writer.write(HEARTBEAT * 1_000)
        seen = await ended(reader)
        writer.close()
        return len(seen)

    assert play(platform, scene) < 100 * 16


def test_a_port_refuses_an_address_that_breaks_off_again_and_again(monkeypatch):
    monkeypatch.setattr("hongyan.sessions.reconnect_limit.FREE_RECONNECTS", 5)
    platform = Platform(listener())

    async def whole():
        async with opened(platform) as there:
            for _ in range(8):
                _, writer = await raw(there)
                writer.close()
                await there.until(lambda: not there.server.listeners[1].sessions)
            return there.server.listeners[1].connection_guard.refused

    assert asyncio.run(whole()) >= 1


def test_the_time_that_we_do_not_read_is_no_silence_of_the_customer(monkeypatch):
    """Its answers stand behind what it submitted beyond its window, which takes four times as long as it has for them."""
    monkeypatch.setattr("hongyan.http.penalty.HELD_A_SECOND", (100, 100, 100))
    platform = Platform(listener(answer_within_s=1), window_in=10)

    async def scene(there):
        client = await Client.login(there, "smpp")
        for n in range(600):
            client.submit(n)
        platform.owe(*(report(100 + n) for n in range(5)))
        assert await client.until(lambda: len(client.answers) == 600, 20)
        return await there.until(lambda: len(platform.delivered_items) == 5), client.is_lost

    assert play(platform, scene) == (True, False)
