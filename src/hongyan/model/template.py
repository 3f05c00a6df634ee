"""Templates: texts of an account with gaps `{1}`, `{2}`, …, which a request fills by `param` (wire contract, 4.2)."""

import re
from dataclasses import dataclass
from typing import ClassVar

from hongyan.model.fields import Change, described
from hongyan.model.kinds import Kind

GAPS_MOST = 20
CHARACTERS_MOST = 500

GAP = re.compile(r"\{(\d{1,2})\}")
_NUMBER = re.compile(r"[0-9A-Za-z_-]{0,32}")


def gaps_of(text: str) -> int:
    """Returns the highest number of a gap."""
    return max((int(gap) for gap in GAP.findall(text)), default=0)


def _read_text(text: str) -> str:
    gaps = {int(gap) for gap in GAP.findall(text)}
    if not text.strip() or len(text) > CHARACTERS_MOST or "\0" in text:
        raise ValueError(text)
    if gaps != set(range(1, gaps_of(text) + 1)) or len(gaps) > GAPS_MOST:
        raise ValueError(text)
    return text


def _read_number(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise ValueError(number)
    return number


TEXT = Kind(
    "give 1 to {most} characters; gaps are {{1}}, {{2}}, …, {gaps} at most, and none is left out",
    _read_text,
    facts={"most": CHARACTERS_MOST, "gaps": GAPS_MOST},
)
NUMBER = Kind("give up to {most} letters, digits, _ and -", _read_number, facts={"most": 32})


@dataclass(frozen=True, slots=True)
class Template:
    text: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange(Change):
    """The fields of a new template."""

    thing: ClassVar[type] = Template

    text: str | None = described("The text, with its signature in 【】 and gaps {1}, {2}, …", TEXT, is_required=True)
    number: str | None = described("What its programs call it; the next number where nothing is said.", NUMBER)
