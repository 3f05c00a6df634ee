"""Facts as lists show them: a name, which is that of JSON and of the catalogue, what type JSON has, and how people read it.

A fact is read alike wherever it is shown, by its name: `made_ms` is a moment on every page and in every command.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Facts = dict[str, Any]
"""The facts of one thing, by their names in JSON."""

MOMENTS = frozenset({
    "at_ms", "made_ms", "since_ms", "oldest_ms", "first_ms", "last_ms", "done_ms", "old_secret_ends_ms", "accepted_ms", "send_at_ms",
    "received_ms", "decided_ms", "expires_ms", "seen_ms", "end_ms", "used_ms", "ends_ms", "began_ms", "ended_ms", "changed_ms",
    "silenced_until_ms", "held_until_ms", "opened_ms", "closed_ms", "valid_until_ms", "until_ms",
})  # fmt: skip
"""Facts that are moments, milliseconds since 1970; other names that end so are lengths of time."""

_STATES = frozenset({"state", "link", "outcome", "result"})
_IDS = frozenset({
    "id", "code", "carrier_id", "phone", "task_id", "first_id", "last_id", "number", "userid", "customer_id", "udh", "port", "access",
})  # fmt: skip
_LONG = frozenset({
    "text", "content", "word", "trouble", "note", "english", "chinese", "meaning", "answer", "url", "push_url", "why", "before", "after",
})  # fmt: skip


class ColumnKind(Enum):
    """How people read a fact."""

    MOMENT = auto()
    LENGTH = auto()  # of time, in milliseconds
    FLAG = auto()
    STATE = auto()
    ID = auto()
    PROGRESS = auto()  # a share in percent
    LONG = auto()  # a text that may need several lines
    NUMBER = auto()
    TEXT = auto()


def shown_as(name: str, value: object) -> ColumnKind:
    if name in MOMENTS:
        return ColumnKind.MOMENT
    if name.endswith("_ms"):
        return ColumnKind.LENGTH
    if isinstance(value, bool):
        return ColumnKind.FLAG
    if name == "progress":
        return ColumnKind.PROGRESS
    for names, shown in ((_STATES, ColumnKind.STATE), (_IDS, ColumnKind.ID), (_LONG, ColumnKind.LONG)):
        if name in names:
            return shown
    return ColumnKind.NUMBER if isinstance(value, int | float) else ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of the rows of a list.

    type: of JSON: int, bool, text, number, texts, map, list or any; phone and private are texts for those who may see phones:
          for others a phone is masked and a private text is left out
    """

    name: str
    type: str = "text"
    may_be_none: bool = False

    @property
    def is_private(self) -> bool:
        return self.type in {"phone", "private"}


def columns_of(line: str) -> tuple[Column, ...]:
    """Columns from a line: `id:int account phone:phone note?`; one that ends in ? may be nothing.

    Where no type is said, moments and lengths (…_ms) are integers, claims (is_…, has_…) true or false, and others texts.
    """
    return tuple(map(_column, line.split()))


def _column(word: str) -> Column:
    name, _colon, type_ = word.rstrip("?").partition(":")
    usual = "int" if name.endswith("_ms") else "bool" if name.startswith(("is_", "has_")) else "text"
    return Column(name, type_ or usual, word.endswith("?"))
