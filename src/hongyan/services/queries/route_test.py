"""Why a number takes its route: every route, its standing for the number, and the one that is chosen. Nothing is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from hongyan.model.account import Account, Product
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.destination import Carrier
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.phone import national, normalise
from hongyan.model.route import Route
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.numbers import carrier_of, published_prefixes
from hongyan.policy.routing import choose, destination_of, leads_to, plan_of, rules_for
from hongyan.services.admin.account_money import first_product
from hongyan.services.admin.opening import Opening


class Standing(StrEnum):
    """The standing of a route for this number."""

    CHOSEN = auto()
    OPEN = auto()  # its channel works, and another one comes first
    WAITS = auto()  # its channel is down or paused: messages wait there if none is open
    CLOSED = auto()  # its channel is stopped or draining
    OTHER_ACCOUNT = auto()
    OTHER_CARRIER = auto()
    OTHER_PRODUCT = auto()
    OVERRULED = auto()  # the account has routes of its own, or another route names the country more closely


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    channel: str
    carrier: str
    account: str
    tier: int
    weight: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class RouteTest:
    phone: int
    carrier: str
    destination: str
    price: int  # points a segment
    channel: str  # "" if there is none
    candidates: list[Candidate]


def try_route(snapshot: ConfigSnapshot, account_name: str, number: str, product: Product) -> RouteTest:
    """Judge every route for a number. Nothing is sent. raises: NotFound for the account, Invalid for a text that is no number"""
    account, phone = snapshot.accounts.get(account_name), normalise(number)
    if account is None:
        raise NotFound("there is no account {name}", name=account_name)
    if phone is None:
        raise Invalid("this is no number that messages can go to")
    carrier = carrier_of(phone, snapshot.prefixes)
    destination = destination_of(snapshot, carrier, phone)
    chosen = choose(snapshot, account.id, product, carrier, phone)
    plan = plan_of(snapshot, account.id, product, destination)
    candidates = sorted(_candidates(snapshot, account, product, destination, chosen), key=_order)
    name = snapshot.channels[chosen].name if chosen is not None else ""
    return RouteTest(phone, str(carrier), destination, plan.price, name, candidates)


def with_customer(snapshot: ConfigSnapshot, opening: Opening) -> ConfigSnapshot:
    """Returns the configuration as it would be with a customer who is not added yet. raises: NotFound"""
    new, product = opening.account, first_product(opening.account.settings)
    account = Account(_NEW, new.customer_id, new.name, Secret("", ""))
    ids = {channel.name: channel.id for channel in snapshot.channels.values()}
    unknown = [name for name in opening.channels if name not in ids]
    if unknown:
        raise NotFound("there is no channel {name}", name=unknown[0])
    own = tuple(
        Route(0, ids[name], _NEW, snapshot.channels[ids[name]].product, tier=tier) for tier, name in enumerate(opening.channels)
    )
    price: Mapping[tuple[int, Product, str | None], int]
    price = {} if opening.money.price is None else {(_NEW, product, None): opening.money.price}
    return replace(
        snapshot,
        accounts={**snapshot.accounts, new.name: account},
        accounts_by_id={**snapshot.accounts_by_id, _NEW: account},
        routes=(*snapshot.routes, *own),
        prices={**snapshot.prices, **price},
    )


_NEW = -1
"""Instead of the id of an account that does not exist yet."""

_ORDER = list(Standing)


def _order(one: Candidate) -> tuple[int, int, int]:
    return _ORDER.index(one.standing), one.tier, one.id


def _candidates(
    snapshot: ConfigSnapshot, account: Account, product: Product, destination: str, chosen: int | None
) -> Iterator[Candidate]:
    rules = rules_for(snapshot, account.id, product, destination)
    for route in snapshot.routes:
        channel = snapshot.channels.get(route.channel_id)
        if channel is None:
            continue
        standing = _why_not(route, channel, account, product, destination) or _in_turn(snapshot, route, channel, rules, chosen)
        owner = snapshot.accounts_by_id.get(route.account_id) if route.account_id is not None else None
        carrier = route.carrier or "any"
        yield Candidate(
            id=route.id,
            channel=channel.name,
            carrier=carrier,
            account=owner.name if owner else "",
            tier=route.tier,
            weight=route.weight,
            standing=standing,
        )


def _why_not(route: Route, channel: Channel, account: Account, product: Product, destination: str) -> Standing | None:
    """Returns why the route is not for such a number at all; None if it is."""
    if product not in {route.product, channel.product} or route.product != channel.product:
        return Standing.OTHER_PRODUCT
    if route.account_id not in {None, account.id}:
        return Standing.OTHER_ACCOUNT
    return None if leads_to(route, destination) else Standing.OTHER_CARRIER


def _in_turn(snapshot: ConfigSnapshot, route: Route, channel: Channel, rules: list[Route], chosen: int | None) -> Standing:
    if route not in rules:
        return Standing.OVERRULED
    if channel.state in {ChannelState.STOPPED, ChannelState.DRAINING}:
        return Standing.CLOSED
    if route is _first_to(rules, chosen):
        return Standing.CHOSEN
    is_waiting = channel.id in snapshot.down or channel.state is ChannelState.PAUSED
    return Standing.WAITS if is_waiting else Standing.OPEN


def _first_to(rules: list[Route], channel_id: int | None) -> Route | None:
    """Returns the rule by which messages reach the channel; of several, the one of the lowest tier."""
    leading = [route for route in rules if route.channel_id == channel_id]
    return min(leading, key=lambda route: (route.tier, route.id), default=None)


@dataclass(frozen=True, slots=True)
class NumberOwner:
    """The carrier to which a number's prefix was given; numbers are portable."""

    number: str  # as it was typed
    carrier: str = ""  # "" for a text that is no number
    prefix: str = ""  # of mainland numbers


def whose(number: str) -> NumberOwner:
    phone = normalise(number) if number else None
    if phone is None:
        return NumberOwner(number)
    carrier = carrier_of(phone, published_prefixes())
    return NumberOwner(number, carrier.value, "" if carrier is Carrier.FOREIGN else national(phone)[:_PREFIX_DIGITS])


_PREFIX_DIGITS = 5
