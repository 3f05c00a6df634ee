"""The octets of a binary message fit its segments. Rules about texts cannot read them."""

from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.binary import count_binary


def judge(context: AdmissionContext) -> None:
    """raises: Refusal CONTENT_EMPTY, CONTENT_LONG, PARAMETER_BAD"""
    binary = context.submission.binary
    assert binary is not None
    context.count = count_binary(binary)
    context.text = binary.octets.hex()
