"""What changes of words and black lists do inside their transactions."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ListedPagesTx, ListedTx, WordPagesTx


class RulesTx(ConfigTx, WordPagesTx, ListedPagesTx, ListedTx, Protocol):
    def words_as(self, keys: Sequence[tuple[int, str]]) -> list[tuple[int, str, str]]:
        """Returns those of the words (account, plain) that exist: (account, plain, as entered)."""
        ...

    def put_words(self, rows: Sequence[tuple[int, str, str]], now_ms: int) -> None:
        """Add words, (account, plain, as entered), each once; existing ones stay as they are."""
        ...

    def drop_words(self, keys: Sequence[tuple[int, str]]) -> int:
        """Delete words (account, plain); returns how many existed."""
        ...

    def put_listed(self, rows: Sequence[tuple[int, int, int, str]], change: int, now_ms: int) -> None:
        """Set entries of black lists, each once: (account, phone, end in seconds, note)."""
        ...
