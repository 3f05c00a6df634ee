"""Channels and routes: adding and changing them, with an audit row in the same transaction."""

from dataclasses import replace
from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.channel import (
    CHANNEL_SECRET,
    Channel,
    ChannelChange,
    ChannelOpening,
    ChannelState,
    check_channel,
)
from hongyan.model.channel_options import ChannelOptions, check_protocol_reads
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.fields import change_to, loaded, shown_row, usual_columns
from hongyan.model.protocol import LOGGED_IN, Protocol, products_of
from hongyan.model.route import RouteChange, RouteMove, route_of
from hongyan.policy.route_order import moved
from hongyan.ports.admin import Sealing
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.extnos import check_extnos_apart


def add_channel(tx: ConfigTx, act: Act, channel: Channel, sealer: Sealing) -> int:
    """Add a channel (its id is ignored); returns its id.

    raises: Conflict if the name is taken, or its protocol does not carry the product; Invalid
    """
    opening, settings = change_to(ChannelOpening, channel), change_to(ChannelChange, channel)
    if channel.product not in products_of(channel.protocol):
        raise Conflict("{protocol} carries no {product}", protocol=channel.protocol, product=channel.product.name)
    if tx.rows_of("channel", name=channel.name):
        raise Conflict("there is a channel {name} already", name=channel.name)
    check_channel(channel)
    check_protocol_reads(channel.options, channel.protocol)
    channel_id = tx.take_count("channel", 1)
    columns = opening.columns() | settings.columns() | {"secret": sealer.seal(channel.secret, f"channel:{channel_id}")}
    tx.add_row("channel", id=channel_id, made_ms=act.now_ms, **columns)
    tx.audit(act, AuditAction.CHANNEL_ADD, channel.name, {}, _shown(tx, channel_id))
    return channel_id


def change_channel(tx: ConfigTx, act: Act, name: str, change: ChannelChange, named: ChannelOptions = ChannelOptions()) -> None:
    """Change a channel. raises: NotFound, Conflict if it would share an access number, Invalid

    named: options to set beside those of the change, or those that the channel has
    """
    row = find_channel(tx, name)
    held = loaded(ChannelChange, row)
    if more := named.options():
        options = held["options"] if change.options is None else change.options
        change = replace(change, options={**options, **more})
    values, protocol = change.values(), Protocol(row["protocol"])
    # only what differs is checked: an older release stored some options of other protocols
    check_protocol_reads(dict(values.get("options", {}).items() - held["options"].items()), protocol)
    if values.keys() & {"host", "port", "options"}:  # a channel that was stored before a newer rule can still be paused
        check_channel(Channel(row["id"], name, protocol, **held | values))
    before = _shown(tx, row["id"])
    if columns := change.columns():
        tx.change_row("channel", row["id"], **columns)
        if values.get("access", row["access"]) != row["access"]:
            check_extnos_apart(tx, row["id"])
        tx.audit(act, AuditAction.CHANNEL_CHANGE, name, before, _shown(tx, row["id"]))


def change_channel_secret(tx: ConfigTx, act: Act, name: str, secret: str, sealer: Sealing) -> None:
    """Give a channel another secret. raises: NotFound, Invalid"""
    row = find_channel(tx, name)
    tx.change_row("channel", row["id"], secret=sealer.seal(CHANNEL_SECRET.checked("secret", secret), f"channel:{row['id']}"))
    tx.audit(act, AuditAction.CHANNEL_SECRET, name, {}, {})


def set_channel_state(tx: ConfigTx, act: Act, name: str, state: ChannelState) -> None:
    change_channel(tx, act, name, ChannelChange(state=state))


_SENDING = (ChannelState.RUNNING, ChannelState.DRAINING)


def pause_all(tx: ConfigTx, act: Act) -> list[str]:
    """Pause every channel that could send; returns their names."""
    names = [row["name"] for row in tx.rows_of("channel") if row["state"] in _SENDING]
    for name in names:
        set_channel_state(tx, act, name, ChannelState.PAUSED)
    return names


def find_channel(tx: ConfigRowsTx, name: str) -> dict[str, Any]:
    rows = tx.rows_of("channel", name=name)
    if not rows:
        raise NotFound("there is no channel {name}", name=name)
    return rows[0]


def check_has_pdus(tx: ConfigRowsTx, name: str) -> None:
    """raises: NotFound, and Conflict for a channel whose link keeps no PDUs, since it has none"""
    protocol = Protocol(find_channel(tx, name)["protocol"])
    if protocol is Protocol.LOOPBACK:
        raise Conflict("{name} is a loopback: it takes every message itself, and nothing is said to a carrier", name=name)
    if protocol not in LOGGED_IN:
        raise Conflict(
            "{name} speaks HTTP, which has no PDUs: what the carrier answered stands in the trace of a message", name=name
        )


def add_route(
    tx: ConfigTx, act: Act, channel_name: str, carrier: str | None, account_name: str | None, tier: int, weight: int
) -> int:
    """Add a route to a channel, for the product that it carries; returns the route's id.

    carrier:      a destination (model.channel.DESTINATION); None: every destination
    account_name: the only account that may use it; None: all
    raises:       NotFound, Conflict, Invalid
    """
    settings = RouteChange(carrier=carrier, tier=tier, weight=weight)
    channel = find_channel(tx, channel_name)
    account_id = find_account(tx, account_name)["id"] if account_name else None
    route_id = tx.take_count("route", 1)
    of = {"account_id": account_id, "product": channel["product"], "channel_id": channel["id"]}
    values = of | usual_columns(RouteChange) | settings.columns()
    tx.add_row("route", id=route_id, **values)
    check_extnos_apart(tx, channel["id"])
    tx.audit(act, AuditAction.ROUTE_ADD, str(route_id), {}, values)
    return route_id


def change_route(tx: ConfigTx, act: Act, route_id: int, change: RouteChange, channel_name: str = "") -> None:
    """Change a route; its account stays. raises: NotFound, Conflict, Invalid

    channel_name: the channel that it leads to from now on, with the product that this carries; "": the same as before
    """
    before, values = find_route(tx, route_id), change.columns()
    if channel_name:
        channel = find_channel(tx, channel_name)
        values |= {"channel_id": channel["id"], "product": channel["product"]}
    if values.items() <= before.items():
        return
    tx.change_row("route", route_id, **values)
    check_extnos_apart(tx, values.get("channel_id", before["channel_id"]))
    tx.audit(act, AuditAction.ROUTE_CHANGE, str(route_id), before, before | values)


def move_route(tx: ConfigTx, act: Act, route_id: int, to: RouteMove) -> None:
    """Let a route be tried before the one that comes before it now, or after the one that comes after it (policy.route_order).

    raises: NotFound, Conflict if none does, Invalid if the tiers do not suffice
    """
    moving = route_of(find_route(tx, route_id))
    tiers = moved(map(route_of, tx.rows_of("route")), moving, to)
    if not tiers:
        raise Conflict("no route for the same numbers is left that route {number} could pass", number=route_id)
    for changed, tier in tiers.items():
        change_route(tx, act, changed, RouteChange(tier=tier))


def drop_route(tx: ConfigTx, act: Act, route_id: int) -> None:
    row = find_route(tx, route_id)
    tx.drop_row("route", route_id)
    tx.audit(act, AuditAction.ROUTE_DROP, str(route_id), row, {})


def find_route(tx: ConfigRowsTx, route_id: int) -> dict[str, Any]:
    rows = tx.rows_of("route", id=route_id)
    if not rows:
        raise NotFound("there is no route {number}", number=route_id)
    return rows[0]


def _shown(tx: ConfigTx, channel_id: int) -> dict[str, Any]:
    return shown_row(tx.rows_of("channel", id=channel_id)[0], ChannelOpening, ChannelChange)
