"""What opens by being shown, such as the cookie of a session: long, of chance, and stored as a hash alone."""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Bearer:
    plain: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """What the store keeps; a fast hash does, for nobody guesses 256 bits."""
        return sha256(self.plain.encode("utf-8", "replace")).digest()


def new_bearer(prefix: str = "") -> Bearer:
    """prefix: shows people, and programs that look for leaks, what it is"""
    return Bearer(prefix + secrets.token_urlsafe(_OCTETS))
