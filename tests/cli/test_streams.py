"""`hongyan` as a process of its own whose streams are closed, full, broken, or in a charset that lacks Chinese."""

import os
import subprocess
import sys

import orjson
import pytest


def shell(line: str, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`hongyan WORDS` with what the shell does to its streams: `"$@" >&-`."""
    command = ["sh", "-c", line, "sh", sys.executable, "-m", "hongyan", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | environment)


@pytest.mark.parametrize(
    ("closed", "printed"), [(">&-", ""), ("2>&-", '{"accounts":[]}\n'), ("<&-", '{"accounts":[]}\n'), ("<&- >&- 2>&-", "")]
)
def test_a_closed_stream_stops_no_command(data, closed, printed):
    done = shell(f'"$@" {closed}', "account", "list", "--json", "--data", str(data))

    assert (done.returncode, done.stdout) == (0, printed)


def test_what_is_printed_goes_into_no_file_of_ours(data):
    """The store must not be opened under the number of stderr."""
    for words in (("account", "topup", "nobody", "5"), ("account", "list")):
        shell('"$@" >&- 2>&-', *words, "--data", str(data))

    assert (data / "hongyan.db").read_bytes().startswith(b"SQLite format 3\0")
    assert shell('"$@"', "ledger", "verify", "--data", str(data)).returncode == 0


@pytest.mark.parametrize("words", [("version",), ("--help",), ("account", "list", "--json"), ("config", "show")])
def test_a_full_disk_behind_the_output_is_named(data, words):
    there = () if words[0] in {"version", "--help"} else ("--data", str(data))
    done = shell('"$@" > /dev/full', *words, *there)

    assert (done.returncode, done.stderr) == (1, "hongyan: cannot write the output: No space left on device\n")


def test_nothing_fails_for_what_is_said_beside_the_output(data):
    at = ("--data", str(data))

    assert shell('"$@" 2> /dev/full', "customer", "add", "7", "--name", "acme", *at).returncode == 0
    assert (
        shell('"$@" 2> /dev/full', "customer", "add", "7", "--name", "acme", *at).returncode
        == shell('"$@"', "customer", "add", "7", "--name", "acme", *at).returncode
    )


@pytest.mark.parametrize("words", [("--help",), ("config", "schema")])
def test_a_reader_that_is_gone_is_no_fault(words):
    assert shell('"$@" | true', *words).stderr == ""


def test_what_the_terminals_charset_lacks_is_escaped(data):
    at = ("--data", str(data))
    assert shell('"$@" </dev/null', "customer", "add", "7", "--name", "鸿雁😀", *at).returncode == 0
    done = shell('"$@"', "customer", "list", "--json", *at, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert orjson.loads(done.stdout)["customers"][0]["name"] == "鸿雁😀"
    assert "\\u9e3f" in shell('"$@"', "customer", "list", *at, PYTHONIOENCODING="ascii", PYTHONUTF8="0").stdout
    assert shell('"$@"', "--help", LC_ALL="zh_CN.UTF-8", PYTHONIOENCODING="ascii", PYTHONUTF8="0").returncode == 0


def test_ctrl_c_while_the_program_loads_shows_no_trace():
    scene = (
        "import runpy, sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'hongyan.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "runpy.run_module('hongyan', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", scene], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (130, "")
