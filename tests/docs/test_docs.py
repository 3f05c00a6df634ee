"""What the documentation names is there: links, commands, files and functions, settings, exit codes, metrics, refusals."""

import ast
import re
import shlex
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.docs import errors
from tests.docs.pages import (
    FRAGMENTS,
    PAGES,
    ROOT,
    anchors,
    blocks,
    command_lines,
    inline_code,
    integrate_pages,
    links,
    text_of,
)

from hongyan.cli import app as cli
from hongyan.cli.exits import Exit
from hongyan.conformance.catalog import EXTRAS
from hongyan.doors.app import doors_of
from hongyan.doors.context import DoorContext
from hongyan.model.refusal import Code
from hongyan.settings.explain import known_keys
from hongyan.settings.settings import Settings
from hongyan.web.metrics import METRICS

COMMANDS: Any = typer.main.get_command(cli.app)
OPERATE = ["docs/operate.md", "docs/operate.zh.md"]
CONFORMANCE = ["docs/conformance.md", "docs/conformance.zh.md"]
PROTOCOLS = ["docs/protocols.md", "docs/protocols.zh.md"]
TWINS = [[page, page.replace(".md", ".zh.md")] for page in integrate_pages()]
LUSHANG = {"20150822/industrySMS/sendSMS", "20150822/affMarkSMS/sendSMS", "distributor/sendSMS"}  # docs/integrate/lushang.md
V2 = {"v2sms", "v2smsGBK", "v2statusApi", "v2callApi"}  # docs/integrate/v2.md
NO_DOORS = {"words"}

each_page = pytest.mark.parametrize("page", [*PAGES, *FRAGMENTS], ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links_lead_somewhere(page: Path):
    for link in links(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        target, _, anchor = link.partition("#")
        linked = page if not target else (page.parent / target).resolve()

        assert linked.exists(), link
        assert not anchor or anchor in anchors(linked.read_text(encoding="utf-8")), link


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The verb that these words name, and its arguments."""
    command = COMMANDS
    for place, word in enumerate(words):
        inner = getattr(command, "commands", None)
        if inner is None:
            return command, words[place:]
        assert word in inner, f"hongyan {' '.join(words)}"
        command = inner[word]
    return command, []


@each_page
def test_command_lines_can_be_pasted(page: Path):
    for line in command_lines(page.read_text(encoding="utf-8")):
        command, arguments = command_of(shlex.split(re.split(r" [<>|] ", line)[0])[1:])
        command.make_context(line, arguments)


@each_page
def test_commands_in_prose_exist_with_their_options(page: Path):
    for code in inline_code(page.read_text(encoding="utf-8")):
        if code.startswith("hongyan ") and "=" not in code:
            for words in product(*(word.split("|") for word in shlex.split(code)[1:])):
                command, arguments = command_of(list(words))
                known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}

                assert {word for word in arguments if word.startswith("--")} <= known, code


@each_page
def test_targets_of_make_exist(page: Path):
    targets = {target for line in re.findall(r"^([\w$()/. ]+):", text_of("Makefile"), re.MULTILINE) for target in line.split()}
    targets = {target.replace("$(VENV)", ".venv") for target in targets}
    text = page.read_text(encoding="utf-8")
    code = [*inline_code(text), *(line for block in blocks(text) for line in block.text.splitlines())]

    assert {words.split()[1] for words in code if words.startswith("make ")} <= targets


def names_in(file: Path) -> set[str]:
    """What a file defines: functions, classes, constants, and methods as `Class.method`."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


@each_page
def test_files_and_their_functions_exist(page: Path):
    for code in inline_code(page.read_text(encoding="utf-8")):
        named = re.fullmatch(r"([\w/]+\.py)(?:: ([\w.]+))?", code)
        if named is None:
            continue
        file = next((base / named[1] for base in (ROOT / "src" / "hongyan", ROOT) if (base / named[1]).is_file()), None)

        assert file is not None, code
        assert named[2] is None or named[2] in names_in(file), code


@pytest.mark.parametrize(
    "pair", [OPERATE, CONFORMANCE, PROTOCOLS, ["README.md", "README.zh.md"], *TWINS], ids=lambda pair: pair[0]
)
def test_both_languages_show_the_same_code(pair: list[str]):
    english, chinese = ([block for block in blocks(text_of(name)) if block.language] for name in pair)

    assert english == chinese


@pytest.mark.parametrize("page", OPERATE)
def test_every_setting_is_reported_with_its_default(page: str):
    text = text_of(page)
    for path in known_keys():
        assert f"| `{path[-1]}` |" in text if path[0] == "limits" else f"`{'.'.join(path)}`" in text, path
    for name, default in Settings().limits.model_dump().items():
        seen = ", ".join(f"{one:g}" for one in default) if isinstance(default, tuple) else f"{default:.0f}"
        assert f"| `{name}` | {seen} |" in text
    named_limits = re.findall(r"^\| `(\w+)` \|", text.split("| `[limits]` |")[1].split("\n## ")[0], re.MULTILINE)
    named_keys = re.findall(r"`((?:store|listen|log|duties|retention)\.\w+)`", text)

    assert {("limits", name) for name in named_limits} | {tuple(key.split(".")) for key in named_keys} <= set(known_keys())


@pytest.mark.parametrize("page", OPERATE)
def test_the_events_reported_are_logged(page: str):
    section = re.split("^## (?:Logs|日志)$", text_of(page), flags=re.MULTILINE)[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "src" / "hongyan").rglob("*.py"))

    assert [event for row in rows for event in re.findall(r"`(\w+)`", row) if f'"{event}"' not in source] == []


@pytest.mark.parametrize("page", OPERATE)
def test_every_exit_code_is_reported(page: str):
    seen = {int(code) for code in re.findall(r"^\| (\d+) \|", text_of(page), re.MULTILINE)}

    assert seen == {int(code) for code in Exit}


@pytest.mark.parametrize("page", OPERATE)
def test_the_metrics_reported_are_those_that_have_values(page: str):
    seen = dict(re.findall(r"^\| `(hongyan_\w+)` \| (\w+) \|", text_of(page), re.MULTILINE))
    given = set(re.findall(r'yield "(hongyan_\w+)"', text_of("src/hongyan/compose/readings.py")))

    assert set(seen) == given | {"hongyan_build_info"}
    assert seen == {name: METRICS[name][0].name.lower() for name in seen}


@pytest.mark.parametrize(("page", "language"), errors.pages())
def test_every_refusal_is_reported_with_its_cure(page: str, language: str):
    """`python -m tests.docs.errors` writes the tables anew."""
    assert text_of(page) == errors.written(page, language)


def test_every_refusal_is_some_doors():
    seen = {code for _, _, codes in errors.DOORS.values() for code in codes.split()}

    assert {code.name for code in Code} - seen == errors.ELSEWHERE


def test_every_door_has_a_page_with_calls_in_every_language():
    doors = [Path(page).stem for page in integrate_pages()[1:]]
    lacking = {
        (page, language)
        for page in doors
        for language in ("python", "php", "java", "csharp")
        if language not in {block.language for block in blocks(text_of(f"docs/integrate/{page}.md"))}
    }

    assert {door.name.partition(".")[0] for door in doors_of(DoorContext(None, None, None, None))} - {
        *doors,
        *LUSHANG,
        *V2,
    } == set()
    assert {(page, language) for page, language in lacking if page not in NO_DOORS} == set()


@pytest.mark.parametrize("page", CONFORMANCE)
def test_every_extra_of_the_conformance_kit_is_reported(page: str):
    assert set(re.findall(r"^\| `(\w+)` \|", text_of(page), re.MULTILINE)) == set(EXTRAS)


def decisions() -> list[str]:
    """The paragraphs of the design reasons, each in one line, code as one word."""
    paragraphs = text_of("docs/design-reasons.md").split("\n\n")
    return [re.sub(r"`[^`]*`", "code", " ".join(one.split())) for one in paragraphs if one.startswith("**")]


@pytest.mark.parametrize("decision", decisions(), ids=lambda decision: decision[2:40])
def test_a_decision_is_reported_in_two_to_five_sentences(decision: str):
    """The decision itself, and one to four sentences about why."""
    plain = re.sub(r"(?<=\d)\.(?=\d)", "", decision.replace("**", ""))

    assert len(re.findall(r"[.:;!?](?= |$)", plain)) >= 2
    assert len(re.findall(r"[.!?](?= |$)", plain)) <= 5
    assert len(decision) <= 700
