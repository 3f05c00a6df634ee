"""Setting rules of alarms, and silencing them."""

from dataclasses import replace

from hongyan.model.act import Act, AuditAction
from hongyan.model.alarm import EVERYTHING, USUAL, AlarmKind, AlarmRule, AlarmRuleChange, Silence, SilenceChange
from hongyan.model.errors import NotFound
from hongyan.model.ids import HOUR_MS
from hongyan.policy.alarms import rule_of
from hongyan.ports.tx.alarms import SetAlarmsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel

_OF_ACCOUNTS = frozenset({AlarmKind.PUSHES_FAILING, AlarmKind.BALANCE_LOW})


def set_rule(tx: SetAlarmsTx, act: Act, kind: AlarmKind, subject: str, change: AlarmRuleChange) -> AlarmRule:
    """Set the rule of a kind, or of one channel or account; returns the rule as it is now. raises: NotFound"""
    _check_subject(tx, kind, subject)
    before = rule_of(tx.alarm_rules(), kind, subject)
    rule = replace(before, **change.values())
    tx.put_alarm_rule(kind, subject, rule)
    tx.audit(act, AuditAction.ALARM_SET, f"{kind} {subject}".strip(), _audited(before), _audited(rule))
    return rule


def reset_rule(tx: SetAlarmsTx, act: Act, kind: AlarmKind, subject: str) -> None:
    """Return to the usual rule. raises: NotFound if no other was set"""
    before = rule_of(tx.alarm_rules(), kind, subject)
    if not tx.drop_alarm_rule(kind, subject):
        raise NotFound("nothing is set for {kind} {subject}", kind=kind.value, subject=subject)
    tx.audit(act, AuditAction.ALARM_RESET, f"{kind} {subject}".strip(), _audited(before), _audited(USUAL[kind]))


def silence(tx: SetAlarmsTx, act: Act, kind: AlarmKind, subject: str, change: SilenceChange) -> None:
    """Send no notice of an alarm for a while; 0 hours end the silence. The alarm is still shown. raises: NotFound"""
    _check_subject(tx, kind, subject)
    until_ms = act.now_ms + round(change.hours * HOUR_MS)
    tx.put_alarm_silence(Silence(kind, subject, until_ms), change.note)
    tx.audit(act, AuditAction.ALARM_SILENCE, f"{kind} {subject}".strip(), {}, {"until_ms": until_ms, "note": change.note})


def _check_subject(tx: SetAlarmsTx, kind: AlarmKind, subject: str) -> None:
    """raises: NotFound"""
    if subject == EVERYTHING:
        return
    if kind is AlarmKind.LEDGER_DIFFERS:
        raise NotFound("there is one ledger: leave out what it is of")
    if kind is AlarmKind.CERTIFICATE_ENDS:
        return  # it is named after its file, which its process knows
    (find_account if kind in _OF_ACCOUNTS else find_channel)(tx, subject)


def _audited(rule: AlarmRule) -> dict[str, object]:
    return {"threshold": rule.threshold, "duration_s": rule.duration_s, "is_on": rule.is_on}
