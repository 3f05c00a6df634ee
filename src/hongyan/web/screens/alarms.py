"""Alarms: what fires, the rules, and silences."""

from dataclasses import replace

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.alarm import AlarmKind, AlarmRuleChange
from hongyan.model.errors import Invalid
from hongyan.model.ids import HOUR_MS
from hongyan.model.staff import Permission
from hongyan.services.admin import alarms
from hongyan.services.queries.lists.running import ALARM_RULES, ALARMS
from hongyan.web.access import Page
from hongyan.web.forms import said, whole, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen

HOURS_MOST = 30 * 24
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
        facts = {"rules": rules, "kinds": words_of("kind", AlarmKind)}
        return await self.show_list(request, ALARMS, ListView(empty, most=RULES_MOST), "screens/alarms.html", facts)

    async def set_rule(self, request: Request) -> Response:
        form = await request.form()
        change = replace(said(AlarmRuleChange, form), is_on=form.get("is_on") == "yes")
        await self.acting(request).change(alarms.set_rule, _kind(form), _subject(form), change)
        return done("/alarms", _("The rule holds from now on."))

    async def silence(self, request: Request) -> Response:
        form = await request.form()
        hours, note = whole(form.get("hours"), "hours", 0, HOURS_MOST), str(form.get("note", "")).strip()
        await self.acting(request).change(alarms.silence, _kind(form), _subject(form), hours * HOUR_MS, note)
        return done(
            "/alarms", _("No notice of it is sent for {hours} hours.", hours=hours) if hours else _("The silence is over.")
        )


def _kind(form: FormData) -> AlarmKind:
    """raises: Invalid"""
    named = str(form.get("kind", ""))
    if named not in list(AlarmKind):
        raise Invalid("there is no alarm {kind}", kind=named)
    return AlarmKind(named)


def _subject(form: FormData) -> str:
    return str(form.get("subject", "")).strip()
