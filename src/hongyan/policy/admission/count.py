"""There are numbers, and not too many for one request."""

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.context import AdmissionContext


def judge(context: AdmissionContext) -> None:
    """raises: Refusal NUMBER_EMPTY, NUMBERS_MANY"""
    numbers, most = context.submission.numbers, context.snapshot.numbers_most
    if not (numbers and numbers[0].strip()) and not any(map(str.strip, numbers)):
        raise Refusal(Code.NUMBER_EMPTY)
    if len(numbers) > most:
        raise Refusal(Code.NUMBERS_MANY, count=len(numbers), most=most)
