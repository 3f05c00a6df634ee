"""What is done inside the transactions that keep and read how links do."""

from collections.abc import Sequence
from typing import Protocol


class LinkFiguresTx(Protocol):
    def keep_link_figures(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """Replace what was said before by rows of (channel, moment, figures as JSON)."""
        ...

    def link_figures(self, since_ms: int) -> dict[str, str]:
        """What was said since, by channel."""
        ...
