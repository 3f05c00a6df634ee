"""`hongyan serve` and `hongyan demo` as people start them: processes of their own, ended by signals."""

import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson
import pytest

PATIENCE_S = 60.0  # for a machine that does other things too


@contextmanager
def process(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """`hongyan WORDS` until the block is left; killed if it does not end by itself."""
    command = [sys.executable, "-m", "hongyan", *words]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def end_of(*words: str) -> tuple[int, str]:
    """How a process that cannot begin ended: its code, and what stood in the way, up to the details."""
    with process(*words) as running:
        _, err = running.communicate(timeout=PATIENCE_S)
        (seen,) = [line for line in err.splitlines() if line.startswith("hongyan: ")]
        return running.returncode, re.split(r" on /|: the", seen.removeprefix("hongyan: "))[0]


def read_until(stream: IO[str], is_it: Callable[[str], bool]) -> list[str]:
    """The lines up to the one that is sought; what comes later stays in the stream."""
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if is_it(line):
            return lines
    raise AssertionError("".join(lines))


def get(url: str, data: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, data, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_serve_runs_until_it_is_asked_to_stop(data):
    words = ("serve", "--data", str(data), "--host", "127.0.0.1", "--port", "0", "--ops-port", "0")
    with process(*words) as running:
        *_, line = read_until(running.stderr, lambda line: '"event":"started"' in line)
        started = orjson.loads(line)
        door, ops = started["doors"]

        assert get(f"http://127.0.0.1:{ops}/readyz") == (200, "ok\n")
        assert get(f"http://127.0.0.1:{ops}/livez") == (200, "ok\n")
        assert "hongyan_build_info" in get(f"http://127.0.0.1:{ops}/metrics")[1]
        assert "<returnsms>" in get(f"http://127.0.0.1:{door}/sms.aspx")[1]

        assert end_of(*words) == (8, "a server already runs")

        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=PATIENCE_S)
        assert (running.returncode, out) == (0, "")
        assert orjson.loads(err.splitlines()[-1])["event"] == "stopped"


@pytest.mark.parametrize("flag", ["--port", "--ops-port"])
def test_serve_names_a_port_that_is_in_use(data, taken_port, flag):
    ports = {"--port": "0", "--ops-port": "0"} | {flag: str(taken_port)}
    words = ("serve", "--data", str(data), "--host", "127.0.0.1", *(word for pair in ports.items() for word in pair))

    assert end_of(*words) == (8, f"cannot listen on 127.0.0.1:{taken_port}")


def test_serve_names_a_file_that_it_may_not_write(data):
    (data / "hongyan.db.lock").mkdir()

    code, said = end_of("serve", "--data", str(data), "--host", "127.0.0.1", "--port", "0", "--ops-port", "0")

    assert code == 4
    assert said == f"cannot use {data}/hongyan.db.lock: Is a directory"


def test_serve_without_an_installation_says_what_to_do(bare, tmp_path):
    done = bare("serve", "--data", str(tmp_path / "none"))

    assert done.code == 4
    assert f"hongyan init --data {tmp_path / 'none'}" in done.err


def test_a_demo_leaves_a_store_alone_that_is_served_or_is_no_demos(stocked, data):
    ports = ("--port", "0", "--ops-port", "0")
    assert end_of("demo", "--data", str(data), *ports) == (4, f"the store in {data} is no demo's")

    with process("serve", "--data", str(data), "--host", "127.0.0.1", *ports) as running:
        read_until(running.stderr, lambda line: '"event":"started"' in line)
        assert end_of("demo", "--data", str(data), *ports) == (8, "a server already runs")
    assert [row["name"] for row in stocked("account", "list", "--json").json["accounts"]] == ["acme"]


LIFE = ["accepted", "queued", "submitted", "answered", "receipt", "ended", "pushed"]


def test_the_lines_that_demo_prints_work_as_pasted(tmp_path, bare):
    with process("demo", "--data", str(tmp_path / "demo"), "--port", "0", "--ops-port", "0") as running:
        welcome = read_until(running.stdout, lambda line: "demo-push&" in line)
        send, pull, send_failing, send_pushed = [shlex.split(line) for line in welcome if line.startswith("  curl ")]

        assert "<returnstatus>Success</returnstatus>" in curl(send)
        assert wait_for(lambda: curl(pull), "<errorcode>DELIVRD</errorcode>")
        assert "<returnstatus>Success</returnstatus>" in curl(send_failing)
        pull_trial = [word.replace("userid=12&account=demo&", "userid=14&account=demo-trial&") for word in pull]
        assert wait_for(lambda: curl(pull_trial), "<errorcode>UNDELIV</errorcode>")
        assert "<returnstatus>Success</returnstatus>" in curl(send_pushed)
        *_, received = read_until(running.stderr, lambda line: "customer received" in line)
        assert re.search(r"report of 130\*\*\*\*0000, task \d{16}: 10 DELIVRD", received)

        assert wait_for(lambda: bare("trace", "13000130000", "--data", str(tmp_path / "demo"), "--json").out, '"pushed"')
        (found,) = bare("trace", "13000130000", "--data", str(tmp_path / "demo"), "--json").json["traces"]
        assert [step["event"] for step in found["steps"]] == LIFE
        assert (found["state"], found["code"]) == ("delivered", "DELIVRD")

        running.send_signal(signal.SIGINT)
        running.communicate(timeout=PATIENCE_S)
        assert running.returncode == 0


def curl(words: list[str]) -> str:
    """Do what `curl URL -d DATA` does."""
    name, url, flag, body = words
    assert (name, flag) == ("curl", "-d")
    return get(url, body.encode())[1]


def wait_for(ask: Callable[[], str], sought: str) -> bool:
    """Ask until the answer holds what is sought; the receipt takes its second."""
    return any(sought in ask() for _ in range(2_000))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("carrier", "--protocol", "cmpp3", "--port", "0"), "cmpp3 carrier on 127.0.0.1:"),
        (("carrier", "--protocol", "smgp", "--port", "0"), "smgp carrier on 127.0.0.1:"),
        (("carrier", "--protocol", "mm7", "--port", "0"), "mm7 carrier on 127.0.0.1:"),
        (("customer", "--port", "0", "--answer", "error"), "customer on http://127.0.0.1:"),
    ],
)
def test_simulators_run_alone_until_they_are_asked_to_stop(words, said):
    with process("sim", *words) as running:
        assert said in running.stderr.readline()
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=PATIENCE_S)

        assert (running.returncode, out) == (0, "")
        assert err.startswith("0 ")


@pytest.mark.parametrize(
    ("answer", "code", "outcome"), [("1", 0, "taken"), ("other", 0, "taken"), ("error", 6, "refused"), ("drop", 6, "unreached")]
)
def test_a_callback_is_tried_without_storing_anything(stocked, answer, code, outcome):
    with process("sim", "customer", "--port", "0", "--answer", answer, "--jsonl") as customer:
        url = customer.stderr.readline().rpartition(" ")[2].strip()
        stocked("account", "set", "acme", "--callback", url)

        done = stocked("callback", "test", "acme", "--json")

        assert (done.code, done.json["outcome"], done.json["url"]) == (code, outcome, url)
        assert orjson.loads(customer.stdout.readline())["mobile"] == "13800138000"
    assert stocked("callback", "list", "acme", "--json").json == {"pushes": []}


def test_a_carrier_is_asked_about_what_it_took(stocked):
    with process("sim", "carrier", "--protocol", "smpp", "--port", "0") as carrier:
        port = carrier.stderr.readline().rpartition(":")[2].strip()
        stocked("channel", "set", "up1", "--host", "127.0.0.1", "--port", port)

        unknown = stocked("channel", "query", "up1", "--id", "123")
        cancelled = stocked("channel", "cancel", "up1", "--id", "123", "--json")
        no_words = stocked("channel", "query", "up1", "--day", "20261125")

    assert (unknown.code, cancelled.code, no_words.code) == (7, 6, 7)
    assert "0x67" in unknown.err
    assert cancelled.json == {"cancelled": False, "status": "0x11"}
    assert "smpp cannot say a day's numbers" in no_words.err
    assert stocked("channel", "query", "nobody", "--id", "1").code == 3
    assert stocked("channel", "query", "up1").code == 2


def test_an_account_without_an_address_has_nothing_to_try(stocked):
    stocked("account", "set", "acme", "--callback", "")

    done = stocked("callback", "test", "acme")

    assert done.code == 6
    assert "hongyan account set acme --callback" in done.err


def test_a_script_that_cannot_be_followed_is_wrong_usage(bare, tmp_path):
    script = Path(tmp_path / "faults.toml")
    script.write_text("[[rule]]\ndo = 'dance'\n", encoding="utf-8")

    done = bare("sim", "carrier", "--protocol", "smpp", "--port", "0", "--script", str(script))

    assert done.code == 2
    assert "rule 1: `do` is one of" in done.err
