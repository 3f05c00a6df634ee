"""Channels: their state, starting and stopping them, and their settings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _, choice_word
from hongyan.model.channel import ChannelChange, ChannelOpening, ChannelState
from hongyan.model.channel_options import ChannelOptions, named_options
from hongyan.model.errors import AdminError, Conflict, Invalid
from hongyan.model.fields import loaded, param_of
from hongyan.model.phone import normalise
from hongyan.model.protocol import Protocol
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import channels
from hongyan.services.queries.channel_details import channel_details
from hongyan.services.queries.lists.channels import CHANNELS
from hongyan.services.queries.statistics import accounts_served
from hongyan.web.access import Page
from hongyan.web.forms import Control, FormPage, Sections, controls, controls_for, read_form, show_form, shown, typed
from hongyan.web.lists import ListView
from hongyan.web.live import Live
from hongyan.web.pages import done, error_text, show
from hongyan.web.screens.screen import Screen
from hongyan.web.trials import ChannelTrial, Trials
from hongyan.web.words import head, seconds

MOST = 500

ORDERS = {
    "start": (ChannelState.RUNNING, N_("{name} connects and sends.")),
    "pause": (ChannelState.PAUSED, N_("{name} sends nothing; reports and replies still come in.")),
    "drain": (ChannelState.DRAINING, N_("{name} sends what is queued and takes nothing new.")),
    "stop": (ChannelState.STOPPED, N_("{name} ends its connections.")),
}

_PROTOCOL = param_of(ChannelOpening, "protocol")
_ORDERED = ("state",)
"""What is set by ORDERS, and stands in no form."""


class ChannelScreen(Screen):
    def __init__(self, admin: AdminStore, live: Live, trials: Trials) -> None:
        super().__init__(admin)
        self._live, self._trials = live, trials

    def pages(self) -> list[Page]:
        return [
            Page("/channels", self.channels, Permission.SEE),
            Page("/channels/new", self.new, Permission.CHANNELS),
            Page("/channels/new/{protocol}", self.new_of, Permission.CHANNELS),
            Page("/channels/new/{protocol}", self.add, Permission.CHANNELS, methods=["POST"]),
            Page("/channels/{name}", self.channel, Permission.SEE),
            Page("/channels/{name}/settings", self.settings, Permission.CHANNELS),
            Page("/channels/{name}/settings", self.change, Permission.CHANNELS, methods=["POST"]),
            Page("/channels/{name}/secret", self.change_secret, Permission.SECRETS, methods=["POST"]),
            Page("/channels/{name}/test", self.test, Permission.CHANNELS, methods=["POST"]),
            Page("/channels/{name}/order/{order}", self.order, Permission.CHANNELS, methods=["POST"]),
        ]

    async def channels(self, request: Request) -> Response:
        empty = (
            _("There is no channel yet."),
            _("A channel is one way to a carrier: its protocol, its address and a login. Without one nothing can be sent."),
        )
        live = await self._live.channels()
        return await self.show_list(request, CHANNELS, ListView(empty, most=MOST), "screens/channels.html", {"live": live})

    async def channel(self, request: Request) -> Response:
        return await self._channel(request)

    async def test(self, request: Request) -> Response:
        """Log in as the channel would, send one text if a number is given, and show the outcome. raises: NotFound, Invalid"""
        form = await request.form()
        number, text = (str(form.get(name, "")).strip() for name in ("number", "text"))
        phone = normalise(number) if number else None
        if number and phone is None:
            raise Invalid("this is no number that messages can go to")
        return await self._channel(request, tried=await self._trials.channel(request.path_params["name"], phone, text))

    async def _channel(self, request: Request, tried: ChannelTrial | None = None) -> Response:
        name = request.path_params["name"]
        row = await self.admin.read(channel_details, name)
        is_asked = "pdus" in request.query_params
        pdus, no_pdus = await pdus_of(self.admin, self._live, name) if is_asked else ([], "")
        stored = await self.admin.read(channels.find_channel, name)
        live = await self._live.channel(name)
        facts = {
            "channel": row | live,
            "accounts": await self.admin.read(accounts_served, name, self.admin.now_ms()),
            "settings": _shown(Protocol(stored["protocol"]), loaded(ChannelChange, stored)),
            "secret": [replace(one, required=True) for one in controls(ChannelOpening, {}, ["secret"])],
            "pdus": pdus,
            "no_pdus": no_pdus,
            "is_asked": is_asked,
            "tried": tried,
            "delays": _delays(live.get("delays", ())),
            "sockets": live.get("sockets", ()),
        }
        return show(request, "screens/channel.html", facts)

    async def new(self, request: Request) -> Response:
        return show(request, "screens/channel_protocols.html", {"protocols": list(Protocol)})

    async def new_of(self, request: Request) -> Response:
        return self._new(request, {})

    def _new(self, request: Request, given: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        protocol = _protocol(request)
        opening = controls_for(ChannelOpening, protocol, given, ["protocol"])
        page = FormPage(
            _("New channel: {protocol}", protocol=choice_word("protocol", protocol)),
            ("/channels/new", _("Protocols")),
            _("Add the channel"),
            opening + _controls(protocol, given),
            in_sections=True,
        )
        return show_form(request, page, trouble)

    async def add(self, request: Request) -> Response:
        form = await request.form()
        try:
            opening = read_form(ChannelOpening, form, protocol=_protocol(request))
            channel = opening.channel(read_form(ChannelChange, form), read_form(ChannelOptions, form))
            await self.acting(request).change(channels.add_channel, channel, self.admin.sealer)
        except AdminError as error:
            return self._new(request, typed(form), error)
        return done(f"/channels/{channel.name}", _("{name} is there. Routes lead messages to it.", name=channel.name))

    async def settings(self, request: Request) -> Response:
        row = await self.admin.read(channels.find_channel, request.path_params["name"])
        protocol = Protocol(row["protocol"])
        return self._settings(request, protocol, _with_named_options(protocol, loaded(ChannelChange, row)))

    def _settings(
        self, request: Request, protocol: Protocol, values: Mapping[str, Any], trouble: AdminError | None = None
    ) -> Response:
        name = request.path_params["name"]
        asked = _controls(protocol, values)
        title = _("Settings of {name}", name=name)
        page = FormPage(title, (f"/channels/{name}", name), _("Change"), asked, in_sections=True)
        return show_form(request, page, trouble)

    async def change(self, request: Request) -> Response:
        name, form = request.path_params["name"], await request.form()
        row = await self.admin.read(channels.find_channel, name)
        try:
            settings, named = read_form(ChannelChange, form), read_form(ChannelOptions, form)
            await self.acting(request).change(channels.change_channel, name, settings, named)
        except AdminError as error:
            return self._settings(request, Protocol(row["protocol"]), typed(form), error)
        return done(f"/channels/{name}", _("The settings of {name} are changed, and its link takes them.", name=name))

    async def change_secret(self, request: Request) -> Response:
        name, form = request.path_params["name"], await request.form()
        change = channels.change_channel_secret
        await self.acting(request).change(change, name, str(form.get("secret", "")), self.admin.sealer)
        return done(f"/channels/{name}", _("The password of {name} is changed, and its link logs in with it.", name=name))

    async def order(self, request: Request) -> Response:
        name, order = request.path_params["name"], ORDERS.get(request.path_params["order"])
        if order is None:
            raise Invalid("a channel is started, paused, drained or stopped")
        state, words = order
        await self.acting(request).change(channels.set_channel_state, name, state)
        return done(f"/channels/{name}", _(words, name=name))


async def pdus_of(
    admin: AdminStore, live: Live, name: str, *, clear: bool = False
) -> tuple[Sequence[Mapping[str, object]], str]:
    """Returns the last PDUs of a channel's link and, if there are none, why. raises: NotFound

    clear: phones and texts in clear, and the octets of each PDU
    """
    try:
        await admin.read(channels.check_has_pdus, name)
    except Conflict as error:
        return [], error_text(error)
    pdus = await live.pdus(name, clear=clear)
    if pdus is None:
        return [], _("no process that answers has the link of {name}", name=name)
    return pdus, "" if pdus else _("nothing was said on the link of {name} so far", name=name)


def _with_named_options(protocol: Protocol, values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of both ChannelChange and ChannelOptions."""
    named = named_options(values["options"], protocol)
    return {**values, **named, "options": {name: value for name, value in values["options"].items() if name not in named}}


def _shown(protocol: Protocol, values: Mapping[str, Any]) -> Sections:
    """Returns the settings as the form has them, by the same groups."""
    every = _with_named_options(protocol, values)
    named, others = (shown(change, every, _ORDERED, protocol) for change in (ChannelOptions, ChannelChange))
    of_protocol = [(head("protocol"), choice_word("protocol", protocol))]
    return {"": of_protocol} | {
        title: [*named.get(title, ()), *others.get(title, ())] for title in dict.fromkeys((*named, *others))
    }


def _controls(protocol: Protocol, values: Mapping[str, Any]) -> list[Control]:
    """Returns the controls of the settings that a channel of this protocol has."""
    return controls_for(ChannelOptions, protocol, values, ()) + controls_for(ChannelChange, protocol, values, _ORDERED)


def _delays(counts: Sequence[tuple[float | None, int]]) -> list[tuple[str, int]]:
    """Returns reports by how long they took, as rows of a chart; empty before the first report."""
    if not any(count for _, count in counts):
        return []
    most = max(bound for bound, _ in counts if bound is not None)
    return [(f"≤ {seconds(bound)}" if bound is not None else f"> {seconds(most)}", count) for bound, count in counts]


def _protocol(request: Request) -> Protocol:
    """raises: Invalid"""
    protocol: Protocol = _PROTOCOL.checked(request.path_params["protocol"])
    return protocol
