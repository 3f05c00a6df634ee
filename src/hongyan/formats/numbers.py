"""The `mobile` parameter: many numbers in one text."""

_SEPARATORS = (",", "，", ";", "；")


def split_numbers(text: str) -> list[str]:
    """Returns the numbers as the customer wrote them, in order.

    They are separated by commas, full-width commas, semicolons, blanks or line breaks, of which several may follow each other.
    source: wire contract, 1.1
    """
    if text.isdecimal():
        return [text]
    for separator in _SEPARATORS:
        if separator in text:
            text = text.replace(separator, " ")
    return text.split()
