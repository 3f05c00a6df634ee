"""Which Python the tests run on besides the usual one (.ci/newest-python)."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / ".ci" / "newest-python"


def fake(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("used", "there", "broken", "found"),
    [
        (11, (11, 13, 14), (), "python3.14"),
        (11, (13, 14), (14,), "python3.13"),  # Debian has a Python without ensurepip where python3-venv is missing
        (11, (9, 11, 12), (), ""),
        (13, (11, 13), (), ""),
        (13, (13, 20), (), "python3.20"),
        (11, (), (), ""),
    ],
)
def test_the_newest_python_that_is_newer_is_found(tmp_path, used, there, broken, found):
    usual = fake(tmp_path, "usual", f"echo {used}")
    for minor in there:
        fake(tmp_path, f"python3.{minor}", "exit 1" if minor in broken else "exit 0")
    fake(tmp_path, "python3.14-config", "exit 0")

    done = subprocess.run(
        [SCRIPT, usual], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )

    seen = done.stdout.strip()
    assert seen == (str(tmp_path / found) if found else "")


def test_where_the_name_on_the_path_starts_nothing_the_one_of_pyenv_is_found(tmp_path):
    shims, versions = tmp_path / "shims", tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin"
    for folder in (shims, versions):
        folder.mkdir(parents=True)
    usual = fake(tmp_path, "usual", "echo 11")
    fake(shims, "python3.13", "exit 127")
    real = fake(versions, "python3.13", "exit 0")

    done = subprocess.run(
        [SCRIPT, usual],
        env={"PATH": f"{shims}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == str(real)
