"""The pages of the documentation, taken apart: code blocks, inline code, links, headings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), ROOT / "CHANGELOG.md", ROOT / "bench" / "README.md", *(ROOT / "docs").rglob("*.md")])
FRAGMENTS = sorted((ROOT / "changes").glob("*.md"))
"""News of what is not released yet; they may name what is gone."""

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced piece of code. `stands_behind`: nothing but blanks is between it and the block before."""

    language: str
    text: str
    stands_behind: bool


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    found, end = [], -1
    for match in _BLOCK.finditer(text):
        found.append(Block(match[1], match[2], end >= 0 and not text[end : match.start()].strip()))
        end = match.end()
    return found


def prose(text: str) -> str:
    return _BLOCK.sub("", text)


def inline_code(text: str) -> list[str]:
    return _INLINE.findall(prose(text))


def links(text: str) -> list[str]:
    return _LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """The names under which headings can be linked to, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(prose(text))}


def command_lines(text: str) -> list[str]:
    """Whole lines that begin with `hongyan`, in fenced and indented code."""
    code = [line for block in blocks(text) for line in block.text.splitlines()] + _INDENTED.findall(prose(text))
    return [line.removeprefix(".venv/bin/") for line in code if line.removeprefix(".venv/bin/").startswith("hongyan ")]


def integrate_pages() -> list[str]:
    """docs/integrate.md and the pages of the doors, in the order in which it names them."""
    index = "docs/integrate.md"
    return [index, *(f"docs/{name}" for name in dict.fromkeys(re.findall(r"\((integrate/\w+\.md)\)", text_of(index))))]
