"""A listener that strangers want to themselves: connections, memory, descriptors."""

import asyncio
from contextlib import suppress
from ipaddress import ip_network

import pytest
from tests.http.wire import Client, echo, post, quicken, run, serving

from hongyan.http.address import networks
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.connection_shares import ConnectionShares, KnownAddresses
from hongyan.http.state import TURNED_AWAY_MOST, Limits

MIB = 1024 * 1024
SOCKET_OCTETS = 8 * MIB  # of both systems, that nobody has read
PART = b"POST / HTTP/1.1\r\nContent-Length: 2097152\r\n\r\n" + b"x" * 500_000


async def settled(is_so):
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


def test_an_address_that_may_not_come_is_cut_off_before_it_counts():
    async def main():
        seen = []
        async with serving(echo, allowed=networks(["192.0.2.0/24"]), on_refused=seen.append) as listener:
            clients = [await Client.to(listener) for _ in range(100)]
            for client in clients:
                assert await client.is_closed()
            assert seen == ["127.0.0.1"] * 100
            assert (listener.connections, len(listener._server_state.shares)) == (0, 0)

    run(main)


def test_an_address_that_may_come_is_served():
    async def main():
        async with serving(echo, allowed=(ip_network("127.0.0.0/8"),)) as listener:
            client = await Client.to(listener)
            client.write(post("/", b"a"))
            assert (await client.answer())[1] == b"POST / \na"

    run(main)


@pytest.mark.parametrize("octets", [b"", b"POST / HTTP/1.1\r\n", PART[:100]], ids=["nothing", "a head", "a body"])
def test_a_slow_connection_makes_room_for_a_new_one(octets, monkeypatch):
    monkeypatch.setattr("hongyan.http.connection_shares.SLOW_S", 0.05)

    async def main():
        async with serving(echo, shares=ConnectionShares(8)) as listener:
            held = [await Client.to(listener) for _ in range(8)]
            for client in held:
                client.write(octets)
            await asyncio.sleep(0.2)

            for n in range(20):
                client = await Client.to(listener)
                client.write(post("/", b"%d" % n))
                assert (await client.answer())[1] == b"POST / \n%d" % n
                client.writer.close()
                await settled(lambda: len(listener._server_state.shares) < 8)

    run(main)


def test_when_nobody_makes_room_a_few_are_reported_and_the_others_cut():
    async def main():
        async with serving(echo, shares=ConnectionShares(4)) as listener:
            known = [await Client.to(listener) for _ in range(4)]
            for client in known:
                client.write(post("/", b"a"))
                await client.answer()
            clients = [await Client.to(listener) for _ in range(TURNED_AWAY_MOST + 50)]
            await settled(lambda: listener._server_state.turned_away == TURNED_AWAY_MOST)
            assert (await clients[0].answer())[0].startswith(b"HTTP/1.1 503 ")
            assert listener.connections <= 4 + TURNED_AWAY_MOST
            for client in clients:
                client.reset()
            await settled(lambda: listener._server_state.turned_away == 0)

    run(main)


def test_connections_of_known_addresses_are_kept(monkeypatch):
    monkeypatch.setattr("hongyan.http.connection_shares.SLOW_S", 0.0)

    async def main():
        known = KnownAddresses()
        known.add("127.0.0.1")
        async with serving(echo, shares=ConnectionShares(2, known=known)) as listener:
            held = [await Client.to(listener) for _ in range(2)]
            late = await Client.to(listener)
            assert (await late.answer())[0].startswith(b"HTTP/1.1 503 ")
            for client in held:
                client.write(post("/", b"a"))
                assert (await client.answer())[1] == b"POST / \na"

    run(main)


def test_listeners_that_share_places_have_so_many_together():
    async def main():
        budget = ConnectionBudget(3)
        async with serving(echo, budget=budget) as one, serving(echo, budget=budget) as other:
            held = [await Client.to(one), await Client.to(one), await Client.to(other)]
            await settled(lambda: len(budget) == 3)
            assert (await (await Client.to(other)).answer())[0].startswith(b"HTTP/1.1 503 ")
            held[0].reset()
            await settled(lambda: len(budget) == 2)
            client = await Client.to(other)
            client.write(post("/", b"a"))
            assert (await client.answer())[1] == b"POST / \na"

    run(main)


def test_unfinished_bodies_have_a_budget():
    """Of forty bodies of which half a megabyte came, so many stay as fit into the budget; a whole one passes meanwhile."""

    async def main():
        async with serving(echo, limits=Limits(reading_octets=4 * MIB, held_octets=MIB)) as listener:
            clients = [await Client.to(listener) for _ in range(40)]
            for client in clients:
                client.write(PART)
                await client.writer.drain()
                assert listener._server_state.reading <= 5 * MIB
            await settled(lambda: sum(one.is_reading for one in listener._server_state.connections) <= 8)

            client = await Client.to(listener)
            client.write(post("/", b"a" * 100_000))
            assert len((await client.answer())[1]) > 100_000
            for client in clients:
                client.reset()
            await settled(lambda: listener._server_state.reading == 0)

    run(main)


@pytest.mark.parametrize(
    ("begin", "piece"), [(b"GET / HTTP/1.1\r\nA: ", b"b" * 50_000), (post("/", b"a"), b"GET / HTTP/1.1\r\nA: b")]
)
def test_what_is_read_ahead_counts_and_counts_no_more_when_it_is_gone(begin, piece):
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(begin, piece)
            await settled(lambda: listener._server_state.reading >= len(piece))
            client.reset()
            await settled(lambda: listener._server_state.reading == 0)

    run(main)


def test_a_body_that_was_answered_counts_no_more():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            for _ in range(3):
                client.write(post("/", b"a" * 900_000))
                await client.answer()
                assert listener._server_state.reading == 0
            client.write(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            await settled(lambda: listener._server_state.reading)
            client.write(b"0\r\n\r\n")
            await client.answer()
            assert listener._server_state.reading == 0

    run(main)


def test_bodies_behind_a_proxy_count_for_its_client():
    async def main():
        async with serving(echo, trusted=["127.0.0.1"], shares=ConnectionShares(8, 2, 8)) as listener:
            held = [await Client.to(listener) for _ in range(6)]
            for client in held[:3]:
                client.write(b"POST / HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 9\r\n\r\n")
            answered = asyncio.gather(*(client.answer() for client in held[:3]), return_exceptions=True)
            await settled(lambda: listener._server_state.shares._counts["192.0.2.1"] == 2)
            held[3].write(b"POST / HTTP/1.1\r\nX-Forwarded-For: 192.0.2.9\r\nContent-Length: 1\r\n\r\n")
            await asyncio.sleep(0.05)
            held[3].write(b"a")
            assert (await held[3].answer())[1] == b"POST / \na"
            for client in held[:3]:
                client.write(b"a" * 9)
            heads = sorted(head[:12] for head, _ in await answered)
            assert heads == [b"HTTP/1.1 200", b"HTTP/1.1 200", b"HTTP/1.1 503"]
            assert not listener._server_state.shares._counts

    run(main)


@pytest.mark.parametrize("octets", [b"", b"GET / HTTP/1.1\r\nA: ", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na"])
def test_heads_and_bodies_have_their_time(octets, monkeypatch):
    quicken(monkeypatch)

    async def main():
        limits = Limits(head_timeout_s=0.2, body_grace_s=0.2, linger_timeout_s=0.1)
        async with serving(echo, limits=limits) as listener:
            client = await Client.to(listener)
            client.write(octets)
            assert (await client.answer())[0].startswith(b"HTTP/1.1 408 ")
            assert await client.is_closed()

    run(main)


def test_what_a_refused_client_goes_on_pouring_is_read_in_small_pieces_and_it_has_its_answer():
    async def main():
        async with serving(echo, limits=Limits(head_octets=1_000)) as listener:
            client = await Client.to(listener)
            poured, loop = 0, asyncio.get_running_loop()
            began = loop.time()
            while loop.time() < began + 0.3:
                client.write(bytes(100_000))
                poured += 100_000
                with suppress(TimeoutError):
                    await asyncio.wait_for(client.writer.drain(), 0.01)
            taken = poured - client.writer.transport.get_write_buffer_size()
            assert taken < 0.3 / 0.05 * 256_000 + SOCKET_OCTETS
            assert (await client.answer())[0].startswith(b"HTTP/1.1 431 ")

    run(main)
