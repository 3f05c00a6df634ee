"""Long work that people start: it runs beside everything else, survives a restart, and can be cancelled."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any

import orjson

from hongyan.model.act import Actor
from hongyan.model.fields import Change, described
from hongyan.model.kinds import FLAG, text, word, word_of
from hongyan.model.message import MessageState

ROWS_MOST = 1_000_000
"""The most rows of one job's input, or of its result."""

WAITING_MOST = 50
"""The most jobs that wait at the same time."""

KEPT_MS = 7 * 24 * 3_600_000
"""How long a job and its result are kept after it ended."""


class JobKind(StrEnum):
    FILE_COMPARISON = "file_comparison"  # what a file would do to a table
    FILE_IMPORT = "file_import"  # what such a comparison found is done
    WORD_IMPORT = "word_import"
    BLACKLIST_IMPORT = "blacklist_import"
    REPLAY = "replay"
    MESSAGE_EXPORT = "message_export"
    WORD_EXPORT = "word_export"
    BLACKLIST_EXPORT = "blacklist_export"


_NAME = text(64)  # empty: of all


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageExport(Change):
    """The fields of an export of messages, besides its span."""

    account: str | None = described("Only of this account.", _NAME, usual="")
    channel: str | None = described("Only of this channel.", _NAME, usual="")
    state: MessageState | None = described("Only messages in this state.", word(MessageState))
    full: bool | None = described("Phones in clear; for those who may see them.", FLAG, usual=False)

    def facts(self, since_ms: int, until_ms: int) -> dict[str, Any]:
        """Returns the facts that the job stores."""
        state = word_of(self.state) if self.state else ""
        span = {"since_ms": since_ms, "until_ms": until_ms}
        return span | {"account": self.account or "", "channel": self.channel or "", "state": state, "full": bool(self.full)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExport(Change):
    """The fields of an export of words, or of a black list."""

    account: str | None = described("Those of this account; everybody's where none is said.", _NAME, usual="")

    def facts(self) -> dict[str, Any]:
        """Returns the facts that the job stores."""
        return {"account": self.account or ""}


class JobState(IntEnum):
    """States of a job; a number from 10 on is final."""

    QUEUED = 1
    RUNNING = 2
    DONE = 10
    FAILED = 11
    CANCELLED = 12


class JobRows(IntEnum):
    """Which rows of a job: its input, or its result."""

    GIVEN = 0
    RESULT = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its runner sees it.

    asked:  the parameters, by name
    done:   rows that are done; total: all rows, 0 if not known
    place:  where to go on, in a form of the job's kind; "" at the beginning
    result: counts by name so far; if it failed, the sentence and its facts
    """

    id: int
    kind: JobKind
    asked: Mapping[str, Any]
    actor: Actor
    done: int
    total: int
    place: str
    result: Mapping[str, Any]
    pieces: int  # rows of the result


@dataclass(frozen=True, slots=True)
class Slice:
    """The outcome of one slice of a job. next_place: None at the end; pieces: rows of the result, each packed."""

    count: int
    next_place: str | None
    result: Mapping[str, int]
    pieces: Sequence[bytes] = ()

    def joined(self, later: "Slice") -> "Slice":
        """Returns what was read of a job, and what was read next, as one slice."""
        return replace(later, count=self.count + later.count, pieces=(*self.pieces, *later.pieces))


def packed(rows: Sequence[Sequence[Any]]) -> bytes:
    """Pack some rows for storing. This is done before a transaction begins, since others wait for the transaction."""
    return zlib.compress(orjson.dumps(rows), _LEVEL)


def unpacked(octets: bytes) -> list[list[Any]]:
    rows: list[list[Any]] = orjson.loads(zlib.decompress(octets))
    return rows


_LEVEL = 1  # the fastest level; rows repeat much
