"""deploy/: what a machine without containers can hold it to. Its commands and paths exist, and its processes run and share a store."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from bench.tools import free_port

from hongyan import __version__
from hongyan.cli import app as cli
from hongyan.settings.load import load
from hongyan.settings.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "hongyan"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STEPS = [tuple(line.split(None, 1)) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
PATIENCE_S = 60.0


def all_of(step: str) -> list[str]:
    return [rest for word, rest in STEPS if word == step]


def test_the_image_is_built_of_what_is_copied_into_it(tmp_path):
    copied = [word for rest in all_of("COPY") if not rest.startswith("--from") for word in rest.split()[:-1]]
    for name in copied:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (build,) = re.findall(r"/opt/build/bin/(hatchling build .*?) &&", DOCKERFILE)
    subprocess.run([sys.executable, "-m", *build.split()], cwd=tmp_path, check=True, capture_output=True)

    assert [wheel.name for wheel in tmp_path.glob("dist/*")] == [f"hongyan-{__version__}-py3-none-any.whl"]
    for lock in ("requirements.lock", "requirements-npm.lock"):
        assert f"--require-hashes --only-binary :all: -r {lock}" in DOCKERFILE
    assert re.search(r"https?://(?!127\.)", DOCKERFILE) is None  # no registry is named


def test_the_image_runs_as_a_user_that_owns_only_the_data():
    final = STEPS[[place for place, (word, _) in enumerate(STEPS) if word == "FROM"][-1] :]
    words = dict(final)

    assert words["USER"] != "root"
    assert "--uid 700" in words["RUN"]  # to this user docs/operate.md assigns the secrets
    assert f"--owner {words['USER']}" in words["RUN"]
    assert words["VOLUME"] in words["RUN"]
    assert f"HONGYAN_DATA={words['VOLUME']}" in words["ENV"]
    assert json.loads(words["ENTRYPOINT"]) == ["hongyan"]


def test_the_ports_are_those_of_the_settings():
    listen = Settings().listen

    assert all_of("EXPOSE") == [str(listen.port)]
    assert '"hongyan", "ready"' in "".join(all_of("HEALTHCHECK"))  # which asks the port of the settings
    assert OURS["doors"]["ports"] == [f"{listen.port}:{listen.port}"]


@pytest.mark.parametrize("words", [json.loads(all_of("CMD")[0]), *(service["command"] for service in OURS.values())])
def test_every_command_can_be_given(words):
    command: Any = typer.main.get_command(cli.app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]

    command.make_context("hongyan", list(words))


def test_every_secret_is_declared_and_read_from_its_file(tmp_path, monkeypatch):
    declared = {name: secret["file"] for name, secret in COMPOSE["secrets"].items()}
    seen = {name: service.get("secrets", []) for name, service in COMPOSE["services"].items()}
    made = re.findall(r"> (secrets/\w+)", (ROOT / "docs" / "operate.md").read_text(encoding="utf-8"))

    assert {name for names in seen.values() for name in names} == set(declared)
    assert set(declared.values()) == set(made)
    for name, service in COMPOSE["services"].items():
        files = [value for value in service["environment"].values() if value.startswith("/run/secrets/")]
        assert {Path(file).name for file in files} == set(seen[name])
    for name, value in OURS["doors"]["environment"].items():
        monkeypatch.setenv(name, value)
    store = load({"data": tmp_path}).settings.store
    assert (str(store.url_file), str(store.key_file)) == ("/run/secrets/store_url", "/run/secrets/store_key")


def test_every_process_may_do_little_and_has_time_to_stop():
    for service in OURS.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert {"context", "dockerfile"} == set(service["build"])
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    unit = subprocess.run(
        [sys.executable, "-m", "hongyan", "service", "print"], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    (stop_s,) = re.findall(r"TimeoutStopSec=(\d+)", unit)
    assert {service["stop_grace_period"] for name, service in OURS.items() if name != "schema"} == {f"{stop_s}s"}


def test_its_processes_share_one_store(make_postgres_database, tmp_path):
    """The commands of compose.yaml with its environment, on a real PostgreSQL; only paths and ports are of this machine."""
    secrets = {"store_url": make_postgres_database("deploy"), "store_key": "5a" * 32}
    for name, text in secrets.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HONGYAN_")}
    (data := tmp_path / "data").mkdir(mode=0o700)

    def words(name: str) -> tuple[list[str], dict[str, str]]:
        service = OURS[name]
        environment = {key: value.replace("/run/secrets", str(tmp_path)) for key, value in service["environment"].items()}
        command = [word if word != "8080" else str(free_port()) for word in service["command"]]
        own = {"HONGYAN_DATA": str(data), "HONGYAN_LISTEN__OPS_PORT": str(free_port()), "LC_ALL": "C.UTF-8"}
        return [sys.executable, "-m", "hongyan", *command], {**clean, **environment, **own}

    for _ in range(2):  # every start brings the store to its schema
        command, environment = words("schema")
        subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, timeout=PATIENCE_S)
    running: list[subprocess.Popen[str]] = []
    try:
        for name in ("doors", "links"):
            command, environment = words(name)
            process = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
            running.append(process)
            for line in process.stderr:
                if '"event":"started"' in line:
                    break
            assert process.poll() is None, name
            (check,) = all_of("HEALTHCHECK")
            asked = json.loads(check.partition("CMD ")[2])
            ready = [sys.executable, "-m", *asked]
            subprocess.run(ready, env=environment, cwd=tmp_path, check=True, capture_output=True, timeout=PATIENCE_S)
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0
    finally:
        for process in running:
            process.kill()
            process.communicate()
