"""Texts in fields of a fixed width, as the three Chinese protocols have them."""

from collections.abc import Iterable
from functools import lru_cache


def read_text(octets: bytes) -> str:
    """Latin-1, cut at the first NUL, blanks stripped, so that no octet can make reading fail."""
    return octets.partition(b"\0")[0].decode("latin-1").strip()


@lru_cache(maxsize=4096)
def read_shared(octets: bytes) -> str:
    """The same for what thousands of messages share: access numbers, services, states, minutes."""
    return read_text(octets)


def fit(text: str | bytes, octets: int) -> bytes:
    """A text for a field of fixed width; `Struct` pads it. Cutting a number short would send to somebody else.

    raises: ValueError when it is too long
    """
    value = text if isinstance(text, bytes) else text.encode("latin-1", "replace")
    if len(value) > octets:
        raise ValueError(f"{len(value)} octets for a field of {octets}")
    return value


def read_numbers(octets: bytes, width: int) -> tuple[str, ...]:
    """Phone numbers that follow one another, each in a field of `width`."""
    return tuple(read_text(octets[at : at + width]) for at in range(0, len(octets), width))


def fit_numbers(numbers: Iterable[str], width: int) -> bytes:
    """Phone numbers, each in a padded field of `width`. raises: ValueError when one is too long"""
    return b"".join(fit(number, width).ljust(width, b"\0") for number in numbers)
