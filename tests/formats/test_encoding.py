"""Texts that come with no word about their encoding."""

from codecs import BOM_UTF8

import pytest

from hongyan.formats.encoding import read_text


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb2312", "gb18030", "utf-16"])
def test_texts_are_read_in_the_charsets_of_the_trade(charset):
    assert read_text("您好，今日天气晴".encode(charset)) == "您好，今日天气晴"


def test_a_text_that_is_not_as_its_mark_says_is_not_guessed_at():
    with pytest.raises(UnicodeDecodeError):
        read_text(BOM_UTF8 + "您好".encode("gb18030"))
