"""Channels, routes and what carriers' codes mean."""

from dataclasses import replace
from functools import partial
from typing import Any

from hongyan.i18n import N_
from hongyan.model.account import Product
from hongyan.model.channel import ChannelChange, ChannelOpening, ChannelState
from hongyan.model.errors import NotFound
from hongyan.model.fields import Param, fields_of, param_of
from hongyan.model.meaning import CodeRuleChange
from hongyan.model.names import NAME
from hongyan.model.route import ROUTE_MOVE, RouteChange
from hongyan.model.staff import Permission
from hongyan.services.admin import channels, codes
from hongyan.services.queries.channel_details import channel_details
from hongyan.services.queries.lists import channels as lists
from hongyan.services.queries.lists.filters import OF_CHANNEL
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.calls.customers import ID
from hongyan.web.api.list_call import list_call
from hongyan.web.api.params import CHANNEL, CHANNEL_NAME, NUMBER
from hongyan.web.api.shapes import DONE, PDU, pdu_facts, row_of

OPENING = tuple(param_of(ChannelOpening, field.name) for field in fields_of(ChannelOpening))
FOR_ACCOUNT = Param("account", "Only for this account.", NAME)
CODE_NAME = param_of(CodeRuleChange, "code")
CLASS = param_of(CodeRuleChange, "kind", "class")
POINTS = param_of(CodeRuleChange, "points")
RESEND = param_of(CodeRuleChange, "may_resend", "resend")
ENGLISH = param_of(CodeRuleChange, "english")
CHINESE = param_of(CodeRuleChange, "chinese")
OTHER_CHANNEL = Param("channel", "The channel that it leads to from now on; the same where none is said.", NAME)
SECRET = replace(param_of(ChannelOpening, "secret"), is_required=True)


async def show_channel(asked: Asked) -> Any:
    return _named(await asked.admin.read(channel_details, asked.path["name"]))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"product": Product(row["product"]).name.lower()}


async def show_pdus(asked: Asked) -> Any:
    """raises: NotFound if no process that answers has its link, Conflict if its protocol has no PDUs"""
    await asked.admin.read(channels.check_has_pdus, asked.path["name"])
    pdus = await asked.server.pdus(asked.path["name"])
    if pdus is None:
        raise NotFound("no process that answers has a link of the channel {channel}", channel=asked.path["name"])
    return map(pdu_facts, pdus)


async def add_channel(asked: Asked) -> Any:
    channel = ChannelOpening(**asked.given).channel(asked.change)
    return {"id": await asked.admin.change(channels.add_channel, channel, asked.admin.sealer)}


async def change_channel(asked: Asked) -> Any:
    await asked.admin.change(channels.change_channel, asked.path["name"], asked.change)
    return {"is_done": True}


async def change_secret(asked: Asked) -> Any:
    await asked.admin.change(channels.change_channel_secret, asked.path["name"], asked.given["secret"], asked.admin.sealer)
    return {"is_done": True}


async def set_state(state: ChannelState, asked: Asked) -> Any:
    await asked.admin.change(channels.set_channel_state, asked.path["name"], state)
    return {"is_done": True}


async def add_route(asked: Asked) -> Any:
    account, change = asked.given["account"], asked.change
    tier, weight = change.tier or 0, change.weight or 1
    added = asked.admin.change(channels.add_route, asked.given["channel"], change.carrier, account, tier, weight)
    return {"id": await added}


async def change_route(asked: Asked) -> Any:
    await asked.admin.change(channels.change_route, asked.path["number"], asked.change, asked.given["channel"] or "")
    return {"is_done": True}


async def move_route(asked: Asked) -> Any:
    await asked.admin.change(channels.move_route, asked.path["number"], asked.given["to"])
    return {"is_done": True}


async def drop_route(asked: Asked) -> Any:
    await asked.admin.change(channels.drop_route, asked.path["number"])
    return {"is_done": True}


async def set_code(asked: Asked) -> Any:
    given = asked.given
    rule = CodeRuleChange(
        code=given["code"],
        kind=given["class"],
        points=given["points"],
        may_resend=given["resend"],
        english=given["english"],
        chinese=given["chinese"],
    )
    await asked.admin.change(codes.set_code, rule, given["channel"])
    return {"is_done": True}


async def unset_code(asked: Asked) -> Any:
    await asked.admin.change(codes.unset_code, asked.path["code"], asked.given["channel"])
    return {"is_done": True}


_CHANNEL = {"name": CHANNEL_NAME}

_STATES = tuple(
    Call("POST", f"/channels/{{name}}/{verb}", summary, Permission.CHANNELS, partial(set_state, state), DONE, params=_CHANNEL)
    for verb, state, summary in (
        ("start", ChannelState.RUNNING, N_("Let a channel connect and send.")),
        ("pause", ChannelState.PAUSED, N_("Let a channel stay connected and send nothing.")),
        ("drain", ChannelState.DRAINING, N_("Let a channel send what is queued and take nothing new.")),
        ("stop", ChannelState.STOPPED, N_("Let a channel disconnect.")),
    )
)

CALLS = (
    list_call(lists.CHANNELS, "/channels"),
    Call("GET", "/channels/{name}", "Show a channel.", Permission.SEE, show_channel, row_of(lists.CHANNELS), params=_CHANNEL),
    Call(
        "POST", "/channels", "Add a channel.", Permission.CHANNELS, add_channel, ID, status=201, of=ChannelChange,
        body=OPENING,
    ),
    Call("PATCH", "/channels/{name}", "Change a channel; what is not said stays.", Permission.CHANNELS, change_channel, DONE, of=ChannelChange, params=_CHANNEL),
    Call("POST", "/channels/{name}/secret", "Give a channel another secret.", Permission.SECRETS, change_secret, DONE, body=(SECRET,), params=_CHANNEL),
    *_STATES,
    Call("GET", "/channels/{name}/pdus", "Show the last PDUs of a channel's link: phones masked, texts and secrets left out.", Permission.SEE, show_pdus, PDU, is_list=True, params=_CHANNEL),
    list_call(lists.ROUTES, "/routes"),
    Call("POST", "/routes", "Add a route to a channel.", Permission.CHANNELS, add_route, ID, status=201, of=RouteChange, body=(CHANNEL, FOR_ACCOUNT)),
    Call(
        "PATCH", "/routes/{number}", "Change a route; what is not said stays.", Permission.CHANNELS, change_route, DONE, of=RouteChange,
        body=(OTHER_CHANNEL,), params={"number": NUMBER},
    ),
    Call(
        "POST", "/routes/{number}/move", "Move a route in the order in which routes are tried.", Permission.CHANNELS, move_route, DONE,
        body=(ROUTE_MOVE,), params={"number": NUMBER},
    ),
    Call("DELETE", "/routes/{number}", "Remove a route.", Permission.CHANNELS, drop_route, DONE, params={"number": NUMBER}),
    list_call(lists.CODES, "/codes"),
    list_call(lists.UNKNOWN_CODES, "/codes/unknown"),
    Call(
        "POST", "/codes", "Say what a code means, on one channel or on all.", Permission.CHANNELS, set_code, DONE,
        body=(CODE_NAME, CLASS, POINTS, RESEND, ENGLISH, CHINESE, OF_CHANNEL),
    ),
    Call("DELETE", "/codes/{code}", "Take back what was said of a code.", Permission.CHANNELS, unset_code, DONE, query=(OF_CHANNEL,), params={"code": CODE_NAME}),
)  # fmt: skip
