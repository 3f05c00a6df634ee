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


def test_what_lies_far_apart_takes_little_room():
    octets = workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="IV1048576"><v>2</v></c></row>')

    assert text_of(octets).split("\n") == ["1", *[""] * workbook_reader.GAP_MOST, "," * 255 + "2"]


def test_lines_have_the_numbers_of_rows_though_empty_ones_are_left_out():
    octets = workbook(
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="5"><c r="A5"><v>2</v></c></row><row><c><v>3</v></c></row>'
    )

    assert [(line.number, line.cells) for line in read_lines(text_of(octets))] == [(2, ["1"]), (5, ["2"]), (6, ["3"])]


STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
SHEETS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def three_sheets(states, namespace=SHEETS, kinds=("worksheet",) * 3):
    """A workbook of three sheets that say 1, 2 and 3."""
    sheets = "".join(
        f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}" ' + (f'state="{state}"/>' if state else "/>")
        for n, state in enumerate(states, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{namespace}/{kind}" Target="/xl/worksheets/sheet{n}.xml"/>'
        for n, kind in enumerate(kinds, 1)
    )
    parts = {
        f"xl/worksheets/sheet{n}.xml": '<x:worksheet xmlns:x="y"><x:sheetData><x:row>'
        f"<x:c><x:v>{n}</x:v></x:c></x:row></x:sheetData></x:worksheet>"
        for n in (1, 2, 3)
    }
    return workbook(
        "",
        **{
            "xl/workbook.xml": f'<workbook xmlns:r="{namespace}"><bookViews/><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
            **parts,
        },
    )


@pytest.mark.parametrize("namespace", [SHEETS, STRICT])
def test_the_first_sheet_that_is_shown_is_read(namespace):
    assert text_of(three_sheets(["", "", ""], namespace)) == "1"
    assert text_of(three_sheets(["hidden", "veryHidden", "visible"], namespace)) == "3"
    assert text_of(three_sheets(["", "", ""], namespace, ("chartsheet", "worksheet", "worksheet"))) == "2"
    with pytest.raises(BadTable):
        text_of(three_sheets(["hidden"] * 3, namespace))


STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="177" formatCode="[Red]#,##0.00&quot;yds&quot;_)"/><numFmt numFmtId="178" formatCode="General"/>'
    '<numFmt numFmtId="179" formatCode="'
    + "["
    * 1_000_000
    + '"/></numFmts>'  # an hour for a reader that looks for the end of each
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="176"/><xf numFmtId="177"/>'
    '<xf numFmtId="178"/><xf numFmtId="31"/></cellXfs></styleSheet>'
)


@pytest.mark.parametrize(
    ("style", "value", "read"),
    [
        (0, "46387", "46387"),
        (1, "46387", "2026-12-31"),
        (2, "46387.75", "2026-12-31 18:00:00"),
        (3, "46387", "2026-12-31"),
        (4, "46387", "46387"),
        (5, "46387", "46387"),
        (6, "0.5", "12:00:00"),
        (1, "13800138000", "13800138000"),  # a column of numbers that is shown as dates
    ],
)
def test_a_number_that_is_shown_as_a_date_is_one(style, value, read):
    def dated(book):
        relations = (
            '<Relationships><Relationship Id="r1" Target="worksheets/other.xml"/>'
            f'<Relationship Id="r2" Type="{SHEETS}/styles" Target="styles.xml"/></Relationships>'
        )
        cells = f'<row><c s="{style}"><v>{value}</v></c></row>'
        return text_of(workbook(cells, **{"xl/_rels/workbook.xml.rels": relations, "xl/styles.xml": STYLES} | book))

    assert dated({}) == read
    if read == "2026-12-31":
        begins = (
            '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<workbookPr date1904="1"/><sheets><sheet name="s" r:id="r1"/></sheets></workbook>'
        )
        assert dated({"xl/workbook.xml": begins}) == "2031-01-01"


def test_characters_that_workbooks_write_by_their_numbers_are_read():
    cell = '<c t="inlineStr"><is><t>a_x000D_\nb_x0001_c_x005F_x000D_ _x4F60_</t></is></c>'

    assert text_of(workbook(f"<row>{cell}</row>")) == '"a\r\nbc_x000D_ _x4F60_"'


def test_a_text_longer_than_a_cell_is_cut():
    octets = write_workbook("t", ["a"], [["x" * 40_000]])

    assert text_of(octets) == "a\n" + "x" * 32_767


def test_a_workbook_of_the_old_kind_says_what_to_do():
    with pytest.raises(BadTable, match="save it as xlsx"):
        text_of(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
