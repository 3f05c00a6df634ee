"""hongyan zipbatch: the content of BatchSms.ashx packed and unpacked in steps, and what is wrong with it."""

import zlib

import pytest

from hongyan.formats.zipbatch import pack, unpack, write_content

LINES = "13800138000,验证码：1234【华信】\r\n13800138001,first\\nsecond\r\n"
CONTENT = write_content(pack([("13800138000", "验证码：1234【华信】"), ("13800138001", "first\nsecond")]))


def test_lines_are_packed_step_by_step(bare):
    done = bare("zipbatch", "pack", "-", "--json", stdin=LINES)

    assert done.code == 0
    assert done.json["lines"] == 2
    assert done.json["octets"] == LINES.strip().encode().hex(" ").upper()
    assert done.json["zip"].startswith("50 4B 03 04")
    assert done.json["content"] == CONTENT
    assert unpack(done.json["content"], 10).texts == ["验证码：1234【华信】", "first\nsecond"]


def test_a_content_is_unpacked_step_by_step(bare, tmp_path):
    (tmp_path / "content.txt").write_text(CONTENT + "\n", encoding="utf-8")
    done = bare("zipbatch", "unpack", "content.txt", "--json")

    assert (done.code, done.err) == (0, "")
    assert (done.json["container"], done.json["lines"]) == ("zip", 2)
    assert done.json["head"].startswith("50 4B 03 04")
    assert done.json["pairs"][1] == {"mobile": "13800138001", "text": "first\nsecond"}
    assert "验证码：1234【华信】" in bare("zipbatch", "unpack", "content.txt").out


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ("!!", "Base64: "),
        (CONTENT[:80], "inflate: "),
        (write_content(zlib.compress(bytes(8_000_000))), "size: "),
        (write_content(zlib.compress("1,验证码".encode("gbk"))), "charset: "),
        (write_content(b"13800138000,a\r\n+8613800138000,b"), "lines 1, 2 have the same number"),
    ],
)
def test_what_is_wrong_is_named(bare, content, seen):
    done = bare("zipbatch", "unpack", "-", stdin=content)

    assert done.code == 6
    assert seen in done.err


def test_what_is_wrong_is_named_in_chinese_where_the_person_is(bare, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert "Base64：不是" in bare("zipbatch", "unpack", "-", stdin="!!").err


def test_a_number_that_is_none_is_reported_and_no_failure(bare):
    done = bare("zipbatch", "pack", "-", stdin="13800138000,a\n12345,b\n")

    assert done.code == 0
    assert "line 2" in done.err


@pytest.mark.parametrize("lines", ["13800138000,a\n13800138001\n", "", "\n"])
def test_lines_without_a_comma_are_wrong_usage(bare, lines):
    assert bare("zipbatch", "pack", "-", stdin=lines).code == 2


def test_a_file_that_is_not_there_is_wrong_usage(bare):
    assert bare("zipbatch", "pack", "nowhere.txt").code == 2
