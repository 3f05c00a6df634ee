"""Sealed secrets: AES-GCM with a key from a file or the environment, bound to the row that they belong to."""

import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hongyan.model.errors import AdminError

NONCE_OCTETS = 12

_FINGERPRINTED = b"the key that seals the secrets of this store"


class KeyWrong(AdminError):
    """The sealing key is not that of the store, or does not open one of its rows; the message says which."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with one key. `owner` names the row, so a sealed secret that is moved to another row does not open."""

    key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Returns a text that differs between keys and does not reveal them."""
        return self._hash(_FINGERPRINTED)

    def substitute(self, sealed: bytes) -> str:
        """Returns a replacement for a secret that does not open: nobody can know it, and it is the same each time."""
        return self._hash(sealed)

    def _hash(self, octets: bytes) -> str:
        return hmac.new(self.key, octets, "sha256").hexdigest()

    def seal(self, secret: str, owner: str) -> bytes:
        nonce = os.urandom(NONCE_OCTETS)
        return nonce + AESGCM(self.key).encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """raises: KeyWrong"""
        try:
            return AESGCM(self.key).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], owner.encode()).decode()
        except InvalidTag as error:
            raise KeyWrong("the sealing key does not open the secret of {owner}", owner=owner) from error
