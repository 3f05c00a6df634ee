"""What storing and reading the figures of links does inside transactions."""

from collections.abc import Sequence
from typing import Protocol


class LinkFiguresTx(Protocol):
    def keep_link_figures(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """Replace the stored figures by these rows: (channel, moment, figures as JSON)."""
        ...

    def link_figures(self, since_ms: int) -> dict[str, str]:
        """Returns the figures stored since then, by channel."""
        ...
