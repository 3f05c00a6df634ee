"""There is a text, and every store, answer and charset of ours can carry it."""

from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.content import clean_text


def judge(context: AdmissionContext) -> None:
    """raises: Refusal CONTENT_EMPTY, PARAMETER_BAD"""
    context.text = clean_text(context.text)
