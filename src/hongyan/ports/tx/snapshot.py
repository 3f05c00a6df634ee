"""What loading the ConfigSnapshot reads."""

from typing import Protocol

from hongyan.ports.tx.shared import ConfigRowsTx, ConfigVersionTx, CountersTx, DatabaseClockTx, ListedPagesTx, WordPagesTx


class SnapshotTx(CountersTx, DatabaseClockTx, ConfigRowsTx, ConfigVersionTx, WordPagesTx, ListedPagesTx, Protocol):
    def listed_since(self, after: int, until: int) -> list[tuple[int, int, int]]:
        """Returns entries changed after one number up to another: (account, phone, end), in the order of the changes."""
        ...
