"""One test for each exit code: scripts depend on them."""

import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from hongyan.cli.exits import Exit
from hongyan.services.admin import billing


def test_0_done(bare):
    done = bare("version")

    assert (done.code, done.err) == (Exit.DONE, "")
    assert done.out.startswith("hongyan ")


def test_1_failed_and_no_trace_is_shown(stocked, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("for 13800138000")

    monkeypatch.setattr(billing, "verify", broken)

    done = stocked("ledger", "verify")

    assert done.code == Exit.FAILED
    assert "Traceback" not in done.err
    assert "138****8000" in done.err
    error_id = done.err.partition('"error_id":"')[2][:8]
    assert f"something broke on our side ({error_id})" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("account", "ad"),
        ("account", "add"),
        ("route", "add", "--channel", "x", "--carrier", "mars"),
        ("trace", "1", "--most", "0"),
    ],
)
def test_2_wrong_usage(hongyan, words):
    done = hongyan(*words)

    assert (done.code, done.out) == (Exit.USAGE, "")


@pytest.mark.parametrize(
    "words",
    [
        ("account", "show", "nobody"),
        ("account", "topup", "nobody", "5"),
        ("channel", "stop", "nowhere"),
        ("route", "add", "--channel", "nowhere"),
        ("route", "remove", "99"),
        ("task", "show", "2611210000000001"),
        ("trace", "13800138000"),
        ("send", "--account", "nobody", "--to", "13800138000", "--text", "hello"),
        ("customer", "add", "8", "--name", "b", "--parent", "999"),
    ],
)
def test_3_there_is_no_such_thing(hongyan, words):
    done = hongyan(*words)

    assert (done.code, done.out) == (Exit.MISSING, "")
    assert done.err.count("\n") == 1


def test_4_settings_are_wrong(hongyan, data):
    (data / "hongyan.toml").write_text("[listen]\nprot = 1\n", encoding="utf-8")

    done = hongyan("ledger", "verify")

    assert done.code == Exit.SETTINGS
    assert "line 2: unknown key listen.prot; did you mean listen.port?" in done.err


def test_4_there_is_no_store(bare, tmp_path):
    done = bare("ledger", "verify", "--data", str(tmp_path / "none"))

    assert done.code == Exit.SETTINGS
    assert f"hongyan init --data {tmp_path / 'none'}" in done.err


def test_4_the_schema_is_another_one(hongyan, data):
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        store.execute("UPDATE alembic_version SET version_num = '0000'")
    store.close()

    done = hongyan("ledger", "verify")

    assert done.code == Exit.SETTINGS
    assert "hongyan db upgrade" in done.err


@pytest.mark.parametrize("words", ["ledger verify", "db upgrade", "serve"])
def test_4_the_program_is_older_than_the_store(hongyan, data, words):
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()

    done = hongyan(*words.split())

    assert done.code == Exit.SETTINGS
    assert "this program is older than the store" in done.err
    assert "db upgrade" not in done.err


@pytest.mark.parametrize("code", [sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM])
def test_4_the_store_may_not_be_written_by_this_user(hongyan, monkeypatch, code):
    def forbidden(*_: object) -> None:
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(billing, "verify", forbidden)

    done = hongyan("ledger", "verify")

    assert done.code == Exit.SETTINGS
    assert "may not be opened or written" in done.err
    assert "as the user that the server runs as" in done.err


@pytest.mark.parametrize(
    ("octets", "seen"),
    [
        (lambda whole: whole[:6_000], "is damaged"),
        (lambda whole: b"not a database at all, but text\n" * 50, "is damaged"),
        (lambda whole: whole[:100] + b"\xff" * 4_000 + whole[4_100:], "is damaged"),
        (lambda whole: b"", "there is nothing in the store"),
    ],
)
@pytest.mark.parametrize("words", ["ledger verify", "db status", "account list"])
def test_4_the_store_is_damaged(hongyan, data, words, octets, seen):
    file = data / "hongyan.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    file.write_bytes(octets(file.read_bytes()))

    done = hongyan(*words.split())

    assert done.code == (Exit.FOUND if (seen, words) == ("there is nothing in the store", "db status") else Exit.SETTINGS)
    if done.code == Exit.SETTINGS:
        assert seen in done.err
        assert "restore the last copy" in done.err


def test_4_a_command_with_another_key_seals_nothing(stocked, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("HONGYAN_STORE__KEY", "cd" * 32)
        done = stocked("account", "add", "second", "--userid", "8", "--secret-file", "-", stdin="s")

    assert done.code == Exit.SETTINGS
    assert "this is not the sealing key of the store" in done.err
    assert [row["name"] for row in stocked("account", "list", "--json").json["accounts"]] == ["acme"]


def test_4_the_key_is_of_another_store(stocked, data):
    (data / "hongyan.key").write_text("ab" * 32, encoding="ascii")

    done = stocked("send", "--account", "acme", "--to", "13800138000", "--text", "hello")

    assert done.code == Exit.SETTINGS
    assert "use the hongyan.key that this store was made with" in done.err


def test_4_the_folder_cannot_be_written(bare, tmp_path):
    (tmp_path / "file").write_text("", encoding="ascii")

    done = bare("init", "--data", str(tmp_path / "file" / "d"))

    assert done.code == Exit.SETTINGS
    assert "cannot write" in done.err


def test_5_the_extno_of_another_account_is_refused_when_it_is_sent_with_and_when_it_is_given(stocked):
    assert stocked("account", "add", "owner", "--userid", "8", "--secret-file", "-", "--extno", "88", stdin="abc123").code == 0

    sent = stocked("send", "--account", "acme", "--to", "13800138000", "--text", "hello【t】", "--extno", "88")
    given = stocked("account", "set", "acme", "--extno", "88")

    assert (sent.code, given.code) == (Exit.REFUSED, Exit.CONFLICT)
    assert "(1104)" in sent.err
    assert "account owner has the extno 88" in given.err


def test_5_refused_by_a_rule(stocked):
    done = stocked("send", "--account", "acme", "--to", "12", "--text", "hello")

    assert (done.code, done.out) == (Exit.REFUSED, "")
    cure = "→ mainland numbers have 11 digits and begin with 1"
    assert done.err == f"hongyan: the mobile number is not valid (1108)\n{cure}\n"


def test_5_refused_by_the_balance(stocked):
    done = stocked("account", "adjust", "acme", "--take", "1000001", "--note", "x")

    assert (done.code, done.out) == (Exit.REFUSED, "")
    assert "1000000 are free" in done.err


def test_6_a_check_found_problems(stocked, data):
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        store.execute("UPDATE wallet SET points = points + 1")
    store.close()

    done = stocked("ledger", "verify", "--json")

    assert done.code == Exit.FOUND
    assert done.json["differences"] == 1
    sums = {"points": 1000001, "entries": 1000000, "topped_up": 1000000, "topups": 1000000, "turnover": 1000000}
    assert done.json["differing"] == [{"account_id": 1, "product": 1} | sums]


def test_7_the_database_does_not_answer(hongyan, monkeypatch):
    monkeypatch.setenv("HONGYAN_STORE__URL", "postgresql://u:hushhush@127.0.0.1:1/none")

    done = hongyan("ledger", "verify")

    assert done.code == Exit.UNREACHED
    assert "postgresql://127.0.0.1:1/none" in done.err
    assert "hushhush" not in done.err


def test_7_the_server_does_not_answer(bare):
    done = bare("bench", "--url", "http://127.0.0.1:1", "--account", "a", "--userid", "1", "--secret-file", "-", stdin="s")

    assert done.code == Exit.UNREACHED


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("init",), ""),
        (("account", "add", "acme", "--userid", "7", "--secret-file", "-"), "abc123"),
        (("channel", "add", "up1", "--protocol", "loopback"), ""),
        (("customer", "add", "7", "--name", "again"), ""),
    ],
)
def test_8_it_is_there_already(stocked, words, stdin):
    done = stocked(*words, stdin=stdin)

    assert (done.code, done.out) == (Exit.CONFLICT, "")
    assert "already" in done.err


def test_8_the_port_is_in_use(bare, taken_port):
    done = bare("sim", "customer", "--port", str(taken_port))

    assert done.code == Exit.CONFLICT
    assert "cannot listen" in done.err


def test_130_interrupted(stocked, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hongyan.services.admit.admit", interrupted)

    assert stocked("send", "--account", "acme", "--to", "1", "--text", "x").code == Exit.INTERRUPTED


def test_every_code_has_its_test():
    tests = [name for name in globals() if name.startswith("test_")]

    assert {code for code in Exit if not any(name.startswith(f"test_{int(code)}_") for name in tests)} == set()


@pytest.mark.parametrize(
    "words",
    [
        ("task", "list", "--data", "LONG"),
        ("task", "list", "--config", "LONG"),
        ("init", "--data", "LONG"),
        ("demo", "--data", "LONG"),
        ("db", "backup", "LONG"),
        ("serve", "--config", "LONG"),
    ],
)
def test_a_path_that_cannot_be_used_is_named_and_is_no_fault_of_ours(bare, data, words, monkeypatch):
    monkeypatch.setenv("HONGYAN_DATA", str(data))
    done = bare(*(word.replace("LONG", "x" * 300) for word in words))

    assert (done.out, done.err.count("\n")) == ("", 1), done.err
    assert done.code in {Exit.FAILED, Exit.SETTINGS}
    assert "File name too long" in done.err


_AS_NOBODY = """
import os, sys
from hongyan.cli.app import run
run(["task", "list", "--data", "/nowhere"])  # loads all that the command needs: nobody may not read that either, perhaps
if os.geteuid() == 0:
    os.setuid(65_534)
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("words", [("--data", "locked"), ("--data", "locked/d"), ("--config", "locked/hongyan.toml")])
def test_what_this_user_may_not_read_is_said(words):
    """As somebody who looks at an installation of the service's own user. That is not root, which may read everything."""
    with tempfile.TemporaryDirectory() as folder:
        locked = Path(folder) / "locked"
        locked.mkdir(mode=0)
        Path(folder).chmod(0o755)
        command = [sys.executable, "-c", _AS_NOBODY, "task", "list", words[0], f"{folder}/{words[1]}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (done.returncode in {Exit.FAILED, Exit.USAGE}, done.stdout) == (True, "")
    assert "Permission denied" in done.stderr or "--data: this user may not read it" in done.stderr
    assert "broke" not in done.stderr


def test_a_folder_is_no_configuration(bare, tmp_path):
    done = bare("task", "list", "--config", str(tmp_path))

    assert (done.code, done.err) == (Exit.SETTINGS, f"hongyan: {tmp_path}: cannot be read: it is a folder\n")


def test_a_secret_in_no_utf_8_is_said_in_plain_words(hongyan, tmp_path):
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    done = hongyan("account", "add", "acme", "--userid", "7", "--secret-file", str(tmp_path / "secret"))

    assert done.err == f"hongyan: cannot read the secret from {tmp_path / 'secret'}: it is not UTF-8 text\n"


def test_a_top_up_of_nothing_proposes_no_correction_by_nothing(stocked):
    assert stocked("account", "topup", "acme", "0").err == "hongyan: a top-up adds points\n"
