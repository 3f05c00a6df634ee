"""Texts with gaps that programs name by their number."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.staff import Permission
from hongyan.model.template import TemplateChange
from hongyan.services.admin import templates
from hongyan.services.queries.lists.rules import TEMPLATES
from hongyan.services.queries.template_test import template_test
from hongyan.web.access import Page
from hongyan.web.forms import account_box, controls, read_form
from hongyan.web.lists import ListView
from hongyan.web.pages import done, error_text
from hongyan.web.screens.screen import Screen


class TemplateScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/templates", self.templates, Permission.SEE),
            Page("/templates", self.add_template, Permission.REVIEW, methods=["POST"]),
            Page("/templates/remove", self.remove_template, Permission.REVIEW, methods=["POST"]),
        ]

    async def templates(self, request: Request) -> Response:
        empty = (
            _("There is no template yet."),
            _("A template is a text with gaps; programs of manual 002's platform send its number and what fills the gaps."),
        )
        number, text = controls(TemplateChange, {}, ("number", "text"))
        asked = {name: request.query_params.get(name, "").strip() for name in ("text", "account")}
        tested = await self._tested(asked) if asked["text"] else None
        facts = {"controls": [account_box(), number, replace(text, kind="long")], "asked": asked, "tested": tested}
        return await self.show_list(request, TEMPLATES, ListView(empty), "screens/templates.html", facts)

    async def _tested(self, asked: dict[str, str]) -> dict[str, Any]:
        try:
            return await self.admin.read(template_test, asked["text"], asked["account"])
        except (NotFound, Invalid) as error:
            return {"trouble": error_text(error)}

    async def add_template(self, request: Request) -> Response:
        form = await request.form()
        account, template = str(form.get("account", "")), read_form(TemplateChange, form)
        given = await self.acting(request).change(templates.add_template, account, template)
        return done(
            "/templates", _("The template is there; the programs of {account} call it {number}.", account=account, number=given)
        )

    async def remove_template(self, request: Request) -> Response:
        form = await request.form()
        account, number = str(form.get("account", "")), str(form.get("number", ""))
        await self.acting(request).change(templates.remove_template, account, number)
        return done("/templates", _("The template {number} of {account} is gone.", number=number, account=account))
