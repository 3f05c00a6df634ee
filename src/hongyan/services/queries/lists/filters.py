"""What several lists are narrowed to."""

from hongyan.model.fields import MOMENT, Param
from hongyan.model.names import NAME
from hongyan.ports.tx.shared import ConfigRowsTx

OF_ACCOUNT = Param("account", "Only of this account.", NAME)
OF_CHANNEL = Param("channel", "Only of this channel.", NAME)
ACCOUNT = Param("account", "Name of the account.", NAME, is_required=True)
SINCE = Param("since_ms", "From this moment on; else of the last 24 hours.", MOMENT)
UNTIL = Param("until_ms", "Before this moment; else until now.", MOMENT)


def names(tx: ConfigRowsTx, table: str) -> list[str]:
    """What a filter lets one choose from: the accounts, or the channels."""
    return [row["name"] for row in tx.rows_of(table)]
