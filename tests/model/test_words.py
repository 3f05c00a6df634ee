"""The table of words: how a text is read for it, where a word stands, and that what was built is used again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model import words as module
from hongyan.model.words import EVERYBODY, Hit, Word, WordTable, places_of, plain

LETTERS = st.text(st.sampled_from("赌博梁山aBＡｂ*· \u200b-é①ﬁß\U0001d400"), max_size=30)


def table(*words, last=None, version=1):
    return WordTable.of(version, [Word(account_id, plain(text), text) for account_id, text in words], last)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("梁山", "梁山"),
        ("梁*山", "梁山"),
        ("梁 　山", "梁山"),
        ("梁\u200b\ufeff山", "梁山"),
        ("梁😀【】_、。山", "梁山"),
        ("ＶＩＰ９", "vip9"),
        ("Straße", "strasse"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("①②", "12"),
        ("\U0001d401ank", "bank"),
        ("*·- ", ""),
    ],
)
def test_marks_blanks_width_case_and_style_are_seen_through(written, read):
    assert plain(written) == read


@given(st.one_of(LETTERS, st.text(max_size=40)))
def test_every_plain_character_leads_back_to_the_one_it_came_from(text):
    folded, places = plain(text), places_of(text)

    assert len(places) == len(folded)
    assert places == sorted(places)
    assert "".join(plain(text[place]) for place in dict.fromkeys(places)) == folded


@given(st.text(max_size=40))
def test_a_plain_text_has_nothing_left_to_be_ignored(text):
    assert all(char.isalnum() for char in plain(text))


@given(LETTERS, LETTERS)
def test_a_text_is_read_as_its_parts_are(one, other):
    assert plain(one + other) == plain(one) + plain(other)


def test_words_are_found_where_they_stand_as_they_were_written():
    text = "去 赌*博 吧，ＶＩＰ 请进"

    found = table((EVERYBODY, "赌博"), (EVERYBODY, "Vip")).find(text, 1)

    assert found == [Hit("赌博", 2, 5), Hit("Vip", 8, 11)]
    assert [text[hit.start : hit.end] for hit in found] == ["赌*博", "ＶＩＰ"]


def test_words_inside_words_are_all_found():
    found = table((EVERYBODY, "赌博"), (EVERYBODY, "网上赌博"), (EVERYBODY, "博彩")).find("网上赌博彩", 1)

    assert [hit.word for hit in found] == ["网上赌博", "赌博", "博彩"]


@given(
    st.lists(st.text(st.sampled_from("甲乙丙丁a1"), min_size=1, max_size=4), max_size=8), LETTERS.map(lambda t: t + "甲乙a1丙")
)
def test_a_word_is_found_exactly_when_it_is_part_of_the_plain_text(words, text):
    searched = table(*((EVERYBODY, word) for word in words))
    wanted = {plain(word) for word in words if plain(word) in plain(text)}

    assert {plain(hit.word) for hit in searched.find(text, 1)} == wanted
    assert searched.is_in(text, 1) is bool(wanted)


def test_a_word_of_one_account_is_none_for_another():
    words = table((7, "红包"), (EVERYBODY, "赌博"))

    assert words.is_in("红包", 7)
    assert not words.is_in("红包", 8)
    assert [hit.word for hit in words.find("红 包赌 博", 7)] == ["红包", "赌博"]
    assert [hit.word for hit in words.find("红 包赌 博", 8)] == ["赌博"]


def test_a_few_changes_leave_the_large_automaton_alone():
    first = table((0, "甲乙"), (0, "丙丁"))

    second = table((0, "甲乙"), (0, "戊己"), last=first, version=2)

    assert second.base is first.base
    assert [second.is_in(text, 1) for text in ("甲乙", "丙丁", "戊己")] == [True, False, True]


def test_many_changes_make_a_new_one(monkeypatch):
    monkeypatch.setattr(module, "RECENT_MOST", 1)
    first = table((0, "甲乙"))

    second = table((0, "甲乙"), (0, "丙丁"), (0, "戊己"), last=first, version=2)

    assert second.base is not first.base
    assert [second.is_in(text, 1) for text in ("甲乙", "丙丁", "戊己")] == [True, True, True]


WORD_SETS = st.lists(st.sets(st.sampled_from(["甲", "乙", "甲乙", "丙", "a1"])), min_size=1, max_size=5)


@given(WORD_SETS, st.text(st.sampled_from("甲乙丙a1*"), max_size=8))
def test_however_a_table_came_about_it_finds_the_same(generations, text):
    grown = None
    for version, words in enumerate(generations):
        grown = table(*((0, word) for word in sorted(words)), last=grown, version=version)

    assert grown.find(text, 1) == table(*((0, word) for word in sorted(generations[-1]))).find(text, 1)
