"""The language of whatever is printed for people: that of LC_ALL, LC_MESSAGES or LANG, Chinese or else English."""

import os

from hongyan.cli.chinese import CHINESE


def language() -> str:
    """The language now: zh or en."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if named.lower().startswith("zh") else "en"


def worded(english: str, **facts: object) -> str:
    """A text in the person's language, its gaps `{name}` filled with the facts."""
    text = CHINESE.get(english, english) if language() == "zh" else english
    return text.format_map(facts) if facts else text
