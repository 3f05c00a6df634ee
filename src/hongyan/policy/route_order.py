"""The order of routes, and moving one in it.

Routes of one account (or of all) and one product are tried tier by tier; for numbers abroad, those that name the same beginning. A route
that is moved gets a tier of its own beside the nearest tier with a rival, a route that serves some of its numbers. Which of two others
comes first never changes by it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from hongyan.model.account import Product
from hongyan.model.route import Route, RouteMove

_Order = tuple[int | None, Product, str]
_Tiers = list[tuple[int, list[Route]]]


def moved(routes: Iterable[Route], moving: Route, to: RouteMove) -> dict[int, int]:
    """Returns the new tiers, by the ids of the routes whose tier changes; empty if no rival is left to pass.

    A route that shares its tier with a rival leaves it; one that is alone changes places with the tier that it passes.
    """
    ordered = [route for route in routes if _order_of(route) == _order_of(moving)]
    others = _by_tier(route for route in ordered if route.id != moving.id)
    passed = _passed(others, moving, to)
    if passed is None:
        return {}
    place, tier = (passed, others[passed][0]) if to is RouteMove.UP else (passed + 1, others[passed][0] + 1)
    after = [*others[:place], (tier, [moving]), *others[place:]]
    held = sorted({route.tier for route in ordered})
    wanted = held if len(held) == len(after) else [tier for tier, _ in after]
    tiers = _rising(wanted)
    changes = {route.id: (route.tier, tier) for tier, (_, group) in zip(tiers, after, strict=True) for route in group}
    return {route_id: new for route_id, (old, new) in changes.items() if new != old}


def movable(routes: Iterable[Route]) -> set[tuple[int, RouteMove]]:
    """Returns which routes have a rival to pass, by their ids, and in which direction."""
    orders: dict[_Order, list[Route]] = defaultdict(list)
    for route in routes:
        orders[_order_of(route)].append(route)
    return {one for ordered in orders.values() for one in _movable_in(ordered)}


def _movable_in(ordered: Sequence[Route]) -> Iterator[tuple[int, RouteMove]]:
    for carrier in {route.carrier for route in ordered}:
        tiers = sorted(route.tier for route in ordered if _are_rivals(carrier, route.carrier))  # of the route itself, too
        for route in ordered:
            if route.carrier == carrier and bisect_right(tiers, route.tier) > 1:
                yield route.id, RouteMove.UP
            if route.carrier == carrier and len(tiers) - bisect_left(tiers, route.tier) > 1:
                yield route.id, RouteMove.DOWN


def _order_of(route: Route) -> _Order:
    """Returns what routes of one order have in common."""
    abroad = route.carrier if route.carrier and route.carrier.startswith("+") else ""
    return route.account_id, route.product, abroad


def _by_tier(routes: Iterable[Route]) -> _Tiers:
    found: dict[int, list[Route]] = {}
    for route in routes:
        found.setdefault(route.tier, []).append(route)
    return sorted(found.items())


def _passed(others: _Tiers, moving: Route, to: RouteMove) -> int | None:
    """Returns the place of the tier that the route goes past."""
    with_rivals = [
        (place, tier)
        for place, (tier, group) in enumerate(others)
        if any(_are_rivals(moving.carrier, one.carrier) for one in group)
    ]
    if to is RouteMove.UP:
        return max((place for place, tier in with_rivals if tier <= moving.tier), default=None)
    return min((place for place, tier in with_rivals if tier >= moving.tier), default=None)


def _are_rivals(one: str | None, other: str | None) -> bool:
    """Returns whether two routes serve the same numbers, by their carriers."""
    return one == other or not one or not other


def _rising(wanted: Sequence[int]) -> list[int]:
    """Returns these tiers, each at least one above the one before."""
    tiers = list[int]()
    for tier in wanted:
        tiers.append(max(tier, tiers[-1] + 1) if tiers else tier)
    return tiers
