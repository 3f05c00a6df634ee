"""Alarms: what fires, the rules, and silences."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.alarm import ALARM_KIND, AlarmKind, AlarmRuleChange, SilenceChange
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import alarms
from hongyan.services.queries.lists.running import ALARM_RULES, ALARMS
from hongyan.web.access import Page
from hongyan.web.forms import Control, controls, read_form, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.trials import Trials, send_sample_notice
from hongyan.web.words import head, value_word

RULES_MOST = 1_000


class AlarmScreen(Screen):
    def __init__(self, admin: AdminStore, trials: Trials) -> None:
        super().__init__(admin)
        self._trials = trials

    def pages(self) -> list[Page]:
        return [
            Page("/alarms", self.alarms, Permission.SEE),
            Page("/alarms/rule", self.set_rule, Permission.CHANNELS, methods=["POST"]),
            Page("/alarms/rule/usual", self.reset_rule, Permission.CHANNELS, methods=["POST"]),
            Page("/alarms/test", self.test, Permission.CHANNELS, methods=["POST"]),
            Page("/alarms/silence", self.silence, Permission.CHANNELS, methods=["POST"]),
        ]

    async def alarms(self, request: Request) -> Response:
        empty = (
            _("No alarm, and none lately."),
            _(
                "Alarms look at channels, backlog, success, pushes, balances, the ledger and the certificate; "
                "the rules below say when something is bad."
            ),
        )
        rules = await self.listed(request, ALARM_RULES, ListView((_("Nothing here."), ""), most=RULES_MOST))
        asked = {name: request.query_params.get(name, "") for name in ("kind", "subject")}
        usual = {"threshold": 0, "duration_s": 60, "is_on": True}
        now = next(
            (row["raw"] for row in rules.rows if (row["raw"]["kind"], row["raw"]["subject"]) == tuple(asked.values())), usual
        )
        facts = {
            "rules": rules,
            "silence": controls(SilenceChange, {"hours": 2}),
            "rule": [
                Control("kind", head("kind"), options=words_of("kind", AlarmKind), value=asked["kind"]),
                Control(
                    "subject",
                    head("subject"),
                    _("Name of one channel or account; empty: all that have no rule of their own."),
                    value="" if asked["subject"] == "all" else asked["subject"],
                ),
                *controls(AlarmRuleChange, now),
            ],
        }
        return await self.show_list(request, ALARMS, ListView(empty, most=RULES_MOST), "screens/alarms.html", facts)

    async def set_rule(self, request: Request) -> Response:
        form = await request.form()
        kind, subject = _kind(form), _subject(form)
        await self.acting(request).change(alarms.set_rule, kind, subject, read_form(AlarmRuleChange, form))
        return done("/alarms", _("The rule for {alarm} holds from now on.", alarm=_alarm(kind, subject)))

    async def reset_rule(self, request: Request) -> Response:
        form = await request.form()
        kind, subject = _kind(form), _subject(form)
        await self.acting(request).change(alarms.reset_rule, kind, subject)
        return done("/alarms", _("The usual rule holds again for {alarm}.", alarm=_alarm(kind, subject)))

    async def test(self, request: Request) -> Response:  # noqa: ARG002  nothing is said
        """Send a sample notice. raises: Conflict if it did not leave"""
        await send_sample_notice(self._trials)
        return done("/alarms", _("A sample notice is sent: see that it has arrived."))

    async def silence(self, request: Request) -> Response:
        form = await request.form()
        kind, subject, change = _kind(form), _subject(form), read_form(SilenceChange, form)
        await self.acting(request).change(alarms.silence, kind, subject, change)
        alarm = _alarm(kind, subject)
        lasts = _("No notice of {alarm} is sent for {hours} hours.", alarm=alarm, hours=f"{change.hours:g}")
        return done("/alarms", lasts if change.hours else _("Notices of {alarm} are sent again.", alarm=alarm))


def _kind(form: FormData) -> AlarmKind:
    """raises: Invalid"""
    kind: AlarmKind = ALARM_KIND.checked(form.get("kind", ""))
    return kind


def _alarm(kind: AlarmKind, subject: str) -> str:
    """Returns what an alarm is about: its kind, and the channel or account that has it if there is one."""
    return f"{value_word('kind', kind.value)} ({subject})" if subject else value_word("kind", kind.value)


def _subject(form: FormData) -> str:
    return str(form.get("subject", "")).strip()
