"""What the accept step does inside its transaction."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.mms import Media
from hongyan.model.rows import TaskSlice
from hongyan.ports.tx.session_parts import SessionSubmitsTx
from hongyan.ports.tx.shared import MediaLockTx, NewMessagesTx, OutletsTx, UsageTx, WalletsTx


class AcceptTx(UsageTx, NewMessagesTx, MediaLockTx, OutletsTx, SessionSubmitsTx, WalletsTx, Protocol):
    def known_references(self, asked: Sequence[tuple[int, int, str, bytes]]) -> dict[int, tuple[bool, str]]:
        """Returns those of the client references that were answered before.

        asked:   for each a place of the caller's, the account's id, the reference, the digest of what was submitted
        returns: by place, whether the same was submitted under it, and the first answer
        """
        ...

    def add_references(self, answered: Iterable[tuple[int, str, bytes, str]], now_ms: int) -> None:
        """Store answers: account, reference, digest, answer. Fails if another process stored one of them meanwhile."""
        ...

    def add_load(self, part: TaskSlice) -> None:
        """Store one slice of a task that is released later."""
        ...

    def add_media(self, task_id: int, media: Sequence[Media], used_ms: int) -> None:
        """Store the parts of a task's MMS, under a lock on the media. A part that several tasks have is stored once."""
        ...
