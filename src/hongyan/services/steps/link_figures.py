"""Figures of a process's links, stored for the consoles of other processes. What a crash loses is reported again in some
seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from hongyan.ports.tx.link_figures import LinkFiguresTx

Figures = Mapping[str, Mapping[str, Any]]
"""By channel, then by the name of the figure."""

OLD_MS = 15_000
"""Older figures say nothing about now."""


def keep_link_figures(tx: LinkFiguresTx, asked: Sequence[Figures], *, now_ms: int) -> list[None]:
    rows = {name: orjson.dumps(figures).decode() for one in asked for name, figures in one.items()}
    tx.keep_link_figures([(name, now_ms, figures) for name, figures in rows.items()])
    return [None] * len(asked)
