"""Workbooks (xlsx) that people bring: the first sheet that is shown, as the text of a CSV. Formulas are read as the values that stand
beside them, and numbers as dates where they are shown so.

source: ECMA-376, part 1, 18.2.19 (sheet), 18.3.1.4 (cell), 18.3.1.73 (row), 18.4.8 (shared strings), 18.8.30 (formats of numbers)
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hongyan.formats.columns import ROWS_MOST, BadTable, decode, write_line
from hongyan.xml import BadXml, Element, local_name, parse

INFLATED_MOST = 64 * 1024 * 1024
"""The most octets of one part of a workbook, inflated."""

TAGS_MOST = 2_000_000
"""The most tags of one part: 100,000 rows of four columns have that many. As a tree they take some 250 MiB."""

COLUMNS_MOST = 256

GAP_MOST = 1_000
"""The most empty rows that are kept between two others, so that lines have the numbers of rows."""

_ENTRY = b"PK\x03\x04"
_NO_TABLES = {"chartsheet", "dialogsheet", "xlMacrosheet"}
_TYPE, _REFERENCE, _STYLE = "t", "r", "s"
_LETTERS = re.compile("[A-Z]{1,3}")
_ESCAPED = re.compile("_x(00[01][0-9A-F]|005F|FFF[EF])_", re.IGNORECASE)

_SEEN = {"0009": "\t", "000A": "\n", "000D": "\r", "005F": "_"}

_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""Formats of dates and times that have no code in the workbook, those of Chinese among them."""

_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]|[_*].')  # in the code of a format
_DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
_FROM_1904 = 1462
"""Days between the two beginnings from which workbooks count."""

_LAST_DAY = 2_958_465  # of the year 9999


@dataclass(frozen=True, slots=True)
class _Shared:
    """What cells refer to: shared texts, which styles are those of dates, and how many days before theirs the count begins."""

    texts: list[str]
    dates: frozenset[int]
    days_before: int


def text_of(octets: bytes) -> str:
    """Returns the text of a file that people bring, a CSV or a workbook. raises: BadTable"""
    if not octets.startswith(_ENTRY):
        return decode(octets)
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as parts:
            return "\n".join(map(write_line, _sheet(parts)))
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


def _sheet(parts: zipfile.ZipFile) -> Iterator[list[str]]:
    """raises: BadTable, BadXml, KeyError, StopIteration"""
    book = _part(parts, "xl/workbook.xml")
    kinds = _relations(parts)
    sheets = [(one.get("state"), *kinds[_relation(one)]) for every in _children(book, "sheets") for one in every]
    sheet = next(part for state, kind, part in sheets if kind not in _NO_TABLES and state in {None, "visible"})
    named = {kind: part for kind, part in kinds.values() if kind in {"sharedStrings", "styles"}}
    texts = [_text(one) for one in _children(_part(parts, named["sharedStrings"]), "si")] if "sharedStrings" in named else []
    dates = _date_styles(_part(parts, named["styles"])) if "styles" in named else frozenset()
    is_1904 = any(one.get("date1904") in {"1", "true"} for one in _children(book, "workbookPr"))
    return _rows(_part(parts, sheet), _Shared(texts, dates, _FROM_1904 if is_1904 else 0))


def _relations(parts: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """Returns the parts of the workbook by what it calls them, with their kinds."""
    found = {}
    for one in _part(parts, "xl/_rels/workbook.xml.rels"):
        target = one.get("Target") or ""
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        found[one.get("Id") or ""] = ((one.get("Type") or "").rpartition("/")[2], part)
    return found


def _relation(sheet: Element) -> str:
    """Returns what a sheet calls its part; the namespace has two names."""
    return next(str(value) for name, value in sheet.items() if str(name).endswith("}id"))


def _date_styles(styles: Element) -> frozenset[int]:
    """Returns the numbers of the styles in which numbers are shown as dates."""
    codes = {one.get("numFmtId"): one.get("formatCode") or "" for every in _children(styles, "numFmts") for one in every}
    wanted = {number for number, code in codes.items() if re.search("[ymdhs]", _LITERAL.sub("", code), re.IGNORECASE)}
    wanted |= {str(number) for number in _DATES if str(number) not in codes}
    every = [one for cells in _children(styles, "cellXfs") for one in cells]
    return frozenset(number for number, style in enumerate(every) if style.get("numFmtId") in wanted)


def _part(parts: zipfile.ZipFile, name: str) -> Element:
    """raises: BadTable, BadXml, KeyError"""
    with parts.open(name) as part:
        octets = part.read(INFLATED_MOST + 1)
    if len(octets) > INFLATED_MOST:
        raise BadTable(f"it has more than {INFLATED_MOST} octets inflated")
    if octets.count(b"<") > TAGS_MOST:
        raise BadTable(f"it has more than {TAGS_MOST} tags; give a CSV")
    return parse(octets)


def _rows(sheet: Element, shared: _Shared) -> Iterator[list[str]]:
    """raises: BadTable"""
    gaps, last = GAP_MOST, 0
    rows = (row for data in _children(sheet, "sheetData") for row in _children(data, "row"))
    for count, row in enumerate(rows, 1):
        if count > ROWS_MOST:
            raise BadTable(f"it has more than {ROWS_MOST} rows")
        number = int(row.get(_REFERENCE) or last + 1)
        missing = min(max(number - last - 1, 0), gaps)
        yield from ([] for _ in range(missing))
        yield _cells(row, shared)
        gaps, last = gaps - missing, number


def _cells(row: Element, shared: _Shared) -> list[str]:
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


def _value(cell: Element, shared: _Shared) -> str:
    kind = cell.get(_TYPE) or "n"
    if kind == "inlineStr":
        return "".join(map(_text, _children(cell, "is")))
    value = "".join(one.text or "" for one in _children(cell, "v"))
    if kind == "s":
        return shared.texts[int(value)]
    if kind == "b":
        return "yes" if value == "1" else "no"
    if kind != "n":
        return _unescaped(value) if kind == "str" else value
    is_date = bool(shared.dates) and int(cell.get(_STYLE) or 0) in shared.dates
    return _date(value, shared.days_before) if is_date and value else _number(value)


def _number(value: str) -> str:
    """Returns a number as a person sees it: 1.38E10 is 13800000000."""
    if "E" not in value.upper():
        return value
    number = float(value)
    return str(int(number)) if number.is_integer() else value


def _date(value: str, days_before: int) -> str:
    """Returns a count of days as the date that is shown, with the time if it has one, or as the time alone."""
    days = float(value) + days_before
    if not 0 <= days <= _LAST_DAY:
        return _number(value)
    moment = _DAY_ZERO + timedelta(seconds=round(days * 86_400))
    if days < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if days.is_integer() else f"{moment:%Y-%m-%d %H:%M:%S}"


def _text(element: Element) -> str:
    """Returns a text, without how it is pronounced."""
    runs = [element, *_children(element, "r")]
    return _unescaped("".join(one.text or "" for run in runs for one in _children(run, "t")))


def _unescaped(text: str) -> str:
    """Returns a text with the characters for which workbooks write their numbers, such as _x000D_; those that are nothing to see are
    left out (22.9.2.19).
    """
    return _ESCAPED.sub(lambda found: _SEEN.get(found[1].upper(), ""), text) if "_x" in text else text


def _children(element: Element, name: str) -> list[Element]:
    return [one for one in element if local_name(one) == name]
