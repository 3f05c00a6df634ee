"""A table as a workbook for spreadsheets (xlsx). Texts stay texts: nothing in them is taken for a formula."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from xlsxwriter import Workbook

ROWS_MOST = 1_048_575
"""The most rows of one sheet, besides its head."""

_EXACT = 10**15
"""Spreadsheets keep 15 digits of a number; a longer one is written as a text."""


CHARACTERS_MOST = 32_767
"""The most characters of a cell: of a longer text so many are written."""


def write_workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Returns one sheet with a head that stays in sight. Rows beyond ROWS_MOST are left out.

    title: of the sheet, up to 31 characters
    """
    octets = BytesIO()
    book = Workbook(octets, {"in_memory": True})
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True})
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
        sheet.set_column(column, column, max(12, len(head) * 2))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        if number > ROWS_MOST:
            break
        for column, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _EXACT:
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, str(value)[:CHARACTERS_MOST])
    book.close()
    return octets.getvalue()
