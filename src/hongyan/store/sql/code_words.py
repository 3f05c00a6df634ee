"""Codes as they are stored: the word of every delivered message is stored as '', so that its row does not grow when it comes."""

from hongyan.model.receipt_words import DELIVERED, UNKNOWN


def short_code(code: str) -> str:
    """The code as it is stored."""
    return "" if code == DELIVERED else code


def word_of(code: str, *, is_delivered: bool) -> str:
    """The word of a stored code: '' is DELIVERED of what was delivered, and UNKNOWN of anything else."""
    return code or (DELIVERED if is_delivered else UNKNOWN)
