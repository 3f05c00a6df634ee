"""What `make dist` and `make compiled` build, installed where the clone is not: `hongyan demo` runs, and `hongyan conformance` finds
nothing wrong.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PATIENCE_S = 120.0  # for a machine that does other things too
NEWEST = subprocess.run(
    [ROOT / ".ci" / "newest-python", sys.executable], capture_output=True, text=True, check=True
).stdout.strip()

COMPILED_ROOMS = (
    "adapters",
    "carriers",
    "compose",
    "doors",
    "formats",
    "http",
    "model",
    "policy",
    "push",
    "services",
    "sessions",
    "sockets",
    "store",
    "wire",
    "workers",
)

UNREACHED = ("No matching distribution found", "Max retries exceeded", "Name or service not known")
"""What pip says where no registry answers, or none has a package built for this Python."""


def environment(folder: Path) -> dict[str, str]:
    """That of a shell which knows nothing of this one: no settings, no path to the source."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HONGYAN_", "PYTHON", "LC_", "LANG"))}
    return kept | {"HOME": str(folder), "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and source archive, built as `make dist` builds them."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder], cwd=ROOT, check=True, capture_output=True
    )
    return folder


def wheel_in(folder: Path) -> Path:
    (wheel,) = folder.glob("hongyan-*.whl")
    return wheel


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("hongyan/")}


def test_the_wheel_holds_every_file_of_the_package(dist):
    """Code, tables, migrations, words, py.typed: whatever is kept under src/."""
    kept = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    assert {name.removeprefix("src/") for name in kept if (ROOT / name).exists()} - names_in(wheel_in(dist)) == set()


def test_the_wheel_holds_what_browsers_load(dist):
    """Fetched while it was built; at run time nothing is."""
    taken = json.loads((SOURCE / "hongyan" / "web" / "package.json").read_text(encoding="utf-8"))["taken"]
    files = {f"hongyan/web/static/vendor/{taken['names'].get(name, Path(name).name)}.gz" for name in taken["files"]}

    assert files | {"hongyan/web/static/vendor/LICENSES.txt"} <= names_in(wheel_in(dist))


def test_the_source_archive_builds_the_same_wheel(dist, tmp_path):
    (archive,) = dist.glob("hongyan-*.tar.gz")
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", tmp_path], check=True)
    (tree,) = tmp_path.iterdir()
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path / "built"]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)

    assert names_in(wheel_in(tmp_path / "built")) == names_in(wheel_in(dist))


@pytest.mark.parametrize("python", [sys.executable, NEWEST], ids=["the running Python", "the newest Python"])
def test_an_installed_wheel_runs_the_demo_and_conforms(dist, tmp_path, python):
    if not python:
        pytest.skip("no newer Python is on the path")
    hongyan = installed(python, wheel_in(dist), tmp_path / "installed")
    clean = environment(tmp_path)
    version = subprocess.run([hongyan, "version"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=True).stdout
    chinese = {**clean, "LC_ALL": "zh_CN.UTF-8"}
    seen = subprocess.run([hongyan, "--help"], cwd=tmp_path, env=chinese, capture_output=True, text=True, check=True).stdout

    assert version.split()[1:] == [wheel_in(dist).name.split("-")[1], "pure"]
    assert "短信平台服务器" in seen
    demo_conforms(hongyan, tmp_path)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of `make compiled`, built without optimising, which takes the compiler a third of the time.

    It is built once for all workers: two builds would write into the same folder of the tree.
    """
    if shutil.which(sysconfig.get_config_var("CC").split()[0]) is None:
        pytest.skip("no C compiler is installed")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", shared / "compiled"]
    with (shared / "compiled.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "compiled").exists():
            subprocess.run(build, cwd=ROOT, env=os.environ | {"HONGYAN_COMPILED": "0"}, check=True, capture_output=True)
    return wheel_in(shared / "compiled")


@pytest.mark.soak
def test_a_compiled_wheel_runs_the_demo_and_conforms(compiled, tmp_path):
    hongyan = installed(sys.executable, compiled, tmp_path / "installed")
    version = subprocess.run([hongyan, "version", "--json"], cwd=tmp_path, capture_output=True, check=True).stdout

    assert json.loads(version)["build"] == "compiled"
    demo_conforms(hongyan, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("room", COMPILED_ROOMS)
def test_compiled_modules_pass_the_tests_of_a_room(compiled, tmp_path, room):
    with zipfile.ZipFile(compiled) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not soak", f"tests/{room}"]
    asked = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=asked, capture_output=True, text=True, timeout=10 * PATIENCE_S, check=False)

    assert done.returncode == 0, done.stdout[-4000:]


def demo_conforms(hongyan: Path, folder: Path) -> None:
    """Assert that the demo runs, that nothing is wrong with its doors, and that it ends."""
    clean = environment(folder)
    demo = subprocess.Popen(
        [hongyan, "demo", "--data", folder / "demo", "--port", "0", "--ops-port", "0"],
        cwd=folder,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        asked = [hongyan, "conformance", "--url", door_of(demo), "--account", "demo", "--userid", "12", "--secret-file", "-"]
        done = subprocess.run(
            asked, cwd=folder, env=clean, input="abc123", capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=PATIENCE_S)
    finally:
        demo.kill()
        demo.communicate()

    assert done.returncode == 0, done.stdout + done.stderr
    passed, failed, _ = map(int, re.findall(r"\d+", done.stdout.splitlines()[-1]))
    assert passed > 100
    assert failed == 0
    assert demo.returncode == 0


def installed(python: str, wheel: Path, folder: Path) -> Path:
    """The command of an environment that holds the wheel and what the lock names, as docs/operate.md makes it."""
    subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
    pip = [
        folder / "bin" / "pip",
        "--disable-pip-version-check",
        "install",
        "--no-compile",
    ]  # what is imported is compiled then
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", ROOT / "requirements.lock"]
    done = subprocess.run([*pip, *locked], cwd=folder, capture_output=True, text=True, timeout=5 * PATIENCE_S, check=False)
    if done.returncode and any(sign in done.stderr for sign in UNREACHED):
        pytest.skip(f"the packages of the lock cannot be had here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)
    found = shutil.which("hongyan", path=folder / "bin")
    assert found is not None
    return Path(found)


def door_of(demo: "subprocess.Popen[str]") -> str:
    """Returns the address of the doors from the demo's first lines."""
    for line in demo.stdout:
        if found := re.search(r"curl '(http://127\.0\.0\.1:\d+)/", line):
            return found[1]
    raise AssertionError("the demo ended")
