"""Answers that spreadsheets open."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

from hongyan.formats.columns import write_line
from hongyan.formats.workbook import write_workbook

CSV = "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Returns CSV with a byte-order mark, by which spreadsheets recognise UTF-8."""
    written = "".join(f"{write_line(row)}\r\n" for row in (heads, *rows))
    return _download(name, CSV, written.encode("utf-8-sig"))


def as_workbook(name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    return _download(name, WORKBOOK, write_workbook(title, heads, rows))


def _download(name: str, kind: str, octets: bytes) -> Response:
    return Response(octets, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
