"""The number is not black-listed: neither for all accounts nor for the account that sends."""

from hongyan.model.refusal import Code
from hongyan.model.words import EVERYBODY
from hongyan.policy.admission.context import AdmissionContext


def judge(context: AdmissionContext) -> None:
    """Rejects what is listed: NUMBER_LISTED. An entry may have an end."""
    listed = context.snapshot.listed
    if not listed:
        return
    now_s = context.now_ms // 1000
    for key in (EVERYBODY, context.submission.account.id):
        numbers = listed.get(key)
        if numbers is not None:
            found = {phone: Code.NUMBER_LISTED for phone in context.phones if numbers.has(phone, now_s)}
            if found:
                context.failed |= found
                context.phones = [phone for phone in context.phones if phone not in found]
