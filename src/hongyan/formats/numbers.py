"""The `mobile` parameter: many numbers in one text."""

from itertools import chain

from hongyan.model.phone import MOST_CHARACTERS, normalise

_SEPARATORS = ("，", ";", "；", "\r", "\n")


def split_numbers(text: str) -> list[str]:
    """Returns the numbers as the customer wrote them, in order.

    They are separated by commas, full-width commas, semicolons, line breaks or blanks, of which several may follow each other.
    Blanks may stand inside a number too, as in `138 0013 8000`: where nothing between them is a number, and all of it is one.
    source: wire contract, 1.1
    """
    if text.isdecimal():
        return [text]
    for separator in _SEPARATORS:
        if separator in text:
            text = text.replace(separator, ",")
    if len(text.split()) < 2:  # no blanks between: as nearly everybody writes them
        return list(filter(None, text.strip().split(",")))
    return list(chain.from_iterable(map(_numbers_in, text.split(","))))


def _numbers_in(piece: str) -> list[str]:
    parts = piece.split()
    if len(parts) < 2 or len(piece) > MOST_CHARACTERS or any(normalise(part) is not None for part in parts):
        return parts
    return parts if normalise(piece) is None else [piece.strip()]
