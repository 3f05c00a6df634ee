"""Sentences with gaps, and what fills them."""

from collections import defaultdict
from collections.abc import Mapping


def fill_gaps(sentence: str, facts: Mapping[str, object]) -> str:
    """Returns a sentence with its gaps `{name}` filled; as it is where there are no facts.

    Behind a number may stand the words that it decides, for one and for more: {count:message waits|messages wait}. gettext's own
    plurals know one number a sentence, and ask for both forms where a text is marked.
    """
    return sentence.format_map(_SentenceFields(facts)) if facts else sentence


def fill_known_gaps(sentence: str, facts: Mapping[str, object]) -> str:
    """Returns a sentence with its gaps filled, those whose fact is not known with "…"."""
    return sentence.format_map(_SentenceFields(defaultdict(lambda: "…", facts)))


class _SentenceFields:
    __slots__ = ("_facts",)

    def __init__(self, facts: Mapping[str, object]) -> None:
        self._facts = facts

    def __getitem__(self, name: str) -> "_SentenceField":
        return _SentenceField(self._facts[name])


class _SentenceField:
    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __format__(self, wanted: str) -> str:
        one, is_counted, more = wanted.partition("|")
        if not is_counted:
            return format(self._value, wanted)
        return f"{self._value} {one if str(self._value) == '1' else more}"

    def __repr__(self) -> str:
        return repr(self._value)
