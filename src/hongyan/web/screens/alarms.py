"""Alarms: what fires, the rules, and silences."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.alarm import AlarmKind, AlarmRuleChange, SilenceChange
from hongyan.model.errors import Invalid
from hongyan.model.staff import Permission
from hongyan.services.admin import alarms
from hongyan.services.queries.lists.running import ALARM_RULES, ALARMS
from hongyan.web.access import Page
from hongyan.web.forms import Control, controls, said, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head

RULES_MOST = 1_000


class AlarmScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/alarms", self.alarms, Permission.SEE),
            Page("/alarms/rule", self.set_rule, Permission.CHANNELS, methods=["POST"]),
            Page("/alarms/silence", self.silence, Permission.CHANNELS, methods=["POST"]),
        ]

    async def alarms(self, request: Request) -> Response:
        empty = (
            _("No alarm, and none lately."),
            _(
                "Alarms look at channels, backlog, success, pushes, balances and the ledger; "
                "the rules below say when something is bad."
            ),
        )
        rules = await self.listed(request, ALARM_RULES, ListView((_("Nothing here."), ""), most=RULES_MOST))
        facts = {
            "rules": rules,
            "silence": controls(SilenceChange, {"hours": 2}),
            "rule": [
                Control("kind", head("kind"), options=words_of("kind", AlarmKind)),
                Control(
                    "subject", head("subject"), _("Name of one channel or account; empty: all that have no rule of their own.")
                ),
                *controls(AlarmRuleChange, {"threshold": 0, "duration_s": 60}),
            ],
        }
        return await self.show_list(request, ALARMS, ListView(empty, most=RULES_MOST), "screens/alarms.html", facts)

    async def set_rule(self, request: Request) -> Response:
        form = await request.form()
        await self.acting(request).change(alarms.set_rule, _kind(form), _subject(form), said(AlarmRuleChange, form))
        return done("/alarms", _("The rule holds from now on."))

    async def silence(self, request: Request) -> Response:
        form = await request.form()
        change = said(SilenceChange, form)
        await self.acting(request).change(alarms.silence, _kind(form), _subject(form), change)
        lasts = _("No notice of it is sent for {hours} hours.", hours=f"{change.hours:g}")
        return done("/alarms", lasts if change.hours else _("The silence is over."))


def _kind(form: FormData) -> AlarmKind:
    """raises: Invalid"""
    named = str(form.get("kind", ""))
    if named not in list(AlarmKind):
        raise Invalid("there is no alarm {kind}", kind=named)
    return AlarmKind(named)


def _subject(form: FormData) -> str:
    return str(form.get("subject", "")).strip()
