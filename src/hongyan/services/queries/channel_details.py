"""Channels with the state of their links and what waits for them, as people read them. Secrets are never included."""

from hongyan.model.channel import ChannelChange, ChannelOpening
from hongyan.model.columns import Facts
from hongyan.model.fields import in_words, shown_row
from hongyan.model.ids import made_ms
from hongyan.model.rows import Lease
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.admin.channels import find_channel


def all_channels(tx: ListsTx) -> list[Facts]:
    """Returns every channel with the state of its link, as its owner last reported, and what waits for it."""
    now = tx.database_ms()
    leases = tx.leases()
    queued, troubles = {row["channel_id"]: row for row in tx.queued()}, tx.troubles()
    return [
        _channel(row, leases.get(row["id"]), queued.get(row["id"]), now, troubles.get(row["id"], ""))
        for row in tx.rows_of("channel")
    ]


def channel_details(tx: ListsTx, name: str) -> Facts:
    """raises: NotFound"""
    wanted = find_channel(tx, name)["id"]
    return next(row for row in all_channels(tx) if row["id"] == wanted)


def _channel(row: Facts, lease: Lease | None, queued: Facts | None, now_ms: int, trouble: str) -> Facts:
    shown = shown_row(row, ChannelOpening, ChannelChange) | in_words(ChannelChange, row)
    is_held = lease is not None and lease.expires_ms > now_ms
    return shown | {
        "link": ("up" if lease.is_up else "down") if lease and is_held else "nobody's",
        "since_ms": lease.since_ms if lease else 0,
        "owner": lease.owner if lease and is_held else "",
        "trouble": trouble if is_held else "",
        "queued": queued["messages"] if queued else 0,
        "oldest_ms": made_ms(queued["oldest"]) if queued else 0,
    }
