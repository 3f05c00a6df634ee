"""What a command prints: data on stdout, everything else on stderr.

Every cell and every line for people is made printable here, and nothing else of ours writes to the terminal. JSON keeps its
exact value.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TextIO

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hongyan.cli.exits import Exit, Stop
from hongyan.formats.columns import write_line
from hongyan.i18n import _, column_head
from hongyan.logs.printable import printable, printable_json
from hongyan.model.columns import ColumnKind, shown_as
from hongyan.services.queries.lists.cells import written

Row = Mapping[str, object]

_PIPED_WIDTH = 200  # columns, without a terminal


class Form(Enum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"  # one object
    JSONL = "jsonl"  # an object a line


def form(as_json: bool, as_jsonl: bool = False) -> Form:
    return Form.JSON if as_json else Form.JSONL if as_jsonl else Form.TABLE


_colour: bool | None = None  # None: if the stream is a terminal


def set_colour(is_wanted: bool | None) -> None:
    global _colour  # noqa: PLW0603  one command line, one choice
    _colour = is_wanted


def _console(stream: TextIO) -> Console:
    return Console(
        file=stream,
        width=None if stream.isatty() else _PIPED_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=_colour or None,
        no_color=_colour is False or None,
    )


def say(text: str, style: str = "", **facts: object) -> None:
    """Print a line in the person's language on stderr; its gaps `{name}` are filled with the facts."""
    say_line(_(text, **facts), style)


def say_line(line: str, style: str = "") -> None:
    """Print a line that is in the person's language already. What was done is done, though nobody takes the line."""
    with suppress(OSError):
        _console(sys.stderr).print(printable(line), style=style, soft_wrap=True)


@contextmanager
def showing_progress() -> Iterator[Callable[[str], None]]:
    """While it lasts, lines in the person's language say how far long work is: on a terminal alone, each in the place of the one before."""
    status = _console(sys.stderr).status("")

    def show(line: str) -> None:
        status.update(Text(printable(line)))
        status.start()

    try:
        yield show
    finally:
        status.stop()


def print_text(text: str) -> None:
    """Print a line of data."""
    print_exact(printable(text))


def print_exact(text: str) -> None:
    """Print lines of ours, or for programs: printable on a terminal, and exact in a pipe."""
    lines = "\n".join(map(printable, text.split("\n"))) if sys.stdout.isatty() else text
    sys.stdout.write(lines + "\n")
    sys.stdout.flush()  # so that a reader of the pipe sees it now


def print_json(value: object) -> None:
    print_exact(printable_json(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()))


def print_one(what: Row, how: Form) -> None:
    """Print one thing: an object, or a table of its facts."""
    if how is not Form.TABLE:
        print_json(dict(what))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in what.items():
        table.add_row(_plain(column_head(name)), _cell(name, value))
    _console(sys.stdout).print(table)


def print_csv(names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a head of names as in JSON, and a line for each row."""
    print_exact("\n".join(map(write_line, [names, *rows])))


def print_rows(name: str, rows: Sequence[Row], how: Form, columns: Sequence[str] = ()) -> None:
    """Print several things: {name: […]}, an object a line, or a table with these columns (all, if none are named)."""
    if how is Form.JSON:
        print_json({name: [dict(row) for row in rows]})
    elif how is Form.JSONL:
        for row in rows:
            print_json(dict(row))
    else:
        _print_table(rows, columns or list(rows[0]) if rows else ())


_LONGEST = 160
"""Characters of a long text in a table of several rows, where an answer of 2 KB would push everything else off the screen."""


def _short(name: str, value: object) -> object:
    is_long = isinstance(value, str) and len(value) > _LONGEST and shown_as(name, value) is ColumnKind.LONG
    return f"{str(value)[: _LONGEST - 1]}…" if is_long else value


def _print_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    if not rows:
        say("none")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        is_number = all(isinstance(row.get(column), int | float) and not isinstance(row.get(column), bool) for row in rows)
        table.add_column(_plain(column_head(column)), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(column, _short(column, row.get(column, ""))) for column in columns))
    _console(sys.stdout).print(table)


def _cell(name: str, value: object) -> Text:
    return _plain(written(name, value))


def _plain(text: str) -> Text:
    return Text(printable(text))


def write_file(file: Path, octets: bytes) -> None:
    """raises: Stop CONFLICT"""
    try:
        file.write_bytes(octets)
    except OSError as error:
        raise Stop(Exit.CONFLICT, "cannot write {file}: {error}", "name another file", file=file, error=error) from error
    say("{file}: written", file=file)
