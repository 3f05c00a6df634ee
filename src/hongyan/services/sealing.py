"""Secrets at rest: AES-GCM under a key from a file or the environment, bound to what they belong to."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_OCTETS = 12
KEY_OCTETS = 32


class KeyWrong(Exception):
    """The sealing key does not open what is stored: it belongs to another data folder."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with one key; `owner` names the row, so a sealed secret moved to another row does not open."""

    key: bytes = field(repr=False)

    def seal(self, secret: str, owner: str) -> bytes:
        nonce = os.urandom(NONCE_OCTETS)
        return nonce + AESGCM(self.key).encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """raises: KeyWrong"""
        try:
            return AESGCM(self.key).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], owner.encode()).decode()
        except InvalidTag as error:
            raise KeyWrong("the sealing key does not open the stored secrets") from error
