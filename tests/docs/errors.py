"""The tables of docs/errors.md and docs/errors.zh.md, from the registry of refusals.

After a change of the registry: `python -m tests.docs.errors` writes them anew.
"""

import re

from tests.docs.pages import ROOT, text_of

from hongyan.formats.miaodi import DESCRIPTIONS
from hongyan.model.refusal import Code, Words

PAGES = {"en": "docs/errors.md", "zh": "docs/errors.zh.md"}
_HEADS = {
    "en": "| number | name | `message`, manual 001 | manual 000 | XML pull | JSON pull | manual 002 | what happened | what to do |",
    "zh": "| 编号 | 名称 | `message`（文档 001） | 文档 000 | XML 拉取 | JSON 拉取 | 文档 002 | 发生了什么 | 怎么办 |",
}
_TABLE = re.compile(r"^\| (?:number|编号) \|.*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


def table(language: str) -> str:
    rows = [_HEADS[language], "| --- " * 9 + "|", *(_row(code.words, code, language) for code in Code)]
    return "\n".join(rows)


def page(language: str) -> str:
    """The page as it should stand."""
    return _TABLE.sub(lambda _: table(language), text_of(PAGES[language]).rstrip("\n")) + "\n"


def _row(words: Words, code: Code, language: str) -> str:
    what, cure = (words.zh, words.cure_zh) if language == "zh" else (words.en, words.cure_en)
    pull, pull_json = (str(words.pull), f"{words.pull_json} {words.remark_json}") if _is_pulled(words, code) else ("–", "–")
    cells = (
        str(words.number), words.name, words.hx, _shown(words.wl_en if language == "en" else words.wl), pull, pull_json,
        f"{words.ls} {DESCRIPTIONS[words.ls]}", _shown(what), cure,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _shown(text: str) -> str:
    """With dots for what the refusal fills in."""
    return re.sub("{.+?}", "…", text)


def _is_pulled(words: Words, code: Code) -> bool:
    """Whether a pull can meet it: it has words of its own there, or is a bad parameter."""
    return (words.pull, words.pull_json) != (4, 1001) or code is Code.PARAMETER_BAD


if __name__ == "__main__":
    for each, name in PAGES.items():
        (ROOT / name).write_text(page(each), encoding="utf-8")
