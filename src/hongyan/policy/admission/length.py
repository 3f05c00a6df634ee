"""The text fits the segments that one message may have. Rules that search a text come after this one."""

from hongyan.policy.admission.case import Case
from hongyan.policy.segments import count_segments


def judge(case: Case) -> None:
    """raises: Refusal CONTENT_LONG"""
    case.count = count_segments(case.text)
