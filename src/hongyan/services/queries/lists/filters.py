"""Filters that several lists share."""

from typing import Any

from hongyan.model.fields import Param
from hongyan.model.kinds import MOMENT
from hongyan.model.names import NAME
from hongyan.ports.tx.queries import ListsTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.queries.lists.listing import Span

OF_ACCOUNT = Param("account", "Only of this account.", NAME)
OF_CHANNEL = Param("channel", "Only of this channel.", NAME)
ACCOUNT = Param("account", "Name of the account.", NAME, is_required=True)
SINCE = Param("since_ms", "From this moment on; else of the last 24 hours.", MOMENT)
UNTIL = Param("until_ms", "Before this moment; else until now.", MOMENT)
OPEN_SINCE = Param("since_ms", "From this moment on; else from the beginning on.", MOMENT)
OPEN_UNTIL = Param("until_ms", "Before this moment; else without end.", MOMENT)


def span_params(span: Span) -> tuple[Param, Param]:
    """Returns the parameters by which programs give the span of a list."""
    return (OPEN_SINCE, OPEN_UNTIL) if span.is_open else (SINCE, UNTIL)


SUGGESTED_MOST = 20


def suggested_accounts(tx: ListsTx, text: str) -> list[dict[str, Any]]:
    """Returns accounts, with their customers, that a typed text may mean; at most some."""
    return tx.accounts_like(text, SUGGESTED_MOST)


def channel_names(tx: ConfigRowsTx) -> list[str]:
    """Returns the names that a filter lets people choose from; there are few."""
    return [row["name"] for row in tx.rows_of("channel")]
