"""`hongyan service print`: the unit, as systemd reads it."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest


def directives(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_the_unit_serves_the_folder_as_the_user(bare, data):
    unit = directives(bare("service", "print", "--user", "sms", "--data", str(data)).out)
    program, *words = shlex.split(unit["ExecStart"][0])

    assert Path(program).is_file()
    assert words[-3:] == ["serve", "--data", str(data)]
    assert unit["User"] == ["sms"]
    assert unit["ReadWritePaths"] == [str(data)]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["NoNewPrivileges"] == ["yes"]


def test_what_a_restart_does_not_cure_is_not_restarted(bare, data):
    unit = directives(bare("service", "print", "--data", str(data)).out)

    assert unit["Restart"] == ["on-failure"]
    assert unit["RestartPreventExitStatus"] == ["2 4"]  # usage; settings, key or schema


@pytest.mark.parametrize(("drain_s", "stop_s"), [("10", "90"), ("60", "390")])
def test_a_stop_has_time_for_every_wait(bare, data, monkeypatch, drain_s, stop_s):
    monkeypatch.setenv("HONGYAN_LIMITS__DRAIN_S", drain_s)

    assert directives(bare("service", "print", "--data", str(data)).out)["TimeoutStopSec"] == [stop_s]


@pytest.mark.parametrize(("words", "capabilities"), [((), ""), (("--low-ports",), "CAP_NET_BIND_SERVICE")])
def test_low_ports_are_allowed_when_asked_for(bare, data, words, capabilities):
    unit = directives(bare("service", "print", "--data", str(data), *words).out)

    assert unit["AmbientCapabilities"] == unit["CapabilityBoundingSet"] == [capabilities]


@pytest.mark.parametrize(("folder", "protect"), [("/home/sms/data", "read-only"), ("/root/data", "read-only")])
def test_a_folder_in_a_home_stays_reachable(bare, folder, protect):
    assert directives(bare("service", "print", "--data", folder).out)["ProtectHome"] == [protect]


def test_the_file_of_the_store_can_be_written_where_it_is(bare, data, monkeypatch):
    monkeypatch.setenv("HONGYAN_STORE__URL", "sqlite:////srv/store/hongyan.db")

    assert directives(bare("service", "print", "--data", str(data)).out)["ReadWritePaths"] == [f"{data} /srv/store"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("name", ["plain", "with blank", "100%", "$HOME"])
def test_systemd_finds_nothing_wrong(bare, data, tmp_path, name):
    folder = data.rename(tmp_path / name)
    unit = tmp_path / "hongyan.service"
    unit.write_text(bare("service", "print", "--data", str(folder), "--low-ports").out, encoding="utf-8")

    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
