"""Alarms: what is bad, the rules, and silences."""

from typing import Any

from hongyan.model.alarm import DURATION_MOST_S, THRESHOLD_MOST, AlarmKind
from hongyan.model.fields import FLAG, Param, name, number, word
from hongyan.model.names import NAME_MOST, TITLE_MOST
from hongyan.model.staff import Permission
from hongyan.services.admin import alarms
from hongyan.services.admin.alarms import SILENCE_MOST_MS, RuleChange
from hongyan.services.queries.lists import running as lists
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.listed import list_call
from hongyan.web.api.shapes import DONE

KIND = Param("kind", "Which alarm.", word(AlarmKind), is_required=True)
SUBJECT = Param("subject", "Only of this channel or account; else of all.", name(NAME_MOST))
THRESHOLD = Param("threshold", "Beyond it something is bad.", number(0, THRESHOLD_MOST))
DURATION = Param("duration_s", "Seconds for which it must be bad.", number(0, DURATION_MOST_S))
IS_ON = Param("is_on", "Whether the rule holds at all.", FLAG)
LASTS = Param("lasts_ms", "For how long; 0 ends a silence.", number(0, SILENCE_MOST_MS), is_required=True)
NOTE = Param("note", "Why; the audit keeps it.", name(TITLE_MOST), is_required=True)


async def set_rule(asked: Asked) -> Any:
    given = asked.given
    change = RuleChange(given["threshold"], given["duration_s"], given["is_on"])
    await asked.admin.change(alarms.set_rule, given["kind"], given["subject"] or "", change)
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
    Call("POST", "/alarms/rules", "Change the rule of an alarm.", Permission.CHANNELS, set_rule, DONE, body=(KIND, SUBJECT, THRESHOLD, DURATION, IS_ON)),
    Call("POST", "/alarms/rules/reset", "Let the usual rule hold again.", Permission.CHANNELS, reset_rule, DONE, body=(KIND, SUBJECT)),
    Call("POST", "/alarms/silence", "Send no notice of an alarm for a while; it is shown all the same.", Permission.CHANNELS, silence, DONE, body=(KIND, SUBJECT, LASTS, NOTE)),
)  # fmt: skip
