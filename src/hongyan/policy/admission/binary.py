"""The octets of a binary message fit its segments. Rules about texts cannot read them."""

from hongyan.policy.admission.case import Case
from hongyan.policy.binary import count_binary


def judge(case: Case) -> None:
    """raises: Refusal CONTENT_EMPTY, CONTENT_LONG, PARAMETER_BAD"""
    binary = case.submission.binary
    assert binary is not None
    case.count = count_binary(binary)
    case.text = binary.octets.hex()
