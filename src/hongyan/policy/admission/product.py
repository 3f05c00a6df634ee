"""The account has the product."""

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.context import AdmissionContext


def judge(context: AdmissionContext) -> None:
    """raises: Refusal NO_PRODUCT"""
    submission = context.submission
    if submission.product not in submission.account.products:
        raise Refusal(Code.NO_PRODUCT)
