"""The channel by which a message leaves.

Rules that name the account replace the rules for every account, for the product and carrier that they match. Abroad, rules
for the longest beginning of the number replace the others. Among the rules left the lowest tier with a usable channel wins,
and the weights share its traffic. A channel is usable while it runs and is not known to be down. If none is usable, messages
wait in the queue of one that is down or paused: it will be back, or its parcels are judged again. Stopped and draining channels
take nothing. Whether a channel can carry a message, such as a flash message or octets, is judged here for admission, release, retry,
resend and reroute.
"""

from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import accumulate, groupby

from hongyan.model.account import Product
from hongyan.model.channel import ChannelNeed, ChannelState
from hongyan.model.destination import Carrier
from hongyan.model.refusal import Code
from hongyan.model.route import Route, RoutePlan, Tier
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.pricing import price_of

_SPREAD = 0x9E3779B1  # 2**32 over the golden ratio, made odd: spreads neighbouring numbers far apart
_NONE: frozenset[int] = frozenset()


def destination_of(snapshot: ConfigSnapshot, carrier: Carrier, phone: int) -> str:
    """Returns its carrier, or for a foreign number the longest beginning that some route or price names."""
    if carrier is not Carrier.FOREIGN or not snapshot.countries:
        return carrier
    digits = f"+{phone}"
    return next((digits[:end] for end in range(len(digits), 1, -1) if digits[:end] in snapshot.countries), carrier)


def plan_of(
    snapshot: ConfigSnapshot, account_id: int, product: Product, destination: str, need: ChannelNeed = ChannelNeed.TEXT
) -> RoutePlan:
    """Returns how these messages leave and what a segment costs. It is worked out once for each ConfigSnapshot.

    Its tiers are usable channels, then those that are worth waiting for; empty if no channel takes such messages.
    """
    key = (account_id, product, destination, need)
    plan = snapshot.route_plans.get(key)
    if plan is None:
        tiers = _work_out(snapshot, account_id, product, destination, need)
        plan = snapshot.route_plans[key] = RoutePlan(tiers, price_of(snapshot, account_id, product, destination))
    return plan


def choose(
    snapshot: ConfigSnapshot,
    account_id: int,
    product: Product,
    carrier: Carrier,
    phone: int,
    need: ChannelNeed = ChannelNeed.TEXT,
    *,
    tried: AbstractSet[int] = _NONE,
) -> int | None:
    """Returns the id of the channel for one number, always the same one; None if all that carry it were tried.

    phone: E.164; its hash takes the place of chance in sharing by weights
    tried: channels that refused the message
    """
    for tier in plan_of(snapshot, account_id, product, destination_of(snapshot, carrier, phone), need).tiers:
        left = _without(tier, tried) if tried else tier
        if left.channel_ids:
            return share(left, phone)
    return None


def share(tier: Tier, phone: int) -> int:
    """Returns the channel of this tier that carries the number."""
    if len(tier.channel_ids) == 1:
        return tier.channel_ids[0]
    chance = (phone * _SPREAD >> 16) % tier.bounds[-1]
    return tier.channel_ids[bisect_right(tier.bounds, chance)]


_NO_SUCH_CHANNEL = {ChannelNeed.OCTETS: Code.NO_BINARY_CHANNEL, ChannelNeed.FLASH: Code.NO_FLASH_CHANNEL}


def why_none(snapshot: ConfigSnapshot, account_id: int, product: Product, need: ChannelNeed = ChannelNeed.TEXT) -> Code:
    """Returns why a number has no channel: none serves its carrier, none can carry such a message, or the account has none at
    all.
    """
    if _has_any(snapshot, account_id, product, need):
        return Code.NUMBER_NO_CHANNEL
    return _NO_SUCH_CHANNEL[need] if need and _has_any(snapshot, account_id, product, ChannelNeed.TEXT) else Code.NO_CHANNEL


def _has_any(snapshot: ConfigSnapshot, account_id: int, product: Product, need: ChannelNeed) -> bool:
    destinations = (*Carrier, *snapshot.countries)
    return any(plan_of(snapshot, account_id, product, destination, need).tiers for destination in destinations)


def rules_for(snapshot: ConfigSnapshot, account_id: int, product: Product, destination: str) -> list[Route]:
    """Returns the rules for these messages: those of the account replace the others, and so do those nearest to the number."""
    fitting = [route for route in snapshot.routes if route.product == product and leads_to(route, destination)]
    own = [route for route in fitting if route.account_id == account_id]
    rules = own or [route for route in fitting if route.account_id is None]
    nearest = max(map(_nearness, rules), default=0)
    return [route for route in rules if _nearness(route) == nearest]


def _work_out(
    snapshot: ConfigSnapshot, account_id: int, product: Product, destination: str, need: ChannelNeed
) -> tuple[Tier, ...]:
    usable, waiting = [], []
    for rule in rules_for(snapshot, account_id, product, destination):
        channel = snapshot.channels.get(rule.channel_id)
        if channel is None or not channel.carries(product, need) or rule.weight < 1:
            continue
        if channel.state == ChannelState.RUNNING and channel.id not in snapshot.down:
            usable.append(rule)
        elif channel.state in {ChannelState.RUNNING, ChannelState.PAUSED}:
            waiting.append(rule)
    return (*_tiers(usable), *_tiers(waiting))


def leads_to(route: Route, destination: str) -> bool:
    """Returns whether a rule is for numbers of this destination."""
    if route.carrier is None or route.carrier == destination:
        return True
    if not destination.startswith("+"):
        return False
    return route.carrier == Carrier.FOREIGN or (bool(_nearness(route)) and destination.startswith(route.carrier))


def _nearness(route: Route) -> int:
    """Returns how many digits of a foreign number a rule names."""
    return len(route.carrier) - 1 if route.carrier and route.carrier.startswith("+") else 0


def _tiers(rules: Iterable[Route]) -> Iterable[Tier]:
    ordered = sorted(rules, key=lambda rule: (rule.tier, rule.id))
    for _, group in groupby(ordered, key=lambda rule: rule.tier):
        shares = [(rule.channel_id, rule.weight) for rule in group]
        yield _tier(shares)


def _without(tier: Tier, tried: AbstractSet[int]) -> Tier:
    weights = [bound - before for bound, before in zip(tier.bounds, (0, *tier.bounds), strict=False)]
    return _tier([pair for pair in zip(tier.channel_ids, weights, strict=True) if pair[0] not in tried])


def _tier(shares: list[tuple[int, int]]) -> Tier:
    return Tier(tuple(channel for channel, _ in shares), tuple(accumulate(weight for _, weight in shares)))
