"""Alarms: what is bad, the rules, and silences."""

from typing import Any

from hongyan.model.alarm import ALARM_KIND, AlarmRuleChange, SilenceChange
from hongyan.model.fields import Param
from hongyan.model.names import NAME
from hongyan.model.staff import Permission
from hongyan.services.admin import alarms
from hongyan.services.queries.lists import running as lists
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.list_call import list_call
from hongyan.web.api.shapes import DONE
from hongyan.web.trials import send_sample_notice

SUBJECT = Param("subject", "Only of this channel or account; else of all.", NAME)


async def set_rule(asked: Asked) -> Any:
    await asked.admin.change(alarms.set_rule, asked.given["kind"], asked.given["subject"] or "", asked.change)
    return {"is_done": True}


async def reset_rule(asked: Asked) -> Any:
    await asked.admin.change(alarms.reset_rule, asked.given["kind"], asked.given["subject"] or "")
    return {"is_done": True}


async def silence(asked: Asked) -> Any:
    await asked.admin.change(alarms.silence, asked.given["kind"], asked.given["subject"] or "", asked.change)
    return {"is_done": True}


async def send_sample(asked: Asked) -> Any:
    """raises: Conflict if it did not leave"""
    await send_sample_notice(asked.trials)
    return {"is_done": True}


CALLS = (
    list_call(lists.ALARMS, "/alarms"),
    list_call(lists.ALARM_RULES, "/alarms/rules"),
    Call("POST", "/alarms/rules", "Change the rule of an alarm.", Permission.CHANNELS, set_rule, DONE, of=AlarmRuleChange, body=(ALARM_KIND, SUBJECT)),
    Call("POST", "/alarms/rules/reset", "Let the usual rule hold again.", Permission.CHANNELS, reset_rule, DONE, body=(ALARM_KIND, SUBJECT)),
    Call("POST", "/alarms/silence", "Send no notice of an alarm for a while; it is shown all the same.", Permission.CHANNELS, silence, DONE, of=SilenceChange, body=(ALARM_KIND, SUBJECT)),
    Call("POST", "/alarms/test", "Send notice of a sample alarm, to see that it arrives.", Permission.CHANNELS, send_sample, DONE),
)  # fmt: skip
