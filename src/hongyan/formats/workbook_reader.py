"""Workbooks (xlsx) that people bring: the first sheet as the text of a CSV. Formulas are read as the values that stand beside them.

source: ECMA-376, part 1, 18.3.1.4 (cell), 18.3.1.73 (row), 18.4.8 (shared strings)
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from hongyan.formats.columns import ROWS_MOST, BadTable, decode, write_line
from hongyan.xml import BadXml, Element, local_name, parse

INFLATED_MOST = 64 * 1024 * 1024
"""The most octets of one part of a workbook, inflated."""

TAGS_MOST = 2_000_000
"""The most tags of one part: 100,000 rows of four columns have that many. As a tree they take some 250 MiB."""

COLUMNS_MOST = 256

_ENTRY = b"PK\x03\x04"
_TYPE, _REFERENCE, _RELATION = "t", "r", "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LETTERS = re.compile("[A-Z]{1,3}")


def text_of(octets: bytes) -> str:
    """Returns the text of a file that people bring, a CSV or a workbook. raises: BadTable"""
    if not octets.startswith(_ENTRY):
        return decode(octets)
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as parts:
            shared = [_text(one) for one in _children(_part(parts, "xl/sharedStrings.xml"), "si")]
            return "\n".join(map(write_line, _rows(_part(parts, _first_sheet(parts)), shared)))
    except (
        zipfile.BadZipFile,
        BadXml,
        LookupError,
        ValueError,
        StopIteration,
        RuntimeError,
        zlib.error,
    ) as error:
        raise BadTable(f"it is no workbook (xlsx) that can be read: {error}") from error


def _first_sheet(parts: zipfile.ZipFile) -> str:
    """Returns the name of the part that holds the first sheet. raises: KeyError, IndexError"""
    sheets = next(one for one in _part(parts, "xl/workbook.xml") if local_name(one) == "sheets")
    wanted = sheets[0].get(_RELATION)
    targets = {one.get("Id"): one.get("Target") or "" for one in _part(parts, "xl/_rels/workbook.xml.rels")}
    target = targets[wanted]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _part(parts: zipfile.ZipFile, name: str) -> Element:
    """raises: BadTable, BadXml, KeyError"""
    if name.endswith("sharedStrings.xml") and name not in parts.namelist():
        return parse(b"<sst/>")  # of a workbook without texts, or with texts in its cells
    with parts.open(name) as part:
        octets = part.read(INFLATED_MOST + 1)
    if len(octets) > INFLATED_MOST:
        raise BadTable(f"it has more than {INFLATED_MOST} octets inflated")
    if octets.count(b"<") > TAGS_MOST:
        raise BadTable(f"it has more than {TAGS_MOST} tags; give a CSV")
    return parse(octets)


def _rows(sheet: Element, shared: list[str]) -> Iterator[list[str]]:
    """raises: BadTable"""
    for data in _children(sheet, "sheetData"):
        for count, row in enumerate(_children(data, "row"), 1):
            if count > ROWS_MOST:
                raise BadTable(f"it has more than {ROWS_MOST} rows")
            yield _cells(row, shared)


def _cells(row: Element, shared: list[str]) -> list[str]:
    """Returns the cells of a row; empty ones are left out of a workbook."""
    cells: list[str] = []
    for cell in _children(row, "c"):
        column = _column(cell.get(_REFERENCE)) if cell.get(_REFERENCE) else len(cells)
        if not len(cells) <= column < COLUMNS_MOST:
            raise BadTable(f"it has more than {COLUMNS_MOST} columns")
        cells += [""] * (column - len(cells)) + [_value(cell, shared)]
    return cells


def _column(reference: str | None) -> int:
    """Returns the number of a column, from 0, of a cell such as AB12."""
    found = _LETTERS.match(reference or "")
    number = 0
    for letter in found[0] if found else "A":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Element, shared: list[str]) -> str:
    kind = cell.get(_TYPE) or "n"
    if kind == "inlineStr":
        return "".join(map(_text, _children(cell, "is")))
    value = "".join(one.text or "" for one in _children(cell, "v"))
    if kind == "s":
        return shared[int(value)]
    if kind == "b":
        return "yes" if value == "1" else "no"
    return value if kind in {"str", "e"} else _number(value)


def _number(value: str) -> str:
    """Returns a number as a person sees it: 1.38E10 is 13800000000."""
    if "E" not in value.upper():
        return value
    number = float(value)
    return str(int(number)) if number.is_integer() else value


def _text(element: Element) -> str:
    """Returns a text, without how it is pronounced."""
    runs = [element, *_children(element, "r")]
    return "".join(one.text or "" for run in runs for one in _children(run, "t"))


def _children(element: Element, name: str) -> list[Element]:
    return [one for one in element if local_name(one) == name]
