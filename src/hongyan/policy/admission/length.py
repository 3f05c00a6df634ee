"""The text fits the segments that one message may have. Rules that search a text come after this one."""

from hongyan.policy.admission.case import Case
from hongyan.policy.segments import count_parts, count_segments


def judge(case: Case) -> None:
    """raises: Refusal CONTENT_LONG; PARAMETER_BAD for ready-made parts of which one is empty or fills more than a segment"""
    parts = case.submission.parts
    case.count = count_segments(case.text) if parts is None else count_parts(case.text, parts)
