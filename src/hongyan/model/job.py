"""Long work that people ask for: it runs beside everything else, survives a restart, and can be cancelled."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import orjson

from hongyan.model.account import Actor
from hongyan.model.fields import FLAG, Change, said, text, word, word_of
from hongyan.model.message import MessageState

ROWS_MOST = 1_000_000
"""Rows that one job brings, or that its result has."""

WAITING_MOST = 50
"""Jobs that may wait at once."""

KEPT_MS = 7 * 24 * 3_600_000
"""How long a job and its result are kept after its end."""


class JobKind(StrEnum):
    WORD_IMPORT = "word_import"
    BLACKLIST_IMPORT = "blacklist_import"
    REPLAY = "replay"
    MESSAGE_EXPORT = "message_export"
    WORD_EXPORT = "word_export"
    BLACKLIST_EXPORT = "blacklist_export"


_NAME = text(64)  # or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageExport(Change):
    """What can be said of an export of messages, beside its span."""

    account: str | None = said("Only of this account.", _NAME, usual="")
    channel: str | None = said("Only of this channel.", _NAME, usual="")
    state: MessageState | None = said("Only messages in this state.", word(MessageState))
    full: bool | None = said("Phones in clear; for those who may see them.", FLAG, usual=False)

    def facts(self, since_ms: int, until_ms: int) -> dict[str, Any]:
        """What the job is asked for."""
        state = word_of(self.state) if self.state else ""
        span = {"since_ms": since_ms, "until_ms": until_ms}
        return span | {"account": self.account or "", "channel": self.channel or "", "state": state, "full": bool(self.full)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExport(Change):
    """What can be said of an export of words, or of a black list."""

    account: str | None = said("Those of this account; everybody's where none is said.", _NAME, usual="")

    def facts(self) -> dict[str, Any]:
        """What the job is asked for."""
        return {"account": self.account or ""}


class JobState(IntEnum):
    """Numbers from 10 on are ends."""

    QUEUED = 1
    RUNNING = 2
    DONE = 10
    FAILED = 11
    CANCELLED = 12


class JobRows(IntEnum):
    """Which rows of a job: those that it was given, or those that it made."""

    GIVEN = 0
    RESULT = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its runner has it.

    asked: what was asked for, by name
    done:  rows so far; total: all of them, 0 where that is not known
    place: where to go on, in the words of its kind; "" at the beginning
    result: what came of it so far: counts by name; of one that failed, the sentence and its facts
    """

    id: int
    kind: JobKind
    asked: Mapping[str, Any]
    actor: Actor
    done: int
    total: int
    place: str
    result: Mapping[str, Any]
    pieces: int  # of the result


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice of a job did. next_place: None at the end; rows: of the result, packed."""

    count: int
    next_place: str | None
    result: Mapping[str, int]
    rows: bytes | None = None


def packed(rows: Sequence[Sequence[Any]]) -> bytes:
    """A piece of rows as it is stored. It is made before a transaction begins, since others wait for that."""
    return zlib.compress(orjson.dumps(rows), _LEVEL)


def unpacked(octets: bytes) -> list[list[Any]]:
    rows: list[list[Any]] = orjson.loads(zlib.decompress(octets))
    return rows


_LEVEL = 1  # the quickest; rows repeat much
