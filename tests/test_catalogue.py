"""Every text for people stands in the catalogue with its Chinese, and nothing else does. Mend it by `make i18n`."""

import ast
import re

import pytest
from tests.catalogue import CATALOGUE, NAMED, SOURCE, catalogue, glued, texts

CJK = re.compile("[\u4e00-\u9fff\uff00-\uffef]")
GAP = re.compile(r"\{\w+[^}]*\}")
COUNTED = re.compile(r":[^}|]*\|[^}]*")
"""Words that a number decides, which Chinese does without."""

ENTRIES = {(entry.context or "", str(entry.id)): entry for entry in catalogue() if entry.id}


def is_typed(text: str) -> bool:
    """A command to be pasted, or nothing but gaps."""
    return text.startswith("hongyan ") or not re.search("[A-Za-z]{2}", GAP.sub("", text))


def test_the_catalogue_holds_what_the_source_says_and_nothing_else() -> None:
    assert set(ENTRIES) == texts()


def test_nothing_is_untranslated_doubtful_or_left_over() -> None:
    assert [entry.id for entry in ENTRIES.values() if not entry.string or entry.fuzzy] == []
    assert "\n#~" not in CATALOGUE.read_text(encoding="utf-8")


def test_chinese_is_chinese() -> None:
    english = [text for (context, text), entry in ENTRIES.items() if not context and not CJK.search(str(entry.string))]

    assert [text for text in english if not is_typed(text)] == []


def test_a_translation_has_the_gaps_of_its_text() -> None:
    assert [
        text
        for (_, text), entry in ENTRIES.items()
        if sorted(COUNTED.sub("", gap) for gap in GAP.findall(text)) != sorted(GAP.findall(entry.string))
    ] == []


def test_no_text_is_glued_together() -> None:
    assert glued() == []


@pytest.mark.parametrize("context", NAMED)
def test_a_name_that_has_chinese_is_used(context: str) -> None:
    """As a text, an argument or a member somewhere in the source, or put together of two."""
    said: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    said.add(text)
                case ast.Name(id=name) | ast.keyword(arg=str(name)) | ast.Attribute(attr=name):
                    said |= {name, name.lower()}

    assert [name for name in NAMED[context] if name not in said and not said.issuperset(name.split("_"))] == []
