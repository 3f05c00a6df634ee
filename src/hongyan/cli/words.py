"""The words of whatever is printed for people, in the language of LC_ALL, LC_MESSAGES or LANG: Chinese or else English."""

import os

from hongyan.cli.chinese import CHINESE, COLUMNS, EVENTS, VALUES


def language() -> str:
    """The language now: zh or en."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if named.lower().startswith("zh") else "en"


def worded(english: str, **facts: object) -> str:
    """A text in the person's language, its gaps `{name}` filled with the facts."""
    text = CHINESE.get(english, english) if language() == "zh" else english
    return text.format_map(facts) if facts else text


_VALUED = frozenset({"state", "link", "outcome", "kind", "result", "fault", "pay_mode", "messages", "why"})
"""Columns whose values are words of ours. A name is nobody's word, and what an option takes stays as it is typed."""


def titled(name: str) -> str:
    """What stands above a column; `name` is that of JSON."""
    return COLUMNS.get(name, name) if language() == "zh" else name


def valued(name: str, value: str) -> str:
    """A value of a column, where it is a word of ours."""
    is_ours = name in _VALUED or (name, value) == ("account", "all")
    return VALUES.get(value, value) if is_ours and language() == "zh" else value


def yes_or_no(claim: bool) -> str:
    word = "yes" if claim else "no"
    return VALUES[word] if language() == "zh" else word


def happened(event: str) -> str:
    """A step of a life."""
    return EVENTS.get(event, event) if language() == "zh" else event
