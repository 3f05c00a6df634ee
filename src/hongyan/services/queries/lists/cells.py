"""Facts written for people: in the cells of commands and exports."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hongyan.i18n import china_time, trouble_words, value_word, yes_or_no
from hongyan.model.columns import MOMENTS
from hongyan.model.link_trouble import LinkTrouble


def written(name: str, value: object) -> str:
    """Returns a fact, by its name in JSON, as a text: words in the person's language, moments in China's time."""
    if isinstance(value, LinkTrouble):
        return trouble_words(value)
    if isinstance(value, str):  # most are
        return value_word(name, value)
    if isinstance(value, bool):
        return yes_or_no(value)
    if name in MOMENTS and isinstance(value, int):
        return china_time(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{value_word(name, str(inner))}: {each}" for inner, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    return "" if value is None else value_word(name, str(value))


def cells(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[list[str | int | float]]:
    """Returns rows as exports have them; numbers stay numbers."""
    return [[_cell(name, row.get(name)) for name in names] for row in rows]


def _cell(name: str, value: Any) -> str | int | float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and name not in MOMENTS
    return value if is_number else written(name, value)
