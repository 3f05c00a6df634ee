"""Tables that people bring as text: CSV from a spreadsheet, or one entry a line.

The text is decoded by its byte order mark, else as UTF-8, else as GB18030, which spreadsheets in China write. Columns are
separated by tabs if the first line has any, else by commas, else by semicolons if all lines have the same number of them: so
spreadsheets write where the comma is that of numbers, and some say it in a line `sep=;` before all others. Quotes are those of CSV. A
text that a spreadsheet would take for a formula is written behind an apostrophe, and read without it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from hongyan.formats.encoding import read_text

OCTETS_MOST = 30 * 1024 * 1024
ROWS_MOST = 500_000

_SEPARATOR_LINE = re.compile('"?sep=([,;\t])"?\n', re.IGNORECASE)
_TRIED = 50
"""Lines that tell whether semicolons separate."""

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the wide signs too: some spreadsheets read them alike


class BadTable(Exception):
    """The text cannot be read as a table; the message says why."""


class Line(NamedTuple):
    number: int  # from 1, as an editor counts
    cells: list[str]  # without blanks round them


def decode(octets: bytes) -> str:
    """Returns the text of a file. raises: BadTable"""
    if len(octets) > OCTETS_MOST:
        raise BadTable(f"it has {len(octets)} octets; the limit is {OCTETS_MOST}")
    if octets.startswith(_OLD_WORKBOOK):
        raise BadTable("it is a workbook of the old kind (xls); save it as xlsx or CSV")
    text = "\0"
    with suppress(UnicodeDecodeError):
        text = read_text(octets)
    if "\0" in text:
        raise BadTable("it is neither UTF-8 nor GB18030 text; save it as CSV")
    return text


def read_lines(text: str) -> Iterator[Line]:
    """Yields the lines that are not empty. raises: BadTable if there are too many"""
    reader, skipped = _reader(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    rows = 0
    try:
        for row in reader:
            cells = [_as_meant(cell.strip()) for cell in row]
            if not any(cells):
                continue
            rows += 1
            if rows > ROWS_MOST:
                raise BadTable(f"it has more than {ROWS_MOST} rows")
            yield Line(reader.line_num + skipped, cells)
    except csv.Error as error:
        raise BadTable(f"line {reader.line_num + skipped}: {error}") from error


def _reader(text: str) -> tuple[Any, int]:
    """Returns the reader of a text, and how many lines stand before what it reads."""
    text = text if "\n" in text else text.replace("\r", "\n")  # of old Macintoshes
    named = _SEPARATOR_LINE.match(text)
    rest = text[named.end() :] if named else text
    return csv.reader(io.StringIO(rest, newline=""), delimiter=named[1] if named else _delimiter(text)), 1 if named else 0


def _delimiter(text: str) -> str:
    first, *others = [line for line in text.split("\n", _TRIED)[:_TRIED] if line.strip()] or [""]
    if "\t" in first:
        return "\t"
    counts = {line.count(";") for line in others}
    return ";" if "," not in first and others and counts == {first.count(";")} != {0} else ","


def whole_number(cell: str) -> str:
    """Returns a cell as it was before a spreadsheet took it for a number: 13800138000.0 is 13800138000."""
    return cell.removesuffix(".0") if cell.endswith(".0") and cell[:-2].isdecimal() else cell


def _as_meant(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_line(cells: Iterable[object]) -> str:
    """Returns a line of CSV; None is an empty cell. A text that a spreadsheet would take for a formula is defused, a number is
    not.
    """
    return ",".join(map(_cell, cells))


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    if isinstance(value, str) and _FORMULA.match(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
