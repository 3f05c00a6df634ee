"""The text fits the segments that one message may have. Rules that search a text come after this one."""

from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.segments import count_parts, count_segments


def judge(context: AdmissionContext) -> None:
    """raises: Refusal CONTENT_LONG; PARAMETER_BAD if a ready-made part is empty or fills more than a segment"""
    parts = context.submission.parts
    context.count = count_segments(context.text) if parts is None else count_parts(context.text, parts)
