"""Where each value comes from: a flag, a variable of the environment, or a line of the file; each a sentence for people."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hongyan.i18n import _
from hongyan.settings.files import PREFIX
from hongyan.settings.problems import Sentence

KeyPath = tuple[str, ...]
"""A section and a key in it."""

Origin = Sentence | str
"""Where a value comes from, for people."""

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


def line_origins(content: dict[str, Any], file: Path | None, text: str) -> dict[KeyPath, Origin]:
    lines = _lines(text)
    return {
        path: Sentence("{file}, line {line}", {"file": file, "line": lines[path]}) if path in lines else str(file)
        for path in leaves(content)
    }


def _lines(text: str) -> dict[KeyPath, int]:
    """Returns the line of each key of a TOML text, for keys on a line of their own."""
    section: KeyPath = ()
    lines: dict[KeyPath, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = tuple(header[1].split("."))
        elif key := _KEY.match(line):
            lines[(*section, *key[1].split("."))] = number
    return lines


def variable_of(path: KeyPath) -> str:
    return PREFIX + "__".join(path).upper()


def flag_origins(flags: Mapping[str, Any]) -> dict[KeyPath, Origin]:
    return {path: Sentence("flag --{name}", {"name": path[-1].replace("_", "-")}) for path in leaves(flags)}


def in_words(origin: Origin) -> str:
    """Returns an origin in the person's language."""
    return _(origin.english, **origin.facts) if isinstance(origin, Sentence) else origin


def leaves(tree: Mapping[str, Any], above: KeyPath = ()) -> list[KeyPath]:
    """Returns the path of every value."""
    return [
        leaf
        for key, value in tree.items()
        for leaf in (leaves(value, (*above, key)) if isinstance(value, Mapping) else [(*above, key)])
    ]
