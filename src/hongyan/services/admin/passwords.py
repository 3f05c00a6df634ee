"""Passwords of staff, hashed by argon2id: 19 MiB and some 20 ms of one core each, outside of any transaction."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hongyan.policy.passwords import check_password

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$43+XMkrYIYJjZHArZo2PsA$/jrMVyJyO7EmteOpFw79pCijTxr4eKLRNxPuRM3bEwQ"
"""Compared with if no password is stored."""


def hash_password(name: str, password: str) -> str:
    """Hash a password; blocks. raises: Invalid for a password that is not allowed for this name"""
    check_password(name, password)
    return _HASHER.hash(password.encode("utf-8", "replace"))


def is_password(stored: str, password: str) -> bool:
    """Returns whether the password is the stored one; blocks. It takes as long if none is stored, so the time shows nothing."""
    try:
        _HASHER.verify(stored or _NOBODYS, password.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)
