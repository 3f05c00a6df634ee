"""Sites: what requests that name no known account are shown, by the host that they came to."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.errors import AdminError
from hongyan.model.fields import loaded
from hongyan.model.site import SiteChange
from hongyan.model.staff import Permission
from hongyan.services.admin import sites
from hongyan.services.queries.lists.customers import SITES
from hongyan.web.access import Page
from hongyan.web.forms import Control, FormPage, controls, read_form, show_form, typed
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head


class SiteScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/sites", self.sites, Permission.SEE),
            Page("/sites/set", self.ask, Permission.CUSTOMERS),
            Page("/sites/set", self.set, Permission.CUSTOMERS, methods=["POST"]),
            Page("/sites/drop", self.drop, Permission.CUSTOMERS, methods=["POST"]),
        ]

    async def sites(self, request: Request) -> Response:
        empty = (
            _("No site is set: every host answers in the words of manual 001."),
            _(
                "A site says what a host name shows to requests that name no known account: its dialect, its brand and its language."
            ),
        )
        return await self.show_list(request, SITES, ListView(empty), "screens/sites.html")

    async def ask(self, request: Request) -> Response:
        """Show the form with the values that the host has already."""
        host = request.query_params.get("host", "")
        known = [row for row in await self.admin.read(sites.sites) if row["host"] == host]
        return self._form(request, {"host": host} | (loaded(SiteChange, known[0]) if known else {}))

    def _form(self, request: Request, given: Mapping[str, Any], trouble: AdminError | None = None) -> Response:
        host = Control(
            "host", head("host"), _("As programs write it, without a port; empty: every host that has no site of its own.")
        )
        page = FormPage(
            _("Site"), ("/sites", _("Sites")), _("Set the site"), [host.holding(given), *controls(SiteChange, given)]
        )
        return show_form(request, page, trouble)

    async def set(self, request: Request) -> Response:
        form = await request.form()
        try:
            host, change = str(form.get("host", "")).strip(), read_form(SiteChange, form)
            await self.acting(request).change(sites.set_site, host, change)
        except AdminError as error:
            return self._form(request, typed(form), error)
        return done("/sites", _("The site {host} holds from the next request on.", host=host or sites.EVERY))

    async def drop(self, request: Request) -> Response:
        host = str((await request.form()).get("host", ""))
        await self.acting(request).change(sites.drop_site, host)
        return done(
            "/sites", _("The site {host} is gone; its host is shown what every other one is.", host=host or sites.EVERY)
        )
