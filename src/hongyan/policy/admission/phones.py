"""Each number is valid: of the mainland, or with its country's code if the door takes numbers abroad.

Numbers that get the same text count once, however often they are written.
"""

from collections.abc import Sequence

from hongyan.model.phone import international, normalise
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.context import AdmissionContext


def judge(context: AdmissionContext) -> None:
    """raises: Refusal NUMBER_REPEATED for a repeat among numbers with texts of their own"""
    submission = context.submission
    read_number = international if submission.is_international else normalise
    numbers = submission.numbers
    if len(numbers) == 1:
        phone = read_number(numbers[0])
        context.read = [phone]
        context.phones = [] if phone is None else [phone]
    else:
        context.read = list(map(read_number, numbers))
        context.phones = [phone for phone in dict.fromkeys(context.read) if phone is not None]
    if submission.texts is not None:
        _assign_texts(context, submission.texts)


def _assign_texts(context: AdmissionContext, texts: Sequence[str]) -> None:
    if len(context.phones) < len(context.read) - context.read.count(None):
        raise Refusal(Code.NUMBER_REPEATED)
    context.texts = {phone: text for phone, text in zip(context.read, texts, strict=True) if phone is not None}
