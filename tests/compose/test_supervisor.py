"""`serve --processes 2` from outside: who is forked again, who ends with whom, and what the command says."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from bench import processes
from tests.survive.house import House

PATIENCE_S = 30.0
IN_TWO = {"HONGYAN_DUTIES__PROCESSES": "2"}
DOORS, WRITER = "hongyan-doors", "hongyan-writer"


def until(claim):
    limit = time.monotonic() + PATIENCE_S
    while not (found := claim()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    return found


def named(house, name):
    return processes.named((child.pid for child in house._children.values()), name)


def is_open(house, path="livez"):
    with suppress(OSError):
        return urllib.request.urlopen(f"http://127.0.0.1:{house.port}/{path}", timeout=PATIENCE_S).status == 200


def log_of(house):
    return house.log.read_text(encoding="utf-8")


@pytest.fixture
def house(tmp_path):
    with House(tmp_path / "data", environment=IN_TWO) as house:
        house.start()
        yield house


@pytest.mark.parametrize("victim", [DOORS, WRITER])
def test_a_process_that_is_killed_comes_back_and_the_ports_stay_open(house, victim):
    [other] = {DOORS, WRITER} - {victim}
    [killed], [kept] = named(house, victim), named(house, other)

    house.kill_named(victim)

    assert is_open(house)  # whoever connects meanwhile waits
    [again] = until(lambda: named(house, victim) - {killed})
    until(house._is_ready)
    assert again != killed
    assert named(house, other) == {kept}
    assert '"event":"process_killed"' in log_of(house)
    house.stop()


def test_a_stop_drains_the_doors_before_the_writer_and_ends_with_success(house):
    house.stop()

    logged = log_of(house)
    assert logged.index('"event":"doors_stopped"') < logged.index('"event":"stopped"')
    assert '"level":"error"' not in logged


def test_a_stop_of_the_whole_group_is_the_same(house):
    """A terminal and a service manager send the signal to everybody."""
    everybody = [named(house, name).pop() for name in (DOORS, WRITER)]
    for pid in everybody:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    assert is_open(house)

    house.stop()
    assert '"level":"error"' not in log_of(house)


def test_both_end_when_the_process_that_watches_them_is_killed(house):
    everybody = named(house, DOORS) | named(house, WRITER)

    house.kill()

    until(lambda: not any(processes.is_running(pid) for pid in everybody))


def test_certificates_are_read_again_at_a_hangup(house):
    [server] = house._children.values()
    server.send_signal(signal.SIGHUP)
    assert is_open(house)
    assert named(house, DOORS)


@pytest.mark.parametrize("taken", ["port", "ops_port"])
def test_a_port_that_is_taken_ends_it_with_one_line_and_its_exit_code(tmp_path, taken):
    with House(tmp_path / "data", environment=IN_TWO) as house, socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ports = {"port": (port, house._ops_ports[0]), "ops_port": (house.port, port)}[taken]
        house.port, house._ops_ports[0] = ports
        with pytest.raises(TimeoutError, match=r"exit codes \[8\]"):
            house.start()
        assert log_of(house).count("cannot listen on") == 1


def test_channels_are_held_at_the_start_and_not_when_the_writer_comes_back(tmp_path):
    with House(tmp_path / "data", environment=IN_TWO) as house:
        house.command("channel", "add", "c1", "--protocol", "loopback")
        command = [house.python, "-m", "hongyan", "serve", "--data", str(house.folder), "--held"]
        command += ["--port", str(house.port), "--ops-port", str(house._ops_ports[0])]
        with house.log.open("ab") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | IN_TWO, cwd=Path.cwd())
        house._children[""] = child
        until(house._is_ready)
        house.command("channel", "start", "c1")
        house.kill_named(WRITER)
        until(lambda: log_of(house).count('"event":"started"') == 2)
        until(house._is_ready)

        assert '"state":"running"' in house.command("channel", "show", "c1", "--json").replace(" ", "")
        house.stop()
