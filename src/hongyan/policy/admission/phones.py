"""What is written is a number: of the mainland, or with its country's code where the door takes numbers abroad.

Numbers that get the same text count once, however often they are written.
"""

from collections.abc import Sequence

from hongyan.model.phone import international, normalise
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.case import Case


def judge(case: Case) -> None:
    """raises: Refusal NUMBER_REPEATED for a repeat among numbers with texts of their own"""
    submission = case.submission
    read_number = international if submission.is_international else normalise
    numbers = submission.numbers
    if len(numbers) == 1:
        phone = read_number(numbers[0])
        case.read = [phone]
        case.phones = [] if phone is None else [phone]
    else:
        case.read = list(map(read_number, numbers))
        case.phones = [phone for phone in dict.fromkeys(case.read) if phone is not None]
    if submission.texts is not None:
        _assign_texts(case, submission.texts)


def _assign_texts(case: Case, texts: Sequence[str]) -> None:
    if len(case.phones) < len(case.read) - case.read.count(None):
        raise Refusal(Code.NUMBER_REPEATED)
    case.texts = {phone: text for phone, text in zip(case.read, texts, strict=True) if phone is not None}
