"""What strangers wrote is shown, and cannot act on the terminal of the person who reads it."""

import ast
import io
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hongyan import cli
from hongyan.cli import out, recorded
from hongyan.logs.lines import set_up_logs
from hongyan.logs.printable import printable, printable_json
from hongyan.settings.sections.log import LogFormat, LogLevel

EVIL = "\x1b]0;owned\x07\x1b[2J\nfeigned\x9b31m\u202etxt\u2066\u200b\u2028[bold]x[/nope] :smile: 好"
SEEN = r"\x1b]0;owned\x07\x1b[2J\nfeigned\x9b31m\u202etxt\u2066\u200b\u2028[bold]x[/nope] :smile: 好"

ROOMS_OWN = {"out.py", "help.py", "streams.py"}
"""The files that write to the terminal; `help` only measures text by it, and `streams` opens it."""


def unseen(text: str) -> set[str]:
    return {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 好 é 👍", "plain 好 é 👍"),
        ("\u3000wide\xa0", "\u3000wide\xa0"),  # blanks are seen
        ("\0\t\r\n\x1b\x7f", r"\x00\t\r\n\x1b\x7f"),
        ("\x80\x9b", r"\x80\x9b"),
        ("\u200e\u202e\u2066\u061c\ufeff\xad", r"\u200e\u202e\u2066\u061c\ufeff\xad"),
        ("\u2028\u2029\ud800\U000e0041", r"\u2028\u2029\ud800\U000e0041"),
        (EVIL, SEEN),
    ],
)
def test_what_is_not_seen_is_written_as_an_escape(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_a_printable_text_has_nothing_unseen(text):
    assert not unseen(printable(text))
    assert printable(printable(text)) == printable(text)


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_json_keeps_its_value(value):
    line = printable_json(orjson.dumps(value).decode())

    assert orjson.loads(line) == value
    assert not unseen(line)


@pytest.fixture
def troubled(stocked, data):
    """An installation to which strangers wrote: a push answer, a refusal's code, a carrier's id, a code nobody explained."""
    stocked("send", "--account", "acme", "--to", "13800138000", "--text", "hello【t】")
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        (message,) = store.execute("SELECT id FROM message").fetchone()
        store.execute("UPDATE message SET state = 11, code = ?, segments = 1", (EVIL,))
        store.execute("INSERT INTO segment VALUES (?, 1, 0, 1, ?, 2, ?, 1, 2)", (message, EVIL, EVIL))
        store.execute("INSERT INTO owed VALUES (?, 1, 1, 1, 2, 1, 1, ?)", (message, message + 1))
        store.execute("INSERT INTO attempt VALUES (?, 1, 1, 1, 'http://c.example/', 2, 200, ?, 5)", (message + 1, EVIL))
        store.execute("INSERT INTO unknown_code VALUES (1, ?, 1, 1, 2)", (EVIL,))
    store.close()
    return stocked


@pytest.mark.parametrize(
    "words", [("trace", "13800138000"), ("trace", "13800138000", "--full"), ("callback", "list", "acme"), ("code", "unknown")]
)
def test_no_stranger_writes_to_the_terminal(troubled, words):
    done = troubled(*words)

    assert done.code == 0
    assert unseen(done.out) == {"\n"}
    assert r"\x1b]0;owned\x07" in done.out


@pytest.mark.parametrize("words", [("trace", "13800138000"), ("callback", "list", "acme"), ("code", "unknown")])
def test_json_has_what_strangers_wrote_letter_by_letter(troubled, words):
    done = troubled(*words, "--json")

    assert EVIL in str_values(done.json)
    assert unseen(done.out) == {"\n"}


def str_values(found: object) -> list[str]:
    if isinstance(found, dict):
        return [text for value in found.values() for text in str_values(value)]
    if isinstance(found, list):
        return [text for value in found for text in str_values(value)]
    return [found] if isinstance(found, str) else []


def test_a_pdu_of_a_stranger_is_one_line(stocked, monkeypatch):
    pdu = {"way": "in", "pdu": "BIND", "connection": 1, "at_ms": 1_770_000_000_000, "login": EVIL}
    monkeypatch.setattr(recorded, "fetched", lambda _: {"pdus": [pdu]})

    done = stocked("channel", "pdus", "up1")

    assert done.out.count("\n") == 1
    assert SEEN in done.out


def test_a_refusal_names_what_was_said_in_one_line(stocked):
    done = stocked("account", "show", EVIL)

    assert (done.code, done.err.count("\n")) == (3, 1)
    assert unseen(done.err) == {"\n"}


def test_a_table_takes_no_markup(capsys):
    out.print_rows("rows", [{"[red]name": "[bold]x[/nope] :smile:"}], out.Form.TABLE)

    assert capsys.readouterr().out.split("\n")[:2] == ["[red]name             ", "[bold]x[/nope] :smile:"]


@pytest.mark.parametrize("form", [LogFormat.TEXT, LogFormat.JSON])
def test_a_log_line_is_one_line(form):
    stream = io.StringIO()
    set_up_logs(LogLevel.INFO, form, stream)

    structlog.get_logger().warning("receipt_unknown", channel=EVIL, pieces=[EVIL], **{EVIL: 1})

    assert unseen(stream.getvalue()) == {"\n"}
    assert stream.getvalue().count("\n") == 1
    if form is LogFormat.JSON:
        assert orjson.loads(stream.getvalue())["channel"] == EVIL


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "a\u202eb", "a\x9bb", "", " a", "a ", "x" * 129])
@pytest.mark.parametrize(
    "words",
    [
        ("account", "add", "{}", "--userid", "8", "--secret-file", "-"),
        ("account", "add", "fine", "--userid", "8", "--secret-file", "-", "--customer", "{}"),
        ("customer", "add", "8", "--name", "{}"),
        ("channel", "add", "{}", "--protocol", "loopback"),
        ("site", "set", "any", "--brand", "{}"),
        ("sign", "add", "acme", "{}"),
        ("word", "add", "{}"),
        ("template", "add", "acme", "text【t】", "--number", "{}"),
    ],
)
def test_a_name_has_nothing_unseen(stocked, words, name):
    if not name and words[0] in {"account", "template"} and words[1:3] != ("add", "{}"):
        pytest.skip("means: none was given")
    if name.strip() != name and words[0] in {"sign", "word"}:
        pytest.skip("blanks round it are left out")

    done = stocked(*(word.replace("{}", name) for word in words), stdin="abc123")

    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("path", sorted(Path(cli.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_one_place_writes_to_the_terminal(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    written = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)}

    assert path.name in ROOMS_OWN or not written & {"print", "sys.stdout", "sys.stderr", "typer.echo", "typer.secho", "Console"}
