"""Help: complete, with examples, in both languages; and no option that would take a secret."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from rich.cells import cell_len

from hongyan.cli import app as cli
from hongyan.cli.help import help_of, name_of, words_of
from hongyan.i18n import _, language
from hongyan.model.account import AccountChange
from hongyan.model.channel_options import OPTIONS

ROOT: Any = typer.main.get_command(cli.app)
CJK = re.compile("[\u4e00-\u9fff]")
NOUNS = (
    "config db service customer account listener session site channel code route task report reply"
    " callback job alarm ledger pdu word blacklist sign template sim text64 tms zipbatch staff token approval audit message"
)
ALONE = "demo init serve send statement stats trace bench conformance version ready tail openapi"


def verbs(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its words."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from verbs(inner, (*words, name))
    if not getattr(command, "commands", None):
        yield " ".join(words), command


VERBS = dict(verbs(ROOT))


def test_the_nouns_are_those_of_the_manual():
    assert set(ROOT.commands) == {*NOUNS.split(), *ALONE.split()}


LOADED = """
import sys
from hongyan.cli.app import run
run(sys.argv[1:])
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("version", {"hongyan.cli.store", "aiohttp", "pydantic_settings"}),
        ("pdu decode --help", {"sqlalchemy", "psycopg", "aiohttp"}),
    ],
)
def test_a_command_loads_no_other(words, others):
    done = subprocess.run([sys.executable, "-c", LOADED, *words.split()], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.splitlines()[-1].split())
    assert f"hongyan.cli.{words.split()[0]}" in loaded
    assert {"hongyan.cli.account", "hongyan.cli.demo", *others} & loaded == set()


@pytest.mark.parametrize("words", VERBS)
def test_every_verb_says_what_it_does_with_two_examples(words):
    verb = VERBS[words]
    examples = verb.epilog.split("\n\n")[1:]

    assert verb.help.endswith(".")
    assert len(examples) == 2
    assert all(example.startswith(f"hongyan {words}") for example in examples)


@pytest.mark.parametrize("words", VERBS)
def test_the_examples_of_a_verb_can_be_pasted(words):
    """Every option they name is one of the verb's, and its arguments are there."""
    verb = VERBS[words]
    known = {name for parameter in verb.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for example in verb.epilog.split("\n\n")[1:]:
        said = shlex.split(re.split(r" [<>|] ", example)[0])

        assert {word for word in said if re.match("--[a-z]", word)} <= known
        verb.make_context(words, said[1 + len(words.split()) :], resilient_parsing=False)


@pytest.mark.parametrize("words", VERBS)
def test_every_argument_has_a_plain_name(words):
    arguments = [name_of(one) for one in VERBS[words].params if one.param_type_name == "argument"]

    assert [name for name in arguments if not re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)*…?", name)] == []


@pytest.mark.parametrize("words", VERBS)
def test_every_option_is_explained(words):
    assert [parameter.name for parameter in VERBS[words].params if not parameter.help] == []


@pytest.mark.parametrize("words", [*VERBS, ""])
def test_help_is_asked_for_in_the_same_way_whoever_asks(words):
    """Typer keeps the option that it makes first; a context without a parent must make the same."""
    command = VERBS.get(words, ROOT)
    (option,) = [
        one for one in command.get_params(command.make_context("hongyan", [], resilient_parsing=True)) if "--help" in one.opts
    ]

    assert set(option.opts) == {"-h", "--help"}  # Click keeps them in a set, whose order is that of the process


@pytest.mark.parametrize("words", VERBS)
def test_no_option_takes_a_secret(words):
    """Arguments are seen by every user of a machine; secrets come from a file, stdin or a prompt."""
    names = {parameter.name for parameter in VERBS[words].params}

    assert not names & {"secret", "password", "key", "token"}


def test_the_settings_of_a_protocol_that_are_read_are_named():
    (setting,) = [parameter for parameter in VERBS["channel add"].params if parameter.opts == ["--option"]]

    assert [name for name in OPTIONS if name not in setting.help] == []


def test_help_is_chinese_where_the_person_is(monkeypatch):
    texts = [verb.help for verb in VERBS.values()]
    texts += [noun.help for noun in ROOT.commands.values()]
    texts += [
        parameter.help
        for verb in (*VERBS.values(), ROOT)
        for parameter in verb.get_params(verb.make_context("hongyan", [], resilient_parsing=True))
    ]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert [text for text in texts if not CJK.search(_(text))] == []


@pytest.mark.parametrize(
    ("names", "wanted"),
    [({}, "en"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "de_DE"}, "en"), ({"LANG": "zh_TW", "LC_ALL": "C.UTF-8"}, "en")],
)
def test_the_language_is_that_of_the_environment(monkeypatch, names, wanted):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)

    assert language() == wanted


def test_help_is_data_and_ends_with_0(bare):
    done = bare("account", "add", "--help")

    assert done.code == 0
    assert "--secret-file" in done.out


def test_a_wrong_verb_is_met_with_the_likely_one(bare):
    done = bare("account", "ad")

    assert done.code == 2
    assert done.err == "hongyan: there is no command ad\n→ did you mean hongyan account add?\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("account show", "NAME is missing\n→ Usage: hongyan account show [OPTIONS] NAME\n"),
        (
            "account list --jsonn",
            "there is no option --jsonn; did you mean --json, --jsonl?\n→ Usage: hongyan account list [OPTIONS]\n",
        ),
        ("account list -x", "there is no option -x\n→ Usage: hongyan account list [OPTIONS]\n"),
        ("account list --json=1", "--json takes no value\n"),
        ("trace x --hours", "--hours needs a value\n"),
        ("trace x --most 0", "--most takes N, 1 to 100000\n→ Usage: hongyan trace [OPTIONS] WHAT\n"),
        ("trace x --most many", "--most takes N, 1 to 100000\n→ Usage: hongyan trace [OPTIONS] WHAT\n"),
        ("account set acme --format yaml", "--format takes xml|json\n→ Usage: hongyan account set [OPTIONS] NAME\n"),
        ("account list a b", "there is nothing that a b could be\n→ Usage: hongyan account list [OPTIONS]\n"),
        ("account topup acme -100", "a top-up adds points\n→ hongyan account adjust acme --take 100 --note WHY\n"),
        ("account topup -100 acme --json", "a top-up adds points\n→ hongyan account adjust acme --take 100 --note WHY\n"),
        ("account topup acme -- -100", "a top-up adds points\n→ hongyan account adjust acme --take 100 --note WHY\n"),
        ("nothing", "there is no command nothing\n→ hongyan --help\n"),
        ("--no-color", "the command line is not whole\n→ Usage: hongyan [OPTIONS] COMMAND …\n"),
    ],
)
def test_wrong_usage_says_what_to_write(bare, words, found):
    done = bare(*words.split())

    assert (done.code, done.out) == (2, "")
    assert done.err == f"hongyan: {found}"


@pytest.mark.parametrize("words", ["", "account", "ledger"])
def test_a_noun_alone_is_met_with_its_help(bare, words):
    done = bare(*words.split())

    assert done.code == 2
    assert done.out.startswith(f"Usage: hongyan{' ' * bool(words)}{words} [OPTIONS] COMMAND …\n")
    assert done.err == ""


COMMANDS = {"": ROOT, **ROOT.commands, **VERBS}


@pytest.mark.parametrize("words", COMMANDS)
def test_no_name_is_cut_at_80_columns(bare, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "80")
    command = COMMANDS[words]

    lines = bare(*words.split(), "--help").out.splitlines()

    shown = "\n".join(lines).partition("\nExamples:")[0]
    names = {
        name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("-")
    }
    assert names <= set(re.findall(r"(?<![\w-])-[\w-]+", shown))
    assert set(getattr(command, "commands", {})) <= set(re.findall(r"(?m)^  ([\w-]+)", shown))
    examples = {f"  {example}" for example in (command.epilog or "").split("\n\n")[1:]}
    assert examples <= set(lines)
    assert [line for line in lines if cell_len(line) > 80 and line not in examples] == []


def test_chinese_help_fits_too(monkeypatch):
    """A character takes two columns there."""
    verb = VERBS["account show"]
    monkeypatch.setattr(verb, "help", "为账号" * 40)

    lines = help_of(verb, verb.make_context("show", ["acme"]), 78).splitlines()

    assert [cell_len(line) for line in lines[2:6]] == [78, 78, 78, 6]


def _help(words: str) -> str:
    command = VERBS[words]
    context = command.make_context(words, [], resilient_parsing=True)
    return re.sub(r"\s+", " ", help_of(command, context, 78))


@pytest.mark.parametrize("words", VERBS)
def test_the_words_that_an_argument_may_be_are_named(words):
    shown = _help(words)

    assert [
        word for one in VERBS[words].params if one.param_type_name == "argument" for word in words_of(one) if word not in shown
    ] == []


def test_words_that_are_typed_in_english_stand_beside_their_chinese(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    shown = (_help("account set") + _help("alarm set")).replace(" ", "")

    assert "[prepaid预付费,postpaid后付费]" in shown
    assert "number以扩展号结尾的完整号码" in shown
    assert "channel_down通道断开" in shown


def test_english_words_need_no_meaning_in_english():
    assert "prepaid prepaid" not in _help("account set")
    assert "[smpp" not in _help("account set")


def test_settings_stand_in_the_groups_of_their_forms():
    shown = _help("account set")

    places = [shown.index(f" {group.title}: --") for group in AccountChange.groups]
    assert places == sorted(places)
    assert shown.index(" Options: ") > places[-1]
    assert shown.index(" Pushes: --") < shown.index("--callback ") < shown.index(" Sessions: --")
