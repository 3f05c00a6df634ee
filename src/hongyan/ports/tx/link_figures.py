"""What is done inside the transactions that keep and read how links do."""

from collections.abc import Sequence
from typing import Protocol


class LinkFiguresTx(Protocol):
    def keep_link_figures(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """In place of what was said before: (channel, moment, figures as JSON)."""
        ...

    def link_figures(self, since_ms: int) -> dict[str, str]:
        """What was said since, by channel."""
        ...
