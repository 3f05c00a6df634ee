"""What several lists are narrowed to."""

from typing import Any

from hongyan.model.fields import MOMENT, Param
from hongyan.model.names import NAME
from hongyan.ports.tx.queries import ListsTx
from hongyan.ports.tx.shared import ConfigRowsTx

OF_ACCOUNT = Param("account", "Only of this account.", NAME)
OF_CHANNEL = Param("channel", "Only of this channel.", NAME)
ACCOUNT = Param("account", "Name of the account.", NAME, is_required=True)
SINCE = Param("since_ms", "From this moment on; else of the last 24 hours.", MOMENT)
UNTIL = Param("until_ms", "Before this moment; else until now.", MOMENT)


SUGGESTED_MOST = 20


def suggested_accounts(tx: ListsTx, text: str) -> list[dict[str, Any]]:
    """Accounts that what was typed may mean, each with its customer: some of thousands."""
    return tx.accounts_like(text, SUGGESTED_MOST)


def channel_names(tx: ConfigRowsTx) -> list[str]:
    """What a filter lets one choose from: they are few."""
    return [row["name"] for row in tx.rows_of("channel")]
