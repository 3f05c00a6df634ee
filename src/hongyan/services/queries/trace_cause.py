"""Why a message took its route, and why it was not tried once more, by the rules as they are now."""

from collections.abc import Mapping
from typing import Any

from hongyan.model.destination import Carrier
from hongyan.model.ids import made_ms
from hongyan.model.meaning import Meaning
from hongyan.model.message import MessageState
from hongyan.policy.numbers import carrier_of, published_prefixes
from hongyan.ports.tx.queries import TraceTx

Row = Mapping[str, Any]


def why_channel(tx: TraceTx, row: Row) -> dict[str, Any]:
    """Returns the route by which such a message reaches its first channel: the account's own routes go before those of all, the
    lowest tier first.
    """
    channel = tx.rows_of("channel", name=row["first_channel"] or "")
    carrier = carrier_of(row["phone"], published_prefixes())
    leading = [
        route
        for route in (tx.rows_of("route", channel_id=channel[0]["id"]) if channel else ())
        if route["account_id"] in {None, row["account_id"]} and _leads_to(route["carrier"], carrier, row["phone"])
    ]
    best = min(leading, key=lambda route: (route["account_id"] is None, route["tier"], route["id"]), default=None)
    return {} if best is None else {"route": best["id"], "carrier": carrier.value, "tier": best["tier"]}


def _leads_to(destination: str, carrier: Carrier, phone: int) -> bool:
    if destination.startswith("+"):
        return f"+{phone}".startswith(destination)
    return destination in {"", carrier.value}


def why_no_second_try(tx: TraceTx, row: Row, meaning: Meaning | None) -> dict[str, Any]:
    """Returns why a message that failed after a carrier took it was not sent by another channel."""
    if row["state"] != MessageState.FAILED:
        return {}
    (account,) = tx.rows_of("account", id=row["account_id"])
    if not account["resend_within_s"]:
        return {"second_try": "the account asks for none"}
    if meaning is None or not meaning.may_resend:
        return {"second_try": "of no use with this code"}
    is_late = row["changed_ms"] - made_ms(row["id"]) > account["resend_within_s"] * 1000
    return {"second_try": "too late" if is_late else "no other channel"}
