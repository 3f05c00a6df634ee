"""Alarms: what is bad, the rules, and silences."""

from typing import Any

from hongyan.model.alarm import AlarmKind, AlarmRuleChange
from hongyan.model.fields import Param, name, number, word
from hongyan.model.names import NAME_MOST, TITLE_MOST
from hongyan.model.staff import Permission
from hongyan.services.admin import alarms
from hongyan.services.admin.alarms import SILENCE_MOST_MS
from hongyan.services.queries.lists import running as lists
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.listed import list_call
from hongyan.web.api.shapes import DONE

KIND = Param("kind", "Which alarm.", word(AlarmKind), is_required=True)
SUBJECT = Param("subject", "Only of this channel or account; else of all.", name(NAME_MOST))
LASTS = Param("lasts_ms", "For how long; 0 ends a silence.", number(0, SILENCE_MOST_MS), is_required=True)
NOTE = Param("note", "Why; the audit keeps it.", name(TITLE_MOST), is_required=True)


async def set_rule(asked: Asked) -> Any:
    await asked.admin.change(alarms.set_rule, asked.given["kind"], asked.given["subject"] or "", asked.change)
    return {"is_done": True}


async def reset_rule(asked: Asked) -> Any:
    await asked.admin.change(alarms.reset_rule, asked.given["kind"], asked.given["subject"] or "")
    return {"is_done": True}


async def silence(asked: Asked) -> Any:
    given = asked.given
    await asked.admin.change(alarms.silence, given["kind"], given["subject"] or "", given["lasts_ms"], given["note"])
    return {"is_done": True}


CALLS = (
    list_call(lists.ALARMS, "/alarms"),
    list_call(lists.ALARM_RULES, "/alarms/rules"),
    Call("POST", "/alarms/rules", "Change the rule of an alarm.", Permission.CHANNELS, set_rule, DONE, of=AlarmRuleChange, body=(KIND, SUBJECT)),
    Call("POST", "/alarms/rules/reset", "Let the usual rule hold again.", Permission.CHANNELS, reset_rule, DONE, body=(KIND, SUBJECT)),
    Call("POST", "/alarms/silence", "Send no notice of an alarm for a while; it is shown all the same.", Permission.CHANNELS, silence, DONE, body=(KIND, SUBJECT, LASTS, NOTE)),
)  # fmt: skip
