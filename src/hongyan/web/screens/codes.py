"""What carriers' codes mean."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.meaning import CodeClass, CodeRuleChange
from hongyan.model.staff import Permission
from hongyan.services.admin import codes
from hongyan.services.queries.lists.channels import CODES, UNKNOWN_CODES
from hongyan.web.access import Page
from hongyan.web.forms import choice, controls, read_form, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head


class CodeScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/codes", self.codes, Permission.SEE),
            Page("/codes", self.set_code, Permission.CHANNELS, methods=["POST"]),
            Page("/codes/unset", self.unset_code, Permission.CHANNELS, methods=["POST"]),
        ]

    async def codes(self, request: Request) -> Response:
        nothing, asked = (_("No such code."), ""), request.query_params
        code, kind, *others = controls(CodeRuleChange, {"code": asked.get("explain", "")})
        kind = replace(kind, label=head("class"), options=words_of("class", CodeClass))
        facts = {
            "unknown": await self.listed(
                request, UNKNOWN_CODES, ListView(nothing, {"code": "/codes?explain={code}&of={channel}#explain"})
            ),
            "channels": (channels := await self.channel_names()),
            "controls": [code, choice("channel", channels, _("all"), asked.get("of", "")), kind, *others],
        }
        return await self.show_list(request, CODES, ListView(nothing), "screens/codes.html", facts)

    async def set_code(self, request: Request) -> Response:
        form = await request.form()
        rule = read_form(CodeRuleChange, form)
        await self.acting(request).change(codes.set_code, rule, str(form.get("channel", "")) or None)
        return done("/codes", _("{code} is explained; reports that come from now on are judged by it.", code=rule.code))

    async def unset_code(self, request: Request) -> Response:
        form = await request.form()
        code = str(form.get("code", ""))
        await self.acting(request).change(codes.unset_code, code, str(form.get("channel", "")) or None)
        return done("/codes", _("{code} means what it meant before.", code=code))
