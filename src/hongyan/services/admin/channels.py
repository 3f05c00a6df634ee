"""Channels and routes: adding and changing them, with an audit row in the same transaction."""

from typing import Any

import orjson

from hongyan.model.act import Act
from hongyan.model.channel import Channel, ChannelState, check_options, products_of
from hongyan.model.names import check_name
from hongyan.model.told import Conflict, Missing
from hongyan.ports.admin import Sealing
from hongyan.ports.tx import Tx
from hongyan.services.admin.accounts import without_secrets
from hongyan.services.admin.extnos import check_extnos_apart


def add_channel(tx: Tx, act: Act, channel: Channel, sealer: Sealing) -> int:
    """Add a channel (its id is ignored and given); raises Conflict if the name is taken, or its protocol carries no such product, Unfit."""
    check_name(channel.name)
    check_options(channel.options)
    if channel.product not in products_of(channel.protocol):
        raise Conflict("{protocol} carries no {product}", protocol=channel.protocol, product=channel.product.name)
    if tx.rows_of("channel", name=channel.name):
        raise Conflict("there is a channel {name} already", name=channel.name)
    channel_id = tx.take_count("channel", 1)
    tx.add_row(
        "channel", id=channel_id, name=channel.name, protocol=str(channel.protocol), host=channel.host, port=channel.port,
        user=channel.user, secret=sealer.seal(channel.secret, f"channel:{channel_id}"), product=int(channel.product),
        state=int(channel.state), window=channel.window, connections=channel.connections, rate=channel.rate, access=channel.access,
        access_most=channel.access_most, signature=str(channel.signature), on_doubt=str(channel.on_doubt),
        receipts=str(channel.receipts), id_form=str(channel.id_form), id_lifetime_s=channel.id_lifetime_s,
        reroute_after_s=channel.reroute_after_s, answer_timeout_ms=round(channel.answer_timeout_s * 1000),
        heartbeat_ms=round(channel.heartbeat_s * 1000), options=orjson.dumps(dict(channel.options)).decode(), made_ms=act.now_ms,
        cost_e4=channel.cost_e4,
    )  # fmt: skip
    tx.audit(act, "channel.add", channel.name, {}, _shown(tx, channel_id))
    return channel_id


def change_channel(tx: Tx, act: Act, name: str, changes: dict[str, Any]) -> None:
    """Change columns of a channel; raises Missing, Unfit, Conflict when its access number brings two accounts of one extno together."""
    check_options(orjson.loads(changes.get("options", "{}")))
    row = find_channel(tx, name)
    before = _shown(tx, row["id"])
    tx.change_row("channel", row["id"], **changes)
    if changes.get("access", row["access"]) != row["access"]:
        check_extnos_apart(tx, row["id"])
    tx.audit(act, "channel.change", name, before, _shown(tx, row["id"]))


def change_channel_secret(tx: Tx, act: Act, name: str, secret: str, sealer: Sealing) -> None:
    """Give a channel another secret; raises Missing."""
    row = find_channel(tx, name)
    tx.change_row("channel", row["id"], secret=sealer.seal(secret, f"channel:{row['id']}"))
    tx.audit(act, "channel.secret", name, {}, {})


def set_channel_state(tx: Tx, act: Act, name: str, state: ChannelState) -> None:
    change_channel(tx, act, name, {"state": int(state)})


_SENDING = (ChannelState.RUNNING, ChannelState.DRAINING)


def pause_all(tx: Tx, act: Act) -> list[str]:
    """Pause every channel that would send; gives their names."""
    names = [row["name"] for row in tx.rows_of("channel") if row["state"] in _SENDING]
    for name in names:
        set_channel_state(tx, act, name, ChannelState.PAUSED)
    return names


def find_channel(tx: Tx, name: str) -> dict[str, Any]:
    rows = tx.rows_of("channel", name=name)
    if not rows:
        raise Missing("there is no channel {name}", name=name)
    return rows[0]


def add_route(tx: Tx, act: Act, channel_name: str, carrier: str | None, account_id: int | None, tier: int, weight: int) -> int:
    """Add a rule that leads to a channel, for what that carries; gives its id.

    carrier: a destination (model.channel.read_destination); None is every one
    raises:  Missing, Conflict
    """
    channel = find_channel(tx, channel_name)
    route_id = tx.take_count("route", 1)
    values = {
        "account_id": account_id, "product": channel["product"], "carrier": str(carrier or ""), "channel_id": channel["id"],
        "tier": tier, "weight": weight,
    }  # fmt: skip
    tx.add_row("route", id=route_id, **values)
    check_extnos_apart(tx, channel["id"])
    tx.audit(act, "route.add", str(route_id), {}, values)
    return route_id


def drop_route(tx: Tx, act: Act, route_id: int) -> None:
    rows = tx.rows_of("route", id=route_id)
    if not rows:
        raise Missing("there is no route {number}", number=route_id)
    tx.drop_row("route", route_id)
    tx.audit(act, "route.drop", str(route_id), rows[0], {})


def _shown(tx: Tx, channel_id: int) -> dict[str, Any]:
    return without_secrets(tx.rows_of("channel", id=channel_id)[0])
