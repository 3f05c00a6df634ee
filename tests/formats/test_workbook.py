"""A workbook holds texts as texts and numbers as numbers."""

import zipfile
from io import BytesIO

from hongyan.formats.workbook import write_workbook


def test_formulas_links_and_long_numbers_are_texts():
    octets = write_workbook("t", ["账号", "n"], [["=1+1", 7], ["http://x.example", 2611210000000001], [None, True]])

    with zipfile.ZipFile(BytesIO(octets)) as book:
        sheet, texts = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "sharedStrings"))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>7</v>" in sheet
    assert all(f">{text}<" in texts for text in ("=1+1", "http://x.example", "2611210000000001", "True", "账号"))
