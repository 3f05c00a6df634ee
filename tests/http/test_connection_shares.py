"""Which connections are let in and which make room: by address, by network, by how long they wait."""

from dataclasses import dataclass, field

import pytest

from hongyan.http.connection_shares import SLOW_S, ConnectionShares, KnownAddresses

MOST = 128
AT_ONCE = 2  # of 128: one of sixty-four


@dataclass(eq=False)
class Someone:
    address: str
    waits: tuple[bool, float] | None = None
    client: str = ""
    is_gone: bool = field(default=False, init=False)

    def __post_init__(self):
        self.client = self.client or self.address

    def waits_s(self, now):
        return self.waits

    def abort(self):
        self.is_gone = True


def spread(n):
    """An address in a network of its own."""
    return f"10.{n // 250}.{n % 250}.1"


def full(waits, known=None, most=MOST):
    shares = ConnectionShares(most, 16, 32, known)
    came = [Someone(spread(n), waits(n)) for n in range(most)]
    assert all(shares.enter(one, 0) for one in came)
    return shares, came


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (lambda n: "192.0.2.1", 64),  # half of all, and then no more than a share
        (lambda n: f"192.0.2.{n}", 64),
        (lambda n: f"2001:db8::{n:x}", 64),
        (lambda n: f"2001:db8::{n:x}:0:0:1", 64),
        (lambda n: f"2001:db8:0:{n:x}::1", MOST),
        (spread, MOST),
    ],
)
def test_one_place_gets_no_more_than_half(address, most):
    shares = ConnectionShares(MOST, 16, 32)

    assert sum(shares.enter(Someone(address(n)), 0) for n in range(200)) == most


def test_beyond_the_half_an_address_has_a_share_and_a_network_a_larger_one():
    shares = ConnectionShares(MOST, 16, 32)
    for n in range(64):
        shares.enter(Someone(spread(n)), 0)

    assert sum(shares.enter(Someone("192.0.2.1"), 0) for _ in range(50)) == 16
    assert sum(shares.enter(Someone(f"192.0.2.{n}"), 0) for n in range(2, 50)) == 16
    assert shares.enter(Someone("198.51.100.1"), 0)


def test_a_proxy_of_ours_has_no_share():
    shares = ConnectionShares(MOST, 16, 32)

    assert all(shares.enter(Someone(""), 0) for _ in range(MOST))


def test_a_connection_that_ended_counts_no_more():
    shares = ConnectionShares(MOST, 16, 32)
    came = [Someone("192.0.2.1") for _ in range(64)]
    assert all(shares.enter(one, 0) for one in came)
    assert not shares.enter(Someone("192.0.2.1"), 0)
    for one in came[:49]:
        shares.leave(one)
        shares.leave(one)

    assert len(shares) == 15
    assert shares.enter(Someone("192.0.2.1"), 0)


def test_the_slowest_make_room_a_few_at_a_time():
    shares, came = full(lambda n: (True, 10 + n))

    assert shares.enter(Someone("192.0.2.1"), 0)
    assert [one for one in came if one.is_gone] == came[-AT_ONCE:]
    assert len(shares) == MOST - AT_ONCE + 1


def test_a_connection_in_a_slow_request_goes_before_an_idle_one():
    shares, came = full(lambda n: (n == 5, 2 if n == 5 else 60))
    shares.enter(Someone("192.0.2.1"), 0)

    assert came[5].is_gone


@pytest.mark.parametrize("waits", [None, (True, SLOW_S / 2)])
def test_a_connection_that_is_served_or_has_just_begun_makes_no_room(waits):
    shares, came = full(lambda _: waits)

    assert not shares.enter(Someone("192.0.2.1"), 0)
    assert not any(one.is_gone for one in came)


def test_known_addresses_keep_their_connections():
    known = KnownAddresses()
    shares, came = full(lambda _: (True, 60), known)
    for one in came[1:]:
        known.add(one.address)

    assert shares.enter(Someone("192.0.2.1"), 0)
    assert [one for one in came if one.is_gone] == came[:1]
    assert not shares.enter(Someone("192.0.2.2"), 0)


def test_a_connection_that_comes_while_none_makes_room_costs_no_look_at_all_others():
    looked = []

    class Counted(Someone):
        def waits_s(self, now):
            looked.append(now)

    shares = ConnectionShares(4)
    for n in range(4):
        shares.enter(Counted(spread(n)), 0)
    for moment in (1.0, 1.1, 1.2, 1.3):
        shares.enter(Someone("192.0.2.1"), moment)

    assert looked == [1.0] * 4 + [1.3] * 4


def test_known_places_are_bounded(monkeypatch):
    monkeypatch.setattr("hongyan.http.connection_shares.KNOWN_MOST", 2)
    known = KnownAddresses()
    for address in ("192.0.2.1", "2001:db8::1", "192.0.2.3", "192.0.2.3"):
        known.add(address)

    assert ["192.0.2.1" in known, "2001:db8::2" in known, "192.0.2.3" in known] == [False, True, True]
