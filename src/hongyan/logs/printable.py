r"""Text that a terminal shows as it is.

Texts, answers, codes and login names come from strangers. An escape sequence among them would move the cursor, a newline
would forge another line, and a mark of writing direction would reverse digits. So every character that is not plainly
visible is written as an escape of Python and JSON: `\x1b`, `\n`, `\u202e`.
"""

import re
import unicodedata
from collections.abc import Callable

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls (C0 and C1), format marks (bidi, of no width), surrogates, and ends of lines."""

_SUSPECT = re.compile(r"[^ -~]")  # most lines contain ASCII, or little else


def printable(text: str) -> str:
    """The text with everything unseen written as an escape."""
    return _SUSPECT.sub(_escape(_as_python), text)


def printable_json(text: str) -> str:
    r"""The same JSON value, with everything unseen written as `\uXXXX`."""
    return _SUSPECT.sub(_escape(_as_json), text)


def _escape(written: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda found: written(found[0]) if unicodedata.category(found[0]) in _UNSEEN else found[0]


def _as_python(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _as_json(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
