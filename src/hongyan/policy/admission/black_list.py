"""The number is not black-listed: for everybody, or for the account that sends."""

from hongyan.model.refusal import Code
from hongyan.model.words import EVERYBODY
from hongyan.policy.admission.case import Case


def judge(case: Case) -> None:
    """Takes out what is listed: NUMBER_LISTED. An entry may end."""
    listed = case.snapshot.listed
    if not listed:
        return
    now_s = case.now_ms // 1000
    for key in (EVERYBODY, case.submission.account.id):
        numbers = listed.get(key)
        if numbers is not None:
            found = {phone: Code.NUMBER_LISTED for phone in case.phones if numbers.has(phone, now_s)}
            if found:
                case.failed |= found
                case.phones = [phone for phone in case.phones if phone not in found]
