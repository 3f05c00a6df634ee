"""Routes, and a test: which channel a number would leave by, and why not another one."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.account import Product
from hongyan.model.errors import AdminError
from hongyan.model.fields import loaded
from hongyan.model.phone import national
from hongyan.model.route import ROUTE_MOVE, RouteChange
from hongyan.model.staff import Permission
from hongyan.services.admin import channels
from hongyan.services.queries.lists.channels import ROUTES
from hongyan.services.queries.route_test import RouteTest, try_route, whose
from hongyan.services.queries.routes import movable_routes
from hongyan.web.access import Page
from hongyan.web.forms import FormPage, account_box, choice, controls, read_form, show_form, typed, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done, error_text
from hongyan.web.screens.screen import Screen


class RouteScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/routes", self.routes, Permission.SEE),
            Page("/routes", self.add, Permission.CHANNELS, methods=["POST"]),
            Page("/routes/{number:int}/settings", self.settings, Permission.CHANNELS),
            Page("/routes/{number:int}/settings", self.change, Permission.CHANNELS, methods=["POST"]),
            Page("/routes/{number:int}/move/{to}", self.move, Permission.CHANNELS, methods=["POST"]),
            Page("/routes/{number:int}/drop", self.drop, Permission.CHANNELS, methods=["POST"]),
        ]

    async def routes(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "").strip() for name in ("account", "number", "product")}
        test, trouble = None, ""
        if asked["account"] and asked["number"]:
            try:
                test = await self._test(asked["account"], asked["number"], asked["product"])
            except AdminError as error:
                trouble = error_text(error)
        facts = {
            "controls": [
                choice("channel", await self.channel_names()),
                *controls(RouteChange, {}),
                account_box(_("all")),
            ],
            "products": words_of("product", (product.name.lower() for product in Product)),
            "whose": whose(request.query_params.get("whose", "").strip()),
            "movable": await self.admin.read(movable_routes),
            "asked": asked,
            "test": test,
            "phone": national(test.phone) if test else "",
            "trouble": trouble,
        }
        empty = (
            _("There is no route yet."),
            _("A route says which messages may leave by a channel. Without one, requests are refused with 1106."),
        )
        look = ListView(empty, note=_("In the order in which they are tried"))
        return await self.show_list(request, ROUTES, look, "screens/routes.html", facts)

    async def _test(self, account: str, number: str, product: str) -> RouteTest:
        """raises: NotFound, Invalid"""
        return try_route(await self.admin.snapshot(), account, number, Product.MMS if product == "mms" else Product.SMS)

    async def add(self, request: Request) -> Response:
        form = await request.form()
        named = str(form.get("account", ""))
        channel, route = str(form.get("channel", "")), read_form(RouteChange, form)
        add = channels.add_route
        await self.acting(request).change(add, channel, route.carrier, named, route.tier or 0, route.weight or 1)
        return done("/routes", _("The route to {channel} is there; it holds from the next request on.", channel=channel))

    async def settings(self, request: Request) -> Response:
        row = await self.admin.read(channels.find_route, request.path_params["number"])
        channel = (await self.admin.snapshot()).channels[row["channel_id"]].name
        return await self._settings(request, loaded(RouteChange, row) | {"channel": channel})

    async def _settings(self, request: Request, values: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        number = request.path_params["number"]
        page = FormPage(
            _("Route {number}", number=number),
            ("/routes", _("Routes")),
            _("Change"),
            [choice("channel", await self.channel_names(), value=values["channel"]), *controls(RouteChange, values)],
        )
        return show_form(request, page, trouble)

    async def change(self, request: Request) -> Response:
        number, form = request.path_params["number"], await request.form()
        change = channels.change_route
        try:
            await self.acting(request).change(change, number, read_form(RouteChange, form), str(form.get("channel", "")))
        except AdminError as error:
            return await self._settings(request, {"channel": ""} | typed(form), error)
        return done("/routes", _("Route {number} is changed; it holds from the next request on.", number=number))

    async def move(self, request: Request) -> Response:
        number, to = request.path_params["number"], ROUTE_MOVE.checked(request.path_params["to"])
        await self.acting(request).change(channels.move_route, number, to)
        return done(
            f"/routes#move-{number}-{to}",
            _("Route {number} is moved; the order holds from the next request on.", number=number),
        )

    async def drop(self, request: Request) -> Response:
        number = request.path_params["number"]
        await self.acting(request).change(channels.drop_route, number)
        return done("/routes", _("Route {number} is gone; messages that are queued stay where they are.", number=number))
