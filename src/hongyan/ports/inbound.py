"""What the inbound step may do inside its transaction; part of `ports.tx.Tx`."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.rows import NewReply
from hongyan.model.traffic import ReplyPart


class InboundTx(Protocol):
    def is_repeat(self, part: ReplyPart, since_ms: int) -> bool:
        """Whether this very delivery is among the last that the phone sent; only protocols that name deliveries can tell."""
        ...

    def add_part(self, part: ReplyPart) -> list[ReplyPart]:
        """Keep one part; give all that are there, in order."""
        ...

    def open_set(self, part: ReplyPart) -> tuple[list[ReplyPart], bool]:
        """The parts that are there of the text that one belongs to, in order, and whether they were handed on already.

        Until the end of the transaction nobody else adds to them.
        """
        ...

    def close_set(self, part: ReplyPart) -> None:
        """The text was handed on; its parts stay a while, so that a repeat is known."""
        ...

    def drop_parts(self, part: ReplyPart) -> None: ...

    def stale_parts(self, before_ms: int) -> list[ReplyPart]:
        """One stand-in for each set of parts that has waited too long for its rest."""
        ...

    def last_task(self, phone: int, account_id: int | None, now_ms: int, back_ms: int) -> tuple[int, int] | None:
        """Account and task of the newest message to a phone, of one account if given, looking back so far."""
        ...

    def add_replies(self, replies: Sequence[NewReply]) -> None: ...
