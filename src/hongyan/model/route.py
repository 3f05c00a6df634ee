"""Routes: which messages may leave by which channels, and the plans that are made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from hongyan.model.account import Product
from hongyan.model.destination import DESTINATION
from hongyan.model.fields import Change, Param, described, loaded
from hongyan.model.kinds import number, word


@dataclass(frozen=True, slots=True)
class Route:
    """One rule: messages of this account, product and destination may leave by this channel.

    The lowest tier with a usable channel wins; within a tier weights share the traffic.
    """

    id: int
    channel_id: int
    account_id: int | None = None  # None: every account
    product: Product = Product.SMS
    carrier: str | None = None  # a destination; None: every one
    tier: int = 0
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange(Change):
    """The fields of a route."""

    thing: ClassVar[type] = Route

    carrier: str | None = described(
        "Carrier of the number: mobile, unicom, telecom, broadnet, satellite or foreign; + and a country's code; or any.",
        DESTINATION,
    )
    tier: int | None = described("The lowest tier with a usable channel wins.", number(0, 100))
    weight: int | None = described("Share of the traffic within its tier.", number(1, 10_000))


def route_of(row: Mapping[str, Any]) -> Route:
    """Read a route from its row."""
    return Route(
        row["id"], row["channel_id"], account_id=row["account_id"], product=Product(row["product"]), **loaded(RouteChange, row)
    )


class RouteMove(StrEnum):
    """Where a route is moved among those that it shares numbers with."""

    UP = "up"  # to be tried earlier
    DOWN = "down"


ROUTE_MOVE = Param("to", "Up: to be tried earlier.", word(RouteMove), is_required=True)


@dataclass(frozen=True, slots=True)
class Tier:
    """Channels that share the traffic of one tier: each up to its bound, the bounds being the running sum of the weights."""

    channel_ids: tuple[int, ...]
    bounds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """How messages of one account, product and carrier leave: the tiers open to them, the best first, and points a segment."""

    tiers: tuple[Tier, ...]
    price: int
