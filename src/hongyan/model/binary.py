"""Binary messages: octets for a program on the handset instead of a text."""

from dataclasses import dataclass, field

NO_BINARY = "NOBINARY"
"""The code of a binary message at a channel that carries only texts; it was never sent."""


@dataclass(frozen=True, slots=True)
class Binary:
    """8-bit data, and the user data header that every part bears: its length octet and its elements, such as ports."""

    octets: bytes = field(repr=False)
    header: bytes = b""
