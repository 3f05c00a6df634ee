"""The notice of an alarm, in one sentence."""

from hongyan.i18n import N_, in_language
from hongyan.model.alarm import Alarm, AlarmKind, AlarmState

_SENTENCES = {
    AlarmKind.CHANNEL_DOWN: N_("channel {subject} is down, for {value} s by now"),
    AlarmKind.BACKLOG_OLD: N_("the oldest message for channel {subject} has waited {value} s"),
    AlarmKind.SUCCESS_LOW: N_("channel {subject} delivers {value} %, much less than in the week before"),
    AlarmKind.PUSHES_FAILING: N_("{value} % of the posts to {subject} fail"),
    AlarmKind.BALANCE_LOW: N_("account {subject} has {value:point|points} left"),
    AlarmKind.LEDGER_DIFFERS: N_("wallets differ from what moved them by {value:point|points}"),
    AlarmKind.CERTIFICATE_ENDS: N_("the certificate {subject} lasts {value:day|days} more"),
}


def notice_of(alarm: Alarm, language: str) -> str:
    """Returns the sentence. language: en or zh"""
    sentence = in_language(language, _SENTENCES[alarm.kind], subject=alarm.subject, value=alarm.value)
    if alarm.state is AlarmState.CLEARED:
        return in_language(language, "Hongyan: over: {sentence}", sentence=sentence)
    return in_language(language, "Hongyan alarm: {sentence}", sentence=sentence)
