"""The figures of links, as their owners last reported them."""

from typing import Any

import orjson

from hongyan.ports.tx.link_figures import LinkFiguresTx
from hongyan.services.steps.link_figures import OLD_MS


def link_figures(tx: LinkFiguresTx, now_ms: int) -> dict[str, dict[str, Any]]:
    """Returns the figures by channel; only those reported a moment ago."""
    return {name: orjson.loads(figures) for name, figures in tx.link_figures(now_ms - OLD_MS).items()}
