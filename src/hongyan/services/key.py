"""The store knows its sealing key by a fingerprint, so a command with another key is refused before it seals anything."""

from hongyan.ports.tx.key import KeyTx
from hongyan.services.admin.sealing import KeyWrong, Sealer

KEY = "key"
"""The name of the fact that holds the fingerprint."""


def hold_key(tx: KeyTx, sealer: Sealer) -> None:
    """Compare the key with the fingerprint. A store without one stores that of this key, if it opens the oldest secret. raises:
    KeyWrong
    """
    if tx.read_fact(KEY) is None:
        _open_oldest(tx, sealer)
        tx.keep_fact(KEY, sealer.fingerprint)
    if tx.read_fact(KEY) != sealer.fingerprint:
        raise KeyWrong("this is not the sealing key of the store")


def _open_oldest(tx: KeyTx, sealer: Sealer) -> None:
    for table in ("account", "channel"):
        for row in tx.rows_of(table)[:1]:
            sealer.open(bytes(row["secret"]), f"{table}:{row['id']}")
