"""The sending time is not too far ahead: the points of a task that waits for years, by a slip, would be held for nothing."""

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.context import AdmissionContext

FURTHEST_MS = 366 * 24 * 3_600_000
"""The furthest from now."""


def judge(context: AdmissionContext) -> None:
    """raises: Refusal TIME_BAD"""
    if context.submission.send_at_ms > context.now_ms + FURTHEST_MS:
        raise Refusal(Code.TIME_BAD)
