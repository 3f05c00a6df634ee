from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.account import Product
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.destination import Carrier, read_destination
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code
from hongyan.model.route import Route, Tier
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.pricing import price_of
from hongyan.policy.routing import choose, destination_of, plan_of, share, why_none

ACCOUNT, OTHER = 1, 2
PHONE = 8613800138000
SMS, MMS = Product.SMS, Product.MMS
RUNNING, PAUSED = ChannelState.RUNNING, ChannelState.PAUSED


def channel(channel_id, state=RUNNING, product=SMS):
    return Channel(channel_id, f"c{channel_id}", Protocol.LOOPBACK, state=state, product=product)


def snapshot(*routes, down=(), **states):
    """A ConfigSnapshot with the channels 1 to 5, running by default (`c3=PAUSED`)."""
    channels = {n: channel(n, states.get(f"c{n}", RUNNING)) for n in range(1, 6)}
    return ConfigSnapshot(channels=channels, routes=routes, down=frozenset(down))


def chosen(a_snapshot, carrier=Carrier.MOBILE, tried=()):
    return choose(a_snapshot, ACCOUNT, SMS, carrier, PHONE, tried=frozenset(tried))


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([], None),
        ([Route(1, 1)], 1),
        ([Route(1, 1, account_id=OTHER)], None),
        ([Route(1, 1, product=MMS)], None),
        ([Route(1, 1, carrier=Carrier.UNICOM)], None),
        ([Route(1, 1, carrier=Carrier.MOBILE)], 1),
        ([Route(1, 1, weight=0)], None),
        ([Route(1, 9)], None),  # a channel that is gone
        ([Route(1, 1, tier=2), Route(2, 2, tier=1)], 2),
        ([Route(1, 1), Route(2, 2, account_id=ACCOUNT, tier=9)], 2),  # rules of the account win, whatever their tier
        ([Route(1, 1), Route(2, 2, account_id=ACCOUNT, carrier=Carrier.UNICOM)], 1),  # but only where they match
        ([Route(1, 1, carrier=Carrier.MOBILE, tier=1), Route(2, 2)], 2),  # naming a carrier has no precedence
    ],
)
def test_a_rule_decides(routes, expected):
    assert chosen(snapshot(*routes)) == expected


@pytest.mark.parametrize(
    ("down", "states", "expected"),
    [
        ((), {}, 1),
        ((1,), {}, 2),
        ((), {"c1": PAUSED}, 2),
        ((), {"c1": ChannelState.STOPPED}, 2),
        ((), {"c1": ChannelState.DRAINING}, 2),
        ((1, 2), {}, 1),  # all are down: wait in the queue of the first
        ((2,), {"c1": PAUSED}, 1),
        ((2,), {"c1": ChannelState.STOPPED}, 2),
        ((), {"c1": ChannelState.STOPPED, "c2": ChannelState.DRAINING}, None),
        ((1,), {"c1": ChannelState.STOPPED, "c2": ChannelState.STOPPED}, None),
    ],
)
def test_the_lowest_tier_with_a_usable_channel_wins(down, states, expected):
    assert chosen(snapshot(Route(1, 1, tier=0), Route(2, 2, tier=1), down=down, **states)) == expected


def test_an_account_with_rules_of_its_own_does_not_fall_back_on_those_for_all():
    assert chosen(snapshot(Route(1, 1), Route(2, 2, account_id=ACCOUNT), c2=ChannelState.STOPPED)) is None


def test_a_channel_of_another_product_is_no_candidate():
    assert chosen(ConfigSnapshot(channels={1: channel(1, product=MMS)}, routes=(Route(1, 1),))) is None


@pytest.mark.parametrize(
    ("tried", "down", "expected"),
    [({1}, (), 2), ({2}, (), 1), ({1, 2}, (), 3), ({1, 2, 3}, (), None), ({1}, (2,), 3), ({1, 3}, (2,), 2)],
)
def test_a_channel_that_refused_is_not_asked_again(tried, down, expected):
    assert chosen(snapshot(Route(1, 1), Route(2, 2, tier=1), Route(3, 3, tier=2), down=down), tried=tried) == expected


def test_weights_share_a_tier():
    tier = Tier((1, 2, 3), (5, 8, 10))
    shares = Counter(share(tier, 8613800000000 + n) for n in range(10_000))
    assert [round(shares[n] / 1_000) for n in (1, 2, 3)] == [5, 3, 2]


def test_the_others_keep_their_weights_when_one_refused():
    a_snapshot = snapshot(Route(1, 1, weight=5), Route(2, 2, weight=3), Route(3, 3, weight=1))
    phones = range(8613800000000, 8613800008000)
    shares = Counter(choose(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE, phone, tried=frozenset({1})) for phone in phones)
    assert [round(shares[n] / 1_000) for n in (1, 2, 3)] == [0, 6, 2]


@pytest.mark.parametrize("step", [1, 2, 10, 100, 1024, 10_000])
def test_numbers_that_follow_a_pattern_are_shared_too(step):
    shares = Counter(share(Tier((1, 2), (1, 2)), 8613800000000 + step * n) for n in range(4_000))
    assert min(shares[1], shares[2]) > 1_800


@given(st.integers(10**6, 10**15))
def test_a_number_keeps_its_channel(phone):
    a_snapshot = snapshot(Route(1, 1), Route(2, 2), Route(3, 3))
    first = choose(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE, phone)
    assert first in {1, 2, 3}
    assert choose(replace(a_snapshot, version=2), ACCOUNT, SMS, Carrier.MOBILE, phone) == first
    assert choose(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE, phone, tried=frozenset({first})) in {1, 2, 3} - {first}


def test_a_new_snapshot_works_its_routes_out_anew():
    a_snapshot = snapshot(Route(1, 1), Route(2, 2, tier=1))
    assert chosen(a_snapshot) == 1
    assert chosen(replace(a_snapshot, down=frozenset({1}))) == 2
    assert chosen(a_snapshot) == 1


def test_tiers_come_best_first_and_once_worked_out_are_kept():
    a_snapshot = snapshot(Route(1, 1), Route(2, 2, weight=3), Route(3, 3, tier=1), Route(4, 4), down=(4,))
    tiers = plan_of(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE).tiers
    assert tiers == (Tier((1, 2), (1, 4)), Tier((3,), (1,)), Tier((4,), (1,)))
    assert plan_of(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE).tiers is tiers


@pytest.mark.parametrize(
    ("routes", "cause"),
    [
        ([Route(1, 1, carrier=Carrier.UNICOM)], Code.NUMBER_NO_CHANNEL),
        ([], Code.NO_CHANNEL),
        ([Route(1, 1, account_id=OTHER)], Code.NO_CHANNEL),
        ([Route(1, 1, product=MMS)], Code.NO_CHANNEL),
    ],
)
def test_no_channel_for_a_carrier_and_no_channel_at_all_are_reported_apart(routes, cause):
    assert why_none(snapshot(*routes), ACCOUNT, SMS) is cause


@pytest.mark.parametrize(
    ("prices", "points"),
    [
        ({}, 1),
        ({(ACCOUNT, SMS, None): 2}, 2),
        ({(ACCOUNT, SMS, None): 2, (ACCOUNT, SMS, Carrier.MOBILE): 3}, 3),
        ({(ACCOUNT, SMS, Carrier.MOBILE): 0, (ACCOUNT, SMS, None): 2}, 0),  # free is a price
        ({(ACCOUNT, SMS, Carrier.UNICOM): 3}, 1),
        ({(OTHER, SMS, None): 2, (ACCOUNT, MMS, None): 3}, 1),
    ],
)
def test_the_price_for_the_carrier_wins_over_the_accounts_price(prices, points):
    a_snapshot = ConfigSnapshot(prices=prices)
    assert price_of(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE) == points
    assert plan_of(a_snapshot, ACCOUNT, SMS, Carrier.MOBILE).price == points


# --- abroad ------------------------------------------------------------------------------------------------------------

HONG_KONG, PUERTO_RICO, CANADA = 85251234567, 17875551234, 14165551234
ABROAD = (
    Route(1, 1, carrier=Carrier.FOREIGN),
    Route(2, 2, carrier="+1"),
    Route(3, 3, carrier="+1787"),
    Route(4, 4),
)


@pytest.mark.parametrize(
    ("phone", "routes", "expected"),
    [
        (CANADA, ABROAD, 2),
        (PUERTO_RICO, ABROAD, 3),
        (HONG_KONG, ABROAD, 1),
        (HONG_KONG, ABROAD[1:], 4),
        (HONG_KONG, ABROAD[1:3], None),
        (PUERTO_RICO, (Route(1, 1, carrier="+852"), Route(2, 2, carrier=Carrier.FOREIGN, tier=9)), 2),
        (PUERTO_RICO, (*ABROAD, Route(9, 5, account_id=ACCOUNT)), 5),  # rules of the account win, however far
        (PUERTO_RICO, (*ABROAD, Route(9, 5, account_id=ACCOUNT, carrier="+852")), 3),
        (PUERTO_RICO, (*ABROAD, Route(9, 5, carrier="+1787", tier=1)), 3),
    ],
)
def test_the_longest_beginning_of_a_foreign_number_wins(phone, routes, expected):
    assert choose(snapshot(*routes), ACCOUNT, SMS, Carrier.FOREIGN, phone) == expected


def test_a_mainland_number_is_known_by_its_carrier_alone():
    assert destination_of(snapshot(*ABROAD), Carrier.MOBILE, PHONE) == Carrier.MOBILE
    assert chosen(snapshot(*ABROAD)) == 4
    assert chosen(snapshot(*ABROAD[:3])) is None


def test_prices_abroad_are_found_likewise():
    prices = {(ACCOUNT, SMS, "+1"): 3, (ACCOUNT, SMS, "+1787"): 9, (ACCOUNT, SMS, Carrier.FOREIGN): 5, (ACCOUNT, SMS, None): 1}
    a_snapshot = ConfigSnapshot(prices=prices)

    seen = [destination_of(a_snapshot, Carrier.FOREIGN, phone) for phone in (CANADA, PUERTO_RICO, HONG_KONG)]
    assert [price_of(a_snapshot, ACCOUNT, SMS, destination) for destination in seen] == [3, 9, 5]
    assert price_of(a_snapshot, OTHER, SMS, "+1787") == 1
    assert price_of(ConfigSnapshot(prices={(ACCOUNT, SMS, None): 2}), ACCOUNT, SMS, "+1787") == 2


def test_an_account_whose_channels_serve_one_country_has_a_channel():
    assert why_none(snapshot(Route(1, 1, carrier="+1")), ACCOUNT, SMS) is Code.NUMBER_NO_CHANNEL


@pytest.mark.parametrize("text", ["+852", "+1787", "foreign", "mobile"])
def test_destinations_are_carriers_and_beginnings(text):
    assert read_destination(text) == text


@pytest.mark.parametrize("text", ["", "852", "+", "+0", "+86", "+8613", "+12345678", "any", "+85a", "+８"])
def test_nothing_else_is(text):
    with pytest.raises(ValueError, match="is not a valid Carrier"):
        read_destination(text)
