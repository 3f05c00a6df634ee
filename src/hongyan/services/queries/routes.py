"""Routes in the order in which they are tried."""

from hongyan.model.columns import Facts
from hongyan.ports.tx.queries import ListsTx


def routes_in_order(tx: ListsTx) -> list[Facts]:
    """Returns every route with the channels of its channel and account, in the order in which they are tried."""
    channels = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    accounts = {row["id"]: row["name"] for row in tx.rows_of("account")}
    return [
        {
            "id": row["id"],
            "account": accounts.get(row["account_id"], ""),
            "carrier": row["carrier"] or "any",
            "channel": channels.get(row["channel_id"], ""),
            "tier": row["tier"],
            "weight": row["weight"],
        }
        for row in sorted(tx.rows_of("route"), key=_order)
    ]


def _order(route: Facts) -> tuple[bool, int, bool, int, int]:
    """Routes of an account come first, then those for the longest beginning of a foreign number."""
    carrier = route["carrier"]
    digits = len(carrier) if carrier.startswith("+") else 0
    return route["account_id"] is None, -digits, carrier == "", route["tier"], route["id"]
