"""Reads a list that a person brings, from a file or stdin, in slices, with counts of rows by outcome."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import argument, option
from hongyan.cli.out import Form, print_one, say
from hongyan.formats.columns import OCTETS_MOST, BadTable, Line, read_lines
from hongyan.formats.workbook_reader import text_of
from hongyan.i18n import _
from hongyan.model.errors import Invalid
from hongyan.services.admin.rules import SLICE

File = Annotated[Path, argument("CSV or one entry a line, UTF-8 or GB18030, or a workbook (xlsx); - reads stdin.")]
DryRun = Annotated[bool, option("Say what would become of each row, and change nothing.", "--dry-run")]

WRONG_SHOWN = 100

Item = TypeVar("Item")


@dataclass(slots=True)
class Outcome:
    """The outcome of the rows of an import."""

    rows: int = 0
    repeated: int = 0  # of an earlier row
    wrong: list[tuple[int, Invalid]] = field(default_factory=list)  # line and reason, the first WRONG_SHOWN
    wrong_count: int = 0

    def note_wrong(self, line: Line, why: Invalid) -> None:
        self.wrong_count += 1
        if len(self.wrong) < WRONG_SHOWN:
            self.wrong.append((line.number, why))


def lines_of(file: Path) -> Iterator[Line]:
    """raises: Stop USAGE if it cannot be read as a table"""
    try:
        octets = sys.stdin.buffer.read(OCTETS_MOST + 1) if str(file) == "-" else _read(file)
        yield from read_lines(text_of(octets))
    except (OSError, BadTable) as error:
        raise Stop(Exit.USAGE, "cannot read {file}: {error}", "give a CSV or text file", file=file, error=error) from error


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(OCTETS_MOST + 1)


def in_slices(items: Sequence[Item], take: Callable[[Sequence[Item]], int]) -> int:
    """Pass items in slices, each a transaction of its own; returns the sum of what was taken."""
    taken = 0
    for begin in range(0, len(items), SLICE):
        taken += take(items[begin : begin + SLICE])
        if len(items) > SLICE:
            say("{done} of {all}", done=min(begin + SLICE, len(items)), all=len(items))
    return taken


def say_wrong(outcome: Outcome) -> None:
    for line, why in outcome.wrong:
        say("line {line}: {why}", style="yellow", line=line, why=_(why.sentence, **why.facts))


def print_outcome(outcome: Outcome, facts: dict[str, object], how: Form) -> None:
    """Print the counts, and the rows that are wrong. raises: Stop FOUND if there are any"""
    row = {"rows": outcome.rows, **facts, "repeated": outcome.repeated, "wrong": outcome.wrong_count}
    if how is Form.TABLE:
        say_wrong(outcome)
        print_one(row, how)
    else:
        print_one(row | {"wrong_rows": [{"line": line, "why": str(why)} for line, why in outcome.wrong]}, how)
    stop_if_wrong(outcome.wrong_count)


def stop_if_wrong(count: int) -> None:
    """raises: Stop FOUND if rows are wrong"""
    if count:
        raise Stop(Exit.FOUND, "{count:row is|rows are} wrong and left out", "mend the file and import it again", count=count)
