"""The text is signed as its account must sign: 【…】 at the start or at the end (wire contract, 1.1 and 2.13)."""

import re

from hongyan.model.account import SignatureRule
from hongyan.model.refusal import Code, Refusal
from hongyan.model.signature import SHORTEST
from hongyan.policy.admission.context import AdmissionContext

LONGEST = 8
"""The most characters of a signature that nobody approved (wire contract, 2.13)."""

_IN_FRONT = re.compile("\\s*【([^【】]*)】")
_AT_BACK = re.compile("【([^【】]*)】\\s*\\Z")


_FREE = SignatureRule.FREE  # Python 3.11 takes half a microsecond to find a member of an enum


def judge(context: AdmissionContext) -> None:
    """raises: Refusal SIGNATURE_MISSING, SIGNATURE_WRONG

    A text that is signed at both ends needs one right signature: many begin with 【验证码】 and end with the sender.
    """
    account = context.submission.account
    if account.signature_rule is _FREE:
        return
    names = signatures_of(context.text)
    if not names:
        raise Refusal(Code.SIGNATURE_MISSING)
    if account.signature_rule is SignatureRule.APPROVED:
        is_right = not context.snapshot.signatures.get(account.id, frozenset()).isdisjoint(names)
    else:
        is_right = any(SHORTEST <= len(name) <= LONGEST for name in names)
    if not is_right:
        raise Refusal(Code.SIGNATURE_WRONG)


def signatures_of(text: str) -> list[str]:
    """Returns the texts in 【】 at the start of a text, and at its end."""
    found = (_IN_FRONT.match(text), _AT_BACK.search(text, max(text.rfind("【"), 0)))
    return [one[1] for one in found if one]
