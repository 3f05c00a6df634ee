"""What changes of configuration do inside their transactions."""

from typing import Any, Protocol

from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx, ConfigVersionTx, CountersTx, ReadWalletTx


class ConfigTx(CountersTx, ConfigRowsTx, ConfigVersionTx, AuditTx, ReadWalletTx, Protocol):
    def add_row(self, table: str, **values: Any) -> None: ...

    def change_row(self, table: str, key: int | str, **values: Any) -> None: ...

    def drop_row(self, table: str, key: int | str) -> None: ...

    def add_wallet(self, account_id: int, product: int) -> None: ...
