"""The account has the product."""

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.case import Case


def judge(case: Case) -> None:
    """raises: Refusal NO_PRODUCT"""
    submission = case.submission
    if submission.product not in submission.account.products:
        raise Refusal(Code.NO_PRODUCT)
