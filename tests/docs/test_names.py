"""Names and numbers of the code that the pages repeat are those of the code."""

import dataclasses
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from tests.docs.pages import PAGES, ROOT, inline_code, text_of

from hongyan.adapters import answers
from hongyan.adapters.answers import AnswerFault, AnswerFaults
from hongyan.model.account import Account
from hongyan.model.channel import Channel
from hongyan.model.listener import Listener
from hongyan.model.staff import Role
from hongyan.settings.explain import known_keys
from hongyan.sim.script import RULE_ACTIONS
from hongyan.sim.steps import STEP_ACTIONS
from hongyan.web.metrics import METRICS

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

ELSEWHERE = {
    "CMPP_CANCEL", "NO_COLOR", "Valid_Time", "network_error_code", "submit_multi_resp", "target_session_attrs", "unsuccess_sme",
    "user_message_reference",
    "balance_short",  # a refusal as the admin API names it
}  # fmt: skip
"""Names of specifications, of the system, and of answers."""


@cache
def words_of_the_source() -> set[str]:
    files = [ROOT / "Makefile", ROOT / "pyproject.toml"]
    for folder in ("src/hongyan", "tests", "bench", "deploy"):
        files += [
            file for file in (ROOT / folder).rglob("*") if file.suffix in {".py", ".html", ".c", ".yml", ".yaml", ".json"}
        ]
    words = {word for file in files for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}
    return words | {file.stem for file in files}


def is_a_name(word: str) -> bool:
    """As programs write them, unlike a word of a text: with `_`, or a capital inside."""
    return len(word) > 3 and ("_" in word.strip("_") or re.search(r"[a-z][A-Z]", word) is not None)


@each_page
def test_names_in_code_stand_in_the_source(page: Path):
    names = {word for code in inline_code(page.read_text(encoding="utf-8")) for word in re.findall(r"\w+", code)}

    assert {name for name in names if is_a_name(name)} - words_of_the_source() - ELSEWHERE == set()


@each_page
def test_settings_that_are_named_exist(page: Path):
    sections = "|".join(sorted({path[0] for path in known_keys() if len(path) > 1}))
    code = " ".join(inline_code(page.read_text(encoding="utf-8")))
    named = set(re.findall(rf"(?<![\w./])({sections})\.([a-z]\w+)(?![\w(])", code))

    assert {key for key in named if key[1] not in {"py", "md", "toml", "yaml"}} <= set(known_keys())


@each_page
def test_metrics_that_are_named_exist(page: Path):
    named = re.findall(r"\bhongyan_\w+", page.read_text(encoding="utf-8"))

    assert {name for name in named if name not in METRICS} == set()


@pytest.mark.parametrize("page", ["docs/protocols.md", "docs/protocols.zh.md"])
def test_options_of_channels_that_are_named_are_read(page: str):
    rows = re.findall(r"^\| ((?:`\w+`(?:=\w+)?(?:, )?)+) \|", text_of(page).split("\n## TLS\n")[1], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    folders = ("adapters", "carriers", "model", "policy", "wire")
    source = "".join(
        file.read_text(encoding="utf-8") for folder in folders for file in (ROOT / "src/hongyan" / folder).rglob("*.py")
    )

    assert len(named) >= 40
    assert {name for name in named if f'"{name}"' not in source and f" {name}:" not in source} == set()


def codes_in(cell: str) -> set[int]:
    """`5 to 10, 17` → 5 … 10 and 17; words are left out."""
    found: set[int] = set()
    for first, last in re.findall(r"(0x[0-9A-F]+|\d+)(?: (?:to|到|至) (0x[0-9A-F]+|\d+))?", cell):
        found |= set(range(int(first, 0), int(last or first, 0) + 1))
    return found


@pytest.mark.parametrize("page", ["docs/protocols.md", "docs/protocols.zh.md"])
@pytest.mark.parametrize("protocol", ["CMPP", "SGIP", "SMGP", "SMPP", "MM7"])
def test_whose_fault_an_answer_is_stands_on_the_page_as_in_the_code(page: str, protocol: str):
    table: AnswerFaults = getattr(answers, protocol)
    [cells] = re.findall(rf"^\| {protocol}\b[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", text_of(page), re.MULTILINE)
    faults = (AnswerFault.CONGESTION, AnswerFault.SESSION, AnswerFault.CHANNEL, AnswerFault.MESSAGE)

    for fault, cell in zip(faults, cells, strict=True):
        if not (fault is AnswerFault.MESSAGE and not codes_in(cell)):  # "all others"
            assert codes_in(re.split("[;；]", cell)[0]) == {code for code, one in table.items() if one is fault}, fault


def test_intervals_are_those_of_the_code():
    rows = re.findall(
        r"^\|[^|]*\| (\d+) (ms|s) \| `([\w/]+)\.py: (\w+_S)` \|$", text_of("docs/path-of-a-message.md"), re.MULTILINE
    )

    assert len(rows) >= 4
    for number, unit, file, name in rows:
        seconds = int(number) / (1000 if unit == "ms" else 1)
        assert seconds == getattr(import_module(f"hongyan.{file.replace('/', '.')}"), name), name


@pytest.mark.parametrize("page", ["docs/operate.md", "docs/operate.zh.md"])
def test_the_roles_reported_are_those_that_there_are(page: str):
    section = re.split("^## (?:People|人员)$", text_of(page), flags=re.MULTILINE)[1].split("```")[0]

    assert set(re.findall(r"^\| `([\w-]+)`[^|]*\|", section, re.MULTILINE)) == {str(role) for role in Role}


@each_page
def test_defaults_of_options_are_those_of_the_code(page: Path):
    fields = [field for thing in (Account, Channel, Listener) for field in dataclasses.fields(thing)]
    defaults = {field.name: field.default for field in fields if isinstance(field.default, int | float)}
    said = re.findall(r"`--([a-z-]+)`(?: ?[(（]|, |，)(\d+)\b", page.read_text(encoding="utf-8"))
    said = [(option.replace("-", "_"), int(number)) for option, number in said]

    assert [(name, number, defaults[name]) for name, number in said if name in defaults and defaults[name] != number] == []


def first_cells(text: str) -> set[str]:
    """The names in the first cells of tables, their heads left out."""
    return {name for cell in re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE) for name in re.findall(r"`([\w-]+)`", cell)} - {
        "do"
    }


def test_what_simulators_do_is_what_the_page_says():
    steps, rules = text_of("docs/simulators.md").split("### Fault scripts")

    assert first_cells(steps) == set(STEP_ACTIONS)
    assert first_cells(rules) == set(RULE_ACTIONS)
