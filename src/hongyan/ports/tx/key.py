"""What the check of the sealing key does inside its transaction."""

from typing import Protocol

from hongyan.ports.tx.shared import ConfigRowsTx


class KeyTx(ConfigRowsTx, Protocol):
    def read_fact(self, name: str) -> str | None:
        """Returns a fact that was stored about this store; None if there is none."""
        ...

    def keep_fact(self, name: str, value: str) -> None:
        """Store a fact, unless one of this name is stored already."""
        ...
