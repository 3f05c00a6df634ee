"""The texts that people read, as they stand in the source, and the catalogue of their Chinese.

After a change: `make i18n` takes new texts into the catalogue, untranslated, and drops those that are gone.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from hatch_build import compile_catalogues
from jinja2.ext import babel_extract

from hongyan import i18n
from hongyan.conformance.catalog import CASES
from hongyan.settings.explain import known_keys

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "hongyan"
CATALOGUE = SOURCE / "locale" / "zh" / "LC_MESSAGES" / "hongyan.po"

MARKERS: dict[str, tuple[int | str, ...]] = {
    "_": (0,), "N_": (0,), "in_language": (1,), "Listing": ("title", "summary"),
    "say": (0,), "out.say": (0,), "read_secret": (1,), "noun": (1,), "verb": (2,), "option": (0,), "argument": (0,),
    "Stop": (1, 2), "Trouble": (0, 1), "StoreNotReady": (0, 1), "PeerUnreachable": (0, 1), "AlreadyInUse": (0, 1),
    "secret": (0,), "NotFound": (0,), "Conflict": (0,), "Invalid": (0, 1), "Forbidden": (0,), "KeyWrong": (0,), "Sentence": (0,),
    "Expected": (0,),
    "Words": (1, 2), "described": (0,), "Kind": (0,), "pattern": (0,), "Param": (1,), "Call": (2,), "Option": (0,), "Translatable": (0,),
    "Group": (0,),
}  # fmt: skip
"""Calls, and which of their arguments are texts for people: the place or the name of each."""

_SPEAKS_TO_PROGRAMS = {"adapters", "carriers", "conformance", "doors", "formats", "http", "push", "sim", "wire"}
"""Rooms whose words are those of a protocol or go into the log; some of their functions bear a marker's name."""

NAMED = {
    "column": i18n.COLUMNS.split(),
    "value": [word.strip() for word in i18n.VALUES.split(",")],
    "choice": [word.strip() for word in i18n.CHOICES.split(",")],
    "event": i18n.EVENTS.split(),
    **i18n.CHOICES_OF,
}
"""Names that are shown as they are in English, by their context in the catalogue."""

_HEAD = b"""msgid ""
msgstr ""
"Language: zh\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

_TROUBLES = ("Translatable", "HttpTrouble", "SessionTrouble", "BadAnswer", "WrongOption")
_CARRIER_ROOMS = ("adapters", "carriers", "http", "push", "sockets", "wire")
"""Where what goes wrong at a carrier or a customer is put into words, and the classes whose first argument is the sentence."""

Text = tuple[str, str]
"""Its context, often none, and its English."""


def marked(source: IO[bytes], *_: object, **__: object) -> Iterator[tuple[int, str | None, Any, list[str]]]:
    """The texts of one module; a method of extraction as Babel calls it."""
    for line, argument in _arguments(source):
        yield from ((line, None, text, []) for text in _literals(argument))


def troubles(source: IO[bytes], *_: object, **__: object) -> Iterator[tuple[int, str | None, Any, list[str]]]:
    """The texts of one module of _CARRIER_ROOMS that people read; its other words go into the log."""
    for line, argument in _arguments(source, dict.fromkeys(_TROUBLES, (0,))):
        yield from ((line, None, text, []) for text in _literals(argument))


def marked_in_template(source: IO[bytes], *_: object, **__: object) -> Iterator[tuple[int, str | None, Any, list[str]]]:
    """The texts of one template: the first argument of `_`."""
    for line, _name, found, _comments in babel_extract(source, ("_",), (), {"trimmed": "true"}):
        text = found if isinstance(found, str) or found is None else found[0]
        if text is not None:  # what is no literal was marked where it stands
            yield line, None, text, []


def glued() -> list[str]:
    """Where a text is put together before it is translated: no language can find it."""
    return [
        f"{path.name}:{line}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, argument in _arguments(io.BytesIO(path.read_bytes()))
        if isinstance(argument, ast.JoinedStr)
    ]


def _arguments(source: IO[bytes], markers: dict[str, tuple[int | str, ...]] = MARKERS) -> Iterator[tuple[int, ast.expr]]:
    for node in ast.walk(ast.parse(source.read())):
        if isinstance(node, ast.Call):
            given: dict[int | str | None, ast.expr] = {**dict(enumerate(node.args)), **{k.arg: k.value for k in node.keywords}}
            yield from ((node.lineno, given[place]) for place in markers.get(ast.unparse(node.func), ()) if place in given)


def _literals(argument: ast.expr) -> Iterator[str]:
    """The whole of an argument, or either branch of a choice."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _literals(argument.body)
        yield from _literals(argument.orelse)


def _speaks_to_people(folder: str) -> bool:
    return Path(folder).name not in _SPEAKS_TO_PROGRAMS


def texts() -> set[Text]:
    """All that the source asks the catalogue for."""
    found = [
        *extract_from_dir(
            SOURCE, [("**.py", marked), ("**.html", marked_in_template)], comment_tags=(), directory_filter=_speaks_to_people
        ),
        *(
            found
            for room in _CARRIER_ROOMS
            for found in extract_from_dir(SOURCE / room, [("**.py", troubles)], comment_tags=())
        ),
    ]
    named = {(context, name) for context, names in NAMED.items() for name in names}
    claims = {("claim", case.claim) for cases in CASES.values() for case in cases}
    settings = {("", str(field.description)) for field in known_keys().values() if field.description}
    return {("", str(message)) for _, _, message, _, _ in found} | named | settings | claims


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def update() -> list[str]:
    """New texts in, old ones out; what is translated stays as it is. Returns the texts that have no Chinese yet."""
    old, new = catalogue(), Catalog(locale="zh")
    for context, english in sorted(texts()):
        known = old.get(english, context or None)
        new.add(english, known.string if known else "", context=context or None)
    written = io.BytesIO()
    write_po(written, new, omit_header=True, width=0)
    CATALOGUE.write_bytes(_HEAD + written.getvalue())
    return [str(entry.id) for entry in new if entry.id and not entry.string]


if __name__ == "__main__":
    for text in update():
        sys.stdout.write(f"no Chinese yet: {text}\n")
    compile_catalogues(ROOT)
