"""Routes in the order in which they are tried."""

from hongyan.model.account import Product
from hongyan.model.columns import Facts
from hongyan.model.route import RouteMove, route_of
from hongyan.policy.route_order import movable
from hongyan.ports.tx.queries import ListsTx


def routes_in_order(tx: ListsTx) -> list[Facts]:
    """Returns every route with the names of its channel and account, in the order in which they are tried."""
    channels = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    accounts = {row["id"]: row["name"] for row in tx.rows_of("account")}
    return [
        {
            "id": row["id"],
            "account": accounts.get(row["account_id"], ""),
            "product": Product(row["product"]).name.lower(),
            "carrier": row["carrier"] or "any",
            "channel": channels.get(row["channel_id"], ""),
            "tier": row["tier"],
            "weight": row["weight"],
        }
        for row in sorted(tx.rows_of("route"), key=_order)
    ]


def movable_routes(tx: ListsTx) -> set[tuple[int, RouteMove]]:
    """Returns which routes can be moved in their order, by their ids, and in which direction."""
    return movable(map(route_of, tx.rows_of("route")))


def _order(route: Facts) -> tuple[bool, int, int, int, int, bool, str, int]:
    """Routes of an account come first, then those for the longest beginning of a foreign number, then the tiers decide."""
    carrier, account_id = route["carrier"], route["account_id"]
    digits = len(carrier) if carrier.startswith("+") else 0
    whose = account_id is None, account_id or 0, route["product"]
    return *whose, -digits, route["tier"], carrier == "", carrier, route["id"]
