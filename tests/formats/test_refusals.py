import pytest

from hongyan.formats.dialects import DIALECTS, HX
from hongyan.formats.refusals import WORDS, meaning_of, message_of
from hongyan.model.dialect import WHITE_LABEL, DialectName
from hongyan.model.refusal import Code, Refusal


def test_every_cause_has_its_words_in_the_order_of_the_registry():
    assert list(WORDS) == list(Code)


@pytest.mark.parametrize("name", DialectName)
@pytest.mark.parametrize("code", Code)
def test_no_dialect_words_a_refusal_so_that_it_looks_like_a_success(code, name):
    words = WORDS[code]
    seen = (message_of(Refusal(code), name), meaning_of(code), words.name, words.remark_json, HX.pull_remarks[words.pull - 1])
    assert all(seen)
    assert not any("success" in word.lower() for word in seen)


def test_the_words_found_are_named_unless_they_read_like_a_success():
    found = Refusal(Code.CONTENT_WORDS, words="赌博、Success")
    assert message_of(Refusal(Code.CONTENT_WORDS, words="赌博"), DialectName.WL) == "包含非法字符：赌博"
    assert message_of(found, DialectName.WL_000) == "Contains illegal characters:"


def test_only_the_platform_of_manual_000_refuses_texts_like_sql():
    assert {name for name in DialectName if DIALECTS[name].refuses_sql} == set(WHITE_LABEL)
