"""A text beside templates: which it fits, with what in the gaps, and where it differs from the nearest."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.errors import Invalid, NotFound
from hongyan.model.template import TemplateChange
from hongyan.services.admin import templates
from hongyan.services.admin.templates import filled
from hongyan.services.queries import template_test as tested
from hongyan.services.queries.template_test import compare, template_test

CODE = "【鸿雁】您的验证码是{1}，{2}分钟内有效。"


@pytest.mark.parametrize(
    ("template", "text", "values"),
    [
        (CODE, "【鸿雁】您的验证码是8271，5分钟内有效。", {"1": "8271", "2": "5"}),
        ("no gap", "no gap", {}),
        ("{1}", "anything", {"1": "anything"}),
        ("{1}{2}b", "ab", {"1": "", "2": "a"}),
        ("{1} and {1}", "a and a", {"1": "a"}),
        ("{2}-{1}-x", "b-a-x", {"2": "b", "1": "a"}),
        ("a{1}b", "abb", {"1": "b"}),
    ],
)
def test_a_text_fits_its_template(template, text, values):
    found = compare(template, text)

    assert (found.fits, found.values) == (True, values)


@pytest.mark.parametrize(
    ("template", "text", "at", "wanted", "found"),
    [
        (CODE, "【鸿雁】您的校验码是8271，5分钟内有效。", 6, "验证码是", "校验码是8271，5分钟内有效。"),
        (CODE, "【鸿雁】您的验证码是8271，5小时内有效。", 15, "{2}分钟内有效。", "5小时内有效。"),
        (CODE, "【鸿雁】您的验证码是8271，5分钟内有效。退订回T", 22, "", "退订回T"),
        (CODE, "【鸿雁】您的验证码是8271，5分钟内", 19, "有效。", ""),
        ("no gap", "no gap at all", 6, "", " at all"),
        ("{1} and {1}.", "a and b.", 6, "a.", "b."),
        ("abc", "", 0, "abc", ""),
    ],
)
def test_a_text_differs_where_it_goes_on_otherwise(template, text, at, wanted, found):
    differs = compare(template, text)

    assert (differs.fits, differs.at, differs.wanted, differs.found) == (False, at, wanted, found)
    assert 0 <= differs.share <= 100


@given(st.lists(st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=8))
def test_whatever_fills_a_template_fits_it(values):
    template = "".join(f"|{number}:{{{number}}}" for number in range(1, len(values) + 1))
    if ",".join(values).strip():
        assert compare(template, filled(template, ",".join(values))).fits


def test_many_gaps_take_no_longer_than_a_search():
    template = "".join(f"{{{number}}}a" for number in range(1, 21)) + "b"
    began = time.process_time()

    assert not compare(template, "a" * 2_000).fits
    assert time.process_time() - began < 1


@pytest.fixture
def several(scene):
    def add(tx):
        for account, text in (
            ("pre", CODE),
            ("pre", "【鸿雁】订单{1}已发货。"),
            ("post", CODE.replace("鸿雁", "腾飞")),
            ("taken", CODE),
        ):
            templates.add_template(tx, scene.act(), account, TemplateChange(text=text))

    scene.within(add)
    return scene


def test_the_templates_that_a_text_fits_are_named_with_their_accounts(several):
    text = "【鸿雁】您的验证码是8271，5分钟内有效。"
    found = several.within(lambda tx: template_test(tx, text))
    of_one = several.within(lambda tx: template_test(tx, text, "taken"))

    assert [(row["account"], row["number"]) for row in found["matches"]] == [("pre", "1"), ("taken", "1")]
    assert [row["account"] for row in of_one["matches"]] == ["taken"]
    assert found["nearest"] is None


def test_the_nearest_is_the_one_of_which_most_is_found(several):
    found = several.within(lambda tx: template_test(tx, "【腾飞】您的验证码是8271，5小时内有效。"))

    assert found["matches"] == []
    assert (found["nearest"]["account"], found["nearest"]["wanted"], found["nearest"]["found"]) == (
        "post",
        "{2}分钟内有效。",
        "5小时内有效。",
    )
    with pytest.raises(NotFound):
        several.within(lambda tx: template_test(tx, "x", "nobody"))


def test_too_many_templates_ask_for_an_account(several, monkeypatch):
    monkeypatch.setattr(tested, "LOOKED_MOST", 3)

    with pytest.raises(Invalid):
        several.within(lambda tx: template_test(tx, "x"))
    assert several.within(lambda tx: template_test(tx, "x", "pre"))["nearest"]
