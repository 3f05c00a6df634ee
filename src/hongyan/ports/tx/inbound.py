"""What the inbound step does inside its transaction."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.mms import Media
from hongyan.model.rows import NewReply
from hongyan.model.traffic import ReplyPart
from hongyan.ports.tx.shared import MediaLockTx, OweTx


class InboundTx(OweTx, MediaLockTx, Protocol):
    def is_repeat(self, part: ReplyPart, since_ms: int) -> bool:
        """Returns whether this very delivery is among the last from the phone. Only protocols that name deliveries can say."""
        ...

    def add_part(self, part: ReplyPart) -> list[ReplyPart]:
        """Store one part; returns all parts of its text that have come, in order."""
        ...

    def open_set(self, part: ReplyPart) -> tuple[list[ReplyPart], bool]:
        """Lock the parts of the text that this one belongs to, until the end of the transaction.

        returns: the parts that have come, in order, and whether they were handed on already
        """
        ...

    def close_set(self, part: ReplyPart) -> None:
        """Mark a text as handed on. Its parts stay for a while, so that a repeat is recognised."""
        ...

    def drop_parts(self, part: ReplyPart) -> None:
        """Delete the parts of the text that this one belongs to."""
        ...

    def stale_parts(self, now_ms: int, within_ms: int) -> list[ReplyPart]:
        """Returns one part of each text whose rest has not come in time, or that is as far ahead of a clock that was put back."""
        ...

    def last_task(self, phone: int, account_id: int | None, now_ms: int, back_ms: int) -> tuple[int, int] | None:
        """Returns account and task of the newest message to a phone, of one account if given, at most `back_ms` old."""
        ...

    def add_replies(self, replies: Sequence[NewReply]) -> None: ...

    def add_reply_media(self, reply_id: int, media: Sequence[Media], used_ms: int) -> None:
        """Store the parts of an MMS that a handset sent, under a lock on the media."""
        ...
