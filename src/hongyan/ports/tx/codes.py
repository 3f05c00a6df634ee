"""What changes of code rules do inside their transactions."""

from typing import Protocol

from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import UnknownCodesTx


class CodesTx(ConfigTx, UnknownCodesTx, Protocol):
    def forget_unknown_code(self, code: str, channel_id: int | None) -> None:
        """Drop a code that has a rule now, on one channel or on all."""
        ...
