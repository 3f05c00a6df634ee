"""`serve --processes 2` from outside: who is forked again, who ends with whom, and what the command says."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from bench import processes
from tests.compose.claims import PATIENCE_S, until
from tests.survive.installations import InlineInstallation

IN_TWO = {"HONGYAN_DUTIES__PROCESSES": "2"}
DOORS, WRITER = "hongyan-doors", "hongyan-writer"


def named(installation, name):
    return processes.named((child.pid for child in installation._children.values()), name)


def is_open(installation, path="livez"):
    with suppress(OSError):
        return urllib.request.urlopen(f"http://127.0.0.1:{installation.port}/{path}", timeout=PATIENCE_S).status == 200


def state_of(installation, channel):
    return json.loads(installation.command("channel", "show", channel, "--json"))["state"]


def log_of(installation):
    return installation.log.read_text(encoding="utf-8")


@pytest.fixture
def installation(tmp_path):
    with InlineInstallation(tmp_path / "data", environment=IN_TWO) as installation:
        installation.start()
        yield installation


@pytest.mark.parametrize("victim", [DOORS, WRITER])
def test_a_process_that_is_killed_comes_back_and_the_ports_stay_open(installation, victim):
    [other] = {DOORS, WRITER} - {victim}
    [killed], [kept] = named(installation, victim), named(installation, other)

    installation.kill_named(victim)

    assert is_open(installation)  # connections wait meanwhile
    [again] = until(
        lambda: alone if len(alone := named(installation, victim) - {killed}) == 1 else None
    )  # its console is renamed
    until(installation._is_ready)
    assert again != killed
    assert named(installation, other) == {kept}
    assert '"event":"process_killed"' in log_of(installation)
    installation.stop()


def test_a_stop_drains_the_doors_before_the_writer_and_ends_with_success(installation):
    installation.stop()

    logged = log_of(installation)
    assert logged.index('"event":"doors_stopped"') < logged.index('"event":"stopped"')
    assert '"level":"error"' not in logged


def test_a_stop_of_the_whole_group_is_the_same(installation):
    """A terminal and a service manager send the signal to everybody."""
    everybody = [named(installation, name).pop() for name in (DOORS, WRITER)]
    for pid in everybody:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    assert is_open(installation)

    installation.stop()
    assert '"level":"error"' not in log_of(installation)


def test_both_end_when_the_process_that_watches_them_is_killed(installation):
    everybody = named(installation, DOORS) | named(installation, WRITER)

    installation.kill()

    until(lambda: not any(processes.is_running(pid) for pid in everybody))


def test_certificates_are_read_again_at_a_hangup(installation):
    [server] = installation._children.values()
    server.send_signal(signal.SIGHUP)
    assert is_open(installation)
    assert named(installation, DOORS)


@pytest.mark.parametrize("taken", ["port", "ops_port"])
def test_a_port_that_is_taken_ends_it_with_one_line_and_its_exit_code(tmp_path, taken):
    with (
        InlineInstallation(tmp_path / "data", environment=IN_TWO) as installation,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        port = other.getsockname()[1]
        ports = {"port": (port, installation._ops_ports[0]), "ops_port": (installation.port, port)}[taken]
        installation.port, installation._ops_ports[0] = ports
        with pytest.raises(TimeoutError, match=r"exit codes \[8\]"):
            installation.start()
        assert log_of(installation).count("cannot listen on") == 1


def test_channels_are_held_at_the_start_and_not_when_the_writer_comes_back(tmp_path):
    """Also if the writer is killed before it has opened the store."""
    with InlineInstallation(tmp_path / "data", environment=IN_TWO) as installation:
        installation.command("channel", "add", "c1", "--protocol", "loopback")
        command = [installation.python, "-m", "hongyan", "serve", "--data", str(installation.folder), "--held"]
        command += ["--port", str(installation.port), "--ops-port", str(installation._ops_ports[0])]
        with installation.log.open("ab") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | IN_TWO, cwd=Path.cwd())
        installation._children[""] = child
        installation.kill_named(WRITER)
        until(installation._is_ready)
        assert state_of(installation, "c1") == "paused"
        assert log_of(installation).count('"event":"started"') == 1
        installation.command("channel", "start", "c1")
        installation.kill_named(WRITER)
        until(lambda: log_of(installation).count('"event":"started"') == 2)
        until(installation._is_ready)

        assert state_of(installation, "c1") == "running"
        installation.stop()
