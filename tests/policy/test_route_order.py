"""Moving a route: who is tried before whom afterwards, for every kind of number."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.account import Product
from hongyan.model.destination import Carrier
from hongyan.model.route import Route, RouteMove
from hongyan.policy.route_order import movable, moved

UP, DOWN = RouteMove.UP, RouteMove.DOWN


def route(number, tier, carrier=None, account_id=None, product=Product.SMS):
    return Route(number, number, account_id=account_id, product=product, carrier=carrier, tier=tier)


def after(routes, number, to):
    """The tiers after a move."""
    (moving,) = [one for one in routes if one.id == number]
    changes = moved(routes, moving, to)
    return {one.id: changes.get(one.id, one.tier) for one in routes}


def test_two_that_are_alone_change_places():
    routes = [route(1, 0), route(2, 5)]

    assert after(routes, 2, UP) == after(routes, 1, DOWN) == {1: 5, 2: 0}


def test_one_that_shares_its_tier_leaves_it():
    routes = [route(1, 0), route(2, 0), route(3, 1)]

    assert after(routes, 2, UP) == {2: 0, 1: 1, 3: 2}
    assert after(routes, 2, DOWN) == {1: 0, 2: 1, 3: 2}


def test_the_first_and_the_last_stay():
    routes = [route(1, 0), route(2, 1)]

    assert moved(routes, routes[0], UP) == {}
    assert moved(routes, routes[1], DOWN) == {}


def test_it_passes_what_serves_the_same_numbers_and_nothing_else():
    routes = [route(1, 0, Carrier.MOBILE), route(2, 1, Carrier.UNICOM), route(3, 2, Carrier.MOBILE)]

    assert after(routes, 3, UP) == {3: 0, 1: 1, 2: 2}
    assert moved(routes, routes[1], UP) == {}
    mixed = [route(1, 0, account_id=7), route(2, 1), route(3, 0, product=Product.MMS), route(4, 0, "+852"), route(5, 0, "+85")]
    assert [moved(mixed, one, to) for one in mixed for to in RouteMove] == [{}] * 10


ROUTES = st.lists(
    st.builds(
        Route,
        id=st.just(0),
        channel_id=st.just(1),
        account_id=st.sampled_from([None, 7]),
        product=st.sampled_from(Product),
        carrier=st.sampled_from([None, Carrier.MOBILE, Carrier.UNICOM, "+852"]),
        tier=st.integers(0, 5),
    ),
    min_size=1,
    max_size=9,
).map(lambda routes: [replace(one, id=number) for number, one in enumerate(routes)])


@given(ROUTES, st.data())
def test_others_keep_their_order_and_one_goes_past_at_least_one_rival(routes, data):
    moving, to = data.draw(st.sampled_from(routes)), data.draw(st.sampled_from(RouteMove))
    changes = moved(routes, moving, to)
    tiers = {one.id: changes.get(one.id, one.tier) for one in routes}
    others = [one for one in routes if one.id != moving.id]
    alike = [one for one in others if (one.account_id, one.product) == (moving.account_id, moving.product)]
    rivals = [
        one
        for one in alike
        if one.carrier == moving.carrier or {one.carrier, moving.carrier} in ({None, Carrier.MOBILE}, {None, Carrier.UNICOM})
    ]

    for one in others:
        for other in others:
            if (one.account_id, one.product, one.carrier == "+852") == (
                other.account_id,
                other.product,
                other.carrier == "+852",
            ):
                assert (one.tier < other.tier) == (tiers[one.id] < tiers[other.id])
    ahead = [sum(held[one.id] <= held[moving.id] for one in rivals) for held in ({one.id: one.tier for one in routes}, tiers)]
    behind = [sum(held[one.id] >= held[moving.id] for one in rivals) for held in ({one.id: one.tier for one in routes}, tiers)]
    passed = ahead if to is UP else behind
    assert passed[0] > passed[1] if changes else passed[0] == 0
    assert ((moving.id, to) in movable(routes)) is bool(changes)
