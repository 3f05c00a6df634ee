"""Facts in the cells of tables and files: for people, and for programs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hongyan.i18n import china_time, translated, using_language, value_word, yes_or_no
from hongyan.model.columns import MOMENTS
from hongyan.model.translatable import Translatable


def written(name: str, value: object) -> str:
    """Returns a fact, by its name in JSON, as a text: words in the person's language, moments in China's time."""
    if isinstance(value, Translatable):
        return translated(value)
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


Cell = str | int | float
_ENGLISH = frozenset({str, int, float})
"""Kinds of facts that are as they are in English. Exports have a dozen of them in each of 100,000 rows."""


def cells(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[list[Cell]]:
    """Returns rows as people have them in files; numbers stay numbers."""
    return [[_cell(name, row.get(name)) for name in names] for row in rows]


def program_cells(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[list[Cell]]:
    """Returns rows as programs have them in files, under the names of JSON: a moment is milliseconds since 1970, words are English."""
    with using_language("en"):
        return [
            [value if type(value := row.get(name, "")) in _ENGLISH else _fact(name, value) for name in names] for row in rows
        ]


def people_cells(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[list[Cell]]:
    """Returns rows of `program_cells` as people have them."""
    return cells(names, (dict(zip(names, row, strict=True)) for row in rows))


def _cell(name: str, value: Any) -> Cell:
    return written(name, value) if name in MOMENTS else _fact(name, value)


def _fact(name: str, value: Any) -> Cell:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else written(name, value)
