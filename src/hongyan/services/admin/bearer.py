"""Bearers: long random texts that give access to whoever shows them, such as the cookie of a session. Only their hash is
stored.
"""

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Bearer:
    plain: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Returns what the store keeps. A fast hash is enough, since nobody guesses 256 bits."""
        return sha256(self.plain.encode("utf-8", "replace")).digest()


def new_bearer(prefix: str = "") -> Bearer:
    """Make a new one. prefix: shows what it is, to people and to programs that look for leaked secrets"""
    return Bearer(prefix + secrets.token_urlsafe(_OCTETS))
