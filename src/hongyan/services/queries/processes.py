"""Which process owns which channel, and which processes make ids."""

from hongyan.model.columns import Facts
from hongyan.ports.tx.queries import ListsTx


def leases(tx: ListsTx) -> list[Facts]:
    """Returns which process owns which channel, and whether its link is up."""
    names = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    return [
        {
            "channel": names[channel_id],
            "owner": one.owner,
            "epoch": one.epoch,
            "link": "up" if one.is_up else "down",
            "since_ms": one.since_ms,
        }
        for channel_id, one in tx.leases().items()
        if channel_id in names and one.expires_ms
    ]


def nodes(tx: ListsTx) -> list[Facts]:
    """Returns the processes that make ids now, servers and commands."""
    now_ms = tx.database_ms()
    rows = sorted(tx.rows_of("node"), key=lambda row: int(row["number"]))
    return [
        {"node": row["number"], "owner": row["owner"], "expires_ms": row["expires_ms"]}
        for row in rows
        if row["expires_ms"] > now_ms
    ]
