"""What a binary message is made of: octets for a program on the handset, where others have a text."""

from dataclasses import dataclass, field

NO_BINARY = "NOBINARY"
"""Code of a binary message at a channel whose interface carries texts only; it was never sent."""


@dataclass(frozen=True, slots=True)
class Binary:
    """8-bit data, and the user data header that every part of it bears: its length octet and its elements, such as ports."""

    octets: bytes = field(repr=False)
    header: bytes = b""
