"""What cancellations over sessions do inside their transactions."""

from typing import Protocol

from hongyan.ports.tx.stopping import StoppingTx


class SessionCancellingTx(StoppingTx, Protocol):
    def queued_by_addresses(
        self, account_id: int, source: str, phone: int, service: str, span_ms: tuple[int, int]
    ) -> list[tuple[int, int]]:
        """Returns up to 100 queued messages of a span by source address and service of their submit ("": any): (message, task)."""
        ...

    def waiting_by_source(self, account_id: int, source: str, service: str, after: int, most: int) -> list[tuple[int, int]]:
        """Returns scheduled texts to one number each of which nothing is released yet, behind a task, in order: (task, phone)."""
        ...
