"""Answers that spreadsheets open."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

from hongyan.formats.workbook import write_workbook

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
CSV = "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """With a mark that spreadsheets know UTF-8 by; no cell of text begins like a formula."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(heads)
    table.writerows([_cell(value) for value in row] for row in rows)
    return _download(name, CSV, written.getvalue().encode("utf-8-sig"))


def as_workbook(name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    return _download(name, WORKBOOK, write_workbook(title, heads, rows))


def _download(name: str, kind: str, octets: bytes) -> Response:
    return Response(octets, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
