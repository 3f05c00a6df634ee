import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats import columns
from hongyan.formats.columns import BadTable, Line, decode, read_lines, whole_number, write_line

TEXT = "号码,备注\r\n13800138000,投诉\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        TEXT.encode(),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    ],
)
def test_the_charset_is_found(octets):
    assert decode(octets) == TEXT


@pytest.mark.parametrize("octets", [b"PK\x03\x04\x00\x00", b"\xff\xff\xff", b"a\x00b"])
def test_what_is_no_text_is_refused(octets):
    with pytest.raises(BadTable):
        decode(octets)


def test_a_table_has_bounds(monkeypatch):
    monkeypatch.setattr(columns, "OCTETS_MOST", 4)
    monkeypatch.setattr(columns, "ROWS_MOST", 2)

    with pytest.raises(BadTable, match="octets"):
        decode(b"12345")
    with pytest.raises(BadTable, match="rows"):
        list(read_lines("1\n2\n3"))


def test_lines_are_cells_with_their_numbers():
    text = '号码,备注\n\n 1 ,"a, ""b"""\n , \n2'

    assert list(read_lines(text)) == [Line(1, ["号码", "备注"]), Line(3, ["1", 'a, "b"']), Line(5, ["2"])]
    assert list(read_lines("1\ta,b\n2\tc")) == [Line(1, ["1", "a,b"]), Line(2, ["2", "c"])]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("number;note\r\n138;a, b\r\n139;\r\n", [(1, ["number", "note"]), (2, ["138", "a, b"]), (3, ["139", ""])]),
        ("sep=;\r\nnumber;note\r\n138;a", [(2, ["number", "note"]), (3, ["138", "a"])]),
        ("sep=,\n138,a;b", [(2, ["138", "a;b"])]),
        ('"sep=\t"\n138\ta;b', [(2, ["138", "a;b"])]),
        ("赌;博\n发票", [(1, ["赌;博"]), (2, ["发票"])]),
        ("赌;博", [(1, ["赌;博"])]),
        ("138,a;b\n139,c;d", [(1, ["138", "a;b"]), (2, ["139", "c;d"])]),
        ("138,a\r139,b\r", [(1, ["138", "a"]), (2, ["139", "b"])]),
        ("\ufeffnumber\n138", [(1, ["number"]), (2, ["138"])]),
    ],
)
def test_columns_are_separated_as_spreadsheets_anywhere_write_them(text, lines):
    assert list(map(tuple, read_lines(text))) == lines


@pytest.mark.parametrize(
    ("cell", "whole"), [("13800138000.0", "13800138000"), ("1.38E+10", "1.38E+10"), ("12.5", "12.5"), (".0", ".0")]
)
def test_a_number_is_as_it_was_before_the_spreadsheet(cell, whole):
    assert whole_number(cell) == whole


def test_a_cell_that_would_be_a_formula_is_defused():
    assert write_line(["=1+1", "@a", "a,b", 'c"d', "13800138000"]) == '\'=1+1,\'@a,"a,b","c""d",13800138000'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'=", "''+"])
def test_no_text_begins_like_a_formula(sign):
    assert write_line([f"{sign}cmd()"]).lstrip('"').startswith("'")


def test_a_number_below_zero_is_no_formula_and_nothing_is_an_empty_cell():
    assert write_line([-5, 0.5, True, None, "-5"]) == "-5,0.5,True,,'-5"


CELLS = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12).map(str.strip)


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_what_is_written_is_read_back(cells):
    [line] = [*read_lines(write_line([*cells, "end"]))]

    assert line.cells == [*cells, "end"]


@given(st.binary(max_size=200))
def test_any_octets_are_a_table_or_refused(octets):
    try:
        lines = [*read_lines(decode(octets))]
    except BadTable:
        return
    assert all(any(line.cells) for line in lines)
