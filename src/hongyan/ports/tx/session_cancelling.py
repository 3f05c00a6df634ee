"""What the steps about cancellations over sessions do inside their transactions."""

from typing import Protocol

from hongyan.ports.tx.stopping import StoppingTx


class SessionCancellingTx(StoppingTx, Protocol):
    def queued_by_addresses(
        self, account_id: int, source: str, phone: int, service: str, span_ms: tuple[int, int]
    ) -> list[tuple[int, int]]:
        """Up to 100 queued messages of a span, by their submit's source address and service ("": any): (message, task)."""
        ...

    def waiting_by_source(self, account_id: int, source: str, service: str, after: int, most: int) -> list[tuple[int, int]]:
        """Scheduled texts to one number each of which nothing is released yet, behind a task, in order: (task, phone)."""
        ...
