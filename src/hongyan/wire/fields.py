"""Texts in fields of a fixed width, as the three Chinese protocols have them."""

from collections.abc import Iterable
from functools import lru_cache


def read_text(octets: bytes) -> str:
    """Reads Latin-1, cut at the first NUL, blanks stripped. No octet can make reading fail."""
    return octets.partition(b"\0")[0].decode("latin-1").strip()


@lru_cache(maxsize=4096)
def read_shared(octets: bytes) -> str:
    """The same for texts that thousands of messages share: access numbers, services, states, minutes."""
    return read_text(octets)


def fit(text: str | bytes, octets: int) -> bytes:
    """Returns a text for a field of fixed width; `Struct` pads it. A number must not be cut, since it would be somebody else's.

    raises: ValueError if it is too long
    """
    value = text if isinstance(text, bytes) else text.encode("latin-1", "replace")
    if len(value) > octets:
        raise ValueError(f"{len(value)} octets for a field of {octets}")
    return value


def read_numbers(octets: bytes, width: int) -> tuple[str, ...]:
    """Reads phone numbers that follow one another, each in a field of `width`."""
    return tuple(read_text(octets[at : at + width]) for at in range(0, len(octets), width))


def fit_numbers(numbers: Iterable[str], width: int) -> bytes:
    """Returns phone numbers, each in a padded field of `width`. raises: ValueError if one is too long"""
    return b"".join(fit(number, width).ljust(width, b"\0") for number in numbers)
