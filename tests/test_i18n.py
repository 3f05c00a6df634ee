"""Sentences for people: what a number decides in them."""

from functools import partial

import pytest
from rich.cells import cell_len

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.trace import EVENT_COLUMNS
from hongyan.compose.troubles import Trouble
from hongyan.i18n import EVENTS, _, event_word, in_language, using_language
from hongyan.model.errors import Invalid
from hongyan.model.translatable import Translatable
from hongyan.settings.problems import Expected, Sentence


@pytest.mark.parametrize(
    ("count", "english", "chinese"),
    [
        (0, "0 points of message 7 came back.", "已退还短信 7 的 0 点。"),
        (1, "1 point of message 7 came back.", "已退还短信 7 的 1 点。"),
        (2, "2 points of message 7 came back.", "已退还短信 7 的 2 点。"),
        ("1,000", "1,000 points of message 7 came back.", "已退还短信 7 的 1,000 点。"),
    ],
)
def test_a_noun_has_the_form_that_its_number_asks_for(count, english, chinese):
    said = "{points:point|points} of message {number} came back."

    assert [in_language(language, said, points=count, number=7) for language in ("en", "zh")] == [english, chinese]


def test_each_number_of_a_sentence_decides_its_own_words():
    with using_language("en"):
        said = _(
            "{count:message|messages}; {points:point|points} came back; {leaving:is|are} leaving already.",
            count=1,
            points=3,
            leaving=1,
        )

    assert said == "1 message; 3 points came back; 1 is leaving already."


@pytest.mark.parametrize("kind", [partial(Stop, Exit.FOUND), Invalid, Translatable, Trouble, Expected])
def test_what_says_what_is_wrong_counts_as_people_do_in_its_own_english_too(kind):
    assert str(kind("{count:row is|rows are} wrong", count=1)) == "1 row is wrong"
    assert str(Sentence("{count:row is|rows are} wrong", {"count": 2})) == "2 rows are wrong"


def test_other_ways_to_write_a_fact_stay_as_they_are():
    assert in_language("en", "task {task_id} has not ended after {seconds:g} s", task_id=7, seconds=30.0) == (
        "task 7 has not ended after 30 s"
    )
    assert in_language("en", "        seen     {seen!r}", seen="1") == "        seen     '1'"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_steps_of_a_trace_have_room_for_their_names(language):
    with using_language(language):
        assert max(cell_len(event_word(event)) for event in EVENTS.split()) <= EVENT_COLUMNS
