"""A workbook holds texts as texts and numbers as numbers, and is read as the CSV that it stands for."""

import zipfile
from io import BytesIO

import pytest

from hongyan.formats import workbook_reader
from hongyan.formats.columns import BadTable, read_lines
from hongyan.formats.workbook import write_workbook
from hongyan.formats.workbook_reader import text_of


def test_formulas_links_and_long_numbers_are_texts():
    octets = write_workbook("t", ["账号", "n"], [["=1+1", 7], ["http://x.example", 2611210000000001], [None, True]])

    with zipfile.ZipFile(BytesIO(octets)) as book:
        sheet, texts = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "sharedStrings"))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>7</v>" in sheet
    assert all(f">{text}<" in texts for text in ("=1+1", "http://x.example", "2611210000000001", "True", "账号"))


def test_a_workbook_reads_back_as_the_csv_that_it_stands_for():
    rows = [["=1+1", 7, "two\nlines"], ["-", 13800138000, 'a "b", c'], ["", 2611210000000001, "【鸿雁】"]]
    octets = write_workbook("t", ["账号", "n", "text"], rows)

    read = [line.cells for line in read_lines(text_of(octets))]

    assert read == [["账号", "n", "text"], *([str(cell) for cell in row] for row in rows)]


def test_a_csv_is_read_as_text():
    assert text_of("a,b\n1,2".encode("gb18030")) == "a,b\n1,2"


def workbook(sheet, **others):
    parts = {
        "xl/workbook.xml": '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="s" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Target="worksheets/other.xml"/></Relationships>',
        "xl/worksheets/other.xml": f"<worksheet><sheetData>{sheet}</sheetData></worksheet>",
    } | others
    octets = BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return octets.getvalue()


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c r="C1"><v>1.3800138E10</v></c>', ",,13800138000"),
        ('<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="b"><v>1</v></c>', "2,yes"),
        ('<c t="str"><v>x</v></c><c><v>1.5</v></c>', "x,1.5"),
        ('<c r="A1"/>', ""),
    ],
)
def test_cells_of_every_kind_are_read(cells, read):
    assert text_of(workbook(f"<row>{cells}</row>")) == read


@pytest.mark.parametrize(
    "octets",
    [
        b"PK\x03\x04 no archive",
        workbook("<row>"),
        workbook('<row><c t="s"><v>3</v></c></row>'),
        workbook('<row><c r="ZZZ1"><v>3</v></c></row>'),
        workbook('<row><c r="B1"><v>3</v></c><c r="A1"><v>3</v></c></row>'),
        workbook("", **{"xl/workbook.xml": "<workbook/>"}),
        workbook("", **{"xl/_rels/workbook.xml.rels": "<Relationships/>"}),
        workbook(" " * (workbook_reader.INFLATED_MOST + 1)),
        workbook("<row/>" * workbook_reader.TAGS_MOST),
    ],
    ids=["archive", "xml", "texts", "columns", "order", "sheets", "relations", "bomb", "tags"],
)
def test_what_is_no_workbook_says_so(octets):
    with pytest.raises(BadTable):
        text_of(octets)


def test_what_lies_far_apart_takes_no_room():
    octets = workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="IV1048576"><v>2</v></c></row>')

    assert text_of(octets).split("\n") == ["1", "," * 255 + "2"]
