"""Codes as they are stored. The word of every delivered message is stored as '', so that its row does not grow when the receipt
comes.
"""

from hongyan.model.receipt_words import DELIVERED, UNKNOWN


def short_code(code: str) -> str:
    """Returns a code as it is stored."""
    return "" if code == DELIVERED else code


def word_of(code: str, *, is_delivered: bool) -> str:
    """Returns the word of a stored code: '' is DELIVERED for a delivered message, and UNKNOWN for any other."""
    return code or (DELIVERED if is_delivered else UNKNOWN)
