"""There is a text, and every store, answer and charset of ours can carry it."""

from hongyan.policy.admission.case import Case
from hongyan.policy.content import clean_text


def judge(case: Case) -> None:
    """raises: Refusal CONTENT_EMPTY, PARAMETER_BAD"""
    case.text = clean_text(case.text)
