"""Listeners, to which customers connect as to a carrier: their state, their sessions, and their settings."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.errors import AdminError
from hongyan.model.fields import loaded
from hongyan.model.listener import ListenerChange, ListenerOpening
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import listeners
from hongyan.services.queries.lists.customers import LISTENERS
from hongyan.web.access import Page
from hongyan.web.forms import FormPage, controls, read_form, show_form, shown, typed
from hongyan.web.lists import ListView
from hongyan.web.live import Live
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen


class ListenerScreen(Screen):
    def __init__(self, admin: AdminStore, live: Live) -> None:
        super().__init__(admin)
        self._live = live

    def pages(self) -> list[Page]:
        return [
            Page("/listeners", self.listeners, Permission.SEE),
            Page("/listeners/new", self.new, Permission.CHANNELS),
            Page("/listeners/new", self.add, Permission.CHANNELS, methods=["POST"]),
            Page("/listeners/{name}", self.listener, Permission.SEE),
            Page("/listeners/{name}/settings", self.settings, Permission.CHANNELS),
            Page("/listeners/{name}/settings", self.change, Permission.CHANNELS, methods=["POST"]),
            Page("/listeners/{name}/start", self.start, Permission.CHANNELS, methods=["POST"]),
            Page("/listeners/{name}/stop", self.stop, Permission.CHANNELS, methods=["POST"]),
            Page("/listeners/{name}/drop", self.drop, Permission.CHANNELS, methods=["POST"]),
        ]

    async def listeners(self, request: Request) -> Response:
        empty = (
            _("There is no listener yet."),
            _("At a listener customers connect by SMPP or CMPP, as to a carrier; accounts say who may."),
        )
        look = ListView(empty, {"name": "/listeners/{name}"})
        return await self.show_list(request, LISTENERS, look, "screens/listeners.html", {"live": await self._live.listeners()})

    async def listener(self, request: Request) -> Response:
        name = request.path_params["name"]
        row = await self.admin.read(listeners.listener, self.admin.now_ms(), name)
        facts = {
            "listener": row,
            "live": (await self._live.listeners()).get(name),
            "settings": shown(ListenerChange, loaded(ListenerChange, row), ["is_stopped"]),
        }
        return show(request, "screens/listener.html", facts)

    async def new(self, request: Request) -> Response:
        return _new(request, {})

    async def add(self, request: Request) -> Response:
        form = await request.form()
        try:
            opening = read_form(ListenerOpening, form).values()
            name, protocol = opening["name"], opening["protocol"]
            await self.acting(request).change(listeners.add_listener, name, protocol, read_form(ListenerChange, form))
        except AdminError as error:
            return _new(request, typed(form), error)
        return done(f"/listeners/{name}", _("{name} is there. Accounts say by which protocols they may connect.", name=name))

    async def settings(self, request: Request) -> Response:
        row = await self.admin.read(listeners.find_listener, request.path_params["name"])
        return _settings(request, loaded(ListenerChange, row))

    async def change(self, request: Request) -> Response:
        name, form = request.path_params["name"], await request.form()
        try:
            await self.acting(request).change(listeners.change_listener, name, read_form(ListenerChange, form))
        except AdminError as error:
            return _settings(request, typed(form), error)
        return done(f"/listeners/{name}", _("The settings of {name} are changed, and the listener takes them.", name=name))

    async def start(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(listeners.change_listener, name, ListenerChange(is_stopped=False))
        return done(f"/listeners/{name}", _("Customers may connect to {name}.", name=name))

    async def stop(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(listeners.change_listener, name, ListenerChange(is_stopped=True))
        return done(f"/listeners/{name}", _("{name} is closed, and its connections end.", name=name))

    async def drop(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(listeners.drop_listener, name)
        return done("/listeners", _("{name} is removed, and its connections end.", name=name))


def _new(request: Request, given: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
    page = FormPage(
        _("New listener"),
        ("/listeners", _("Listeners")),
        _("Add the listener"),
        controls(ListenerOpening, given) + controls(ListenerChange, {"port": ""} | dict(given)),  # it has no usual one
        _("2775 is the usual port of SMPP, 7890 that of CMPP."),
    )
    return show_form(request, page, trouble)


def _settings(request: Request, values: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
    name = request.path_params["name"]
    page = FormPage(
        _("Settings of {name}", name=name),
        (f"/listeners/{name}", name),
        _("Change"),
        controls(ListenerChange, values),
        _("Connections stay, unless its address, its port or TLS becomes another."),
    )
    return show_form(request, page, trouble)
