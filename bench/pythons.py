"""Another Python of this machine, with what Hongyan needs: for measuring both in the same run."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench.tools import BUILD, ROOT

_NEWEST_MINOR = 30


class NoPythonError(RuntimeError):
    """There is no newer Python to be measured."""


def has_newer(chosen: str = "") -> bool:
    return _found(chosen) is not None


def newer_python(chosen: str = "") -> Path:
    """The interpreter of an environment with the locked packages: of the Python that is chosen, else of the newest on PATH.

    The environment stands in `build/` and is made once. raises: NoPythonError; CalledProcessError where a package does not install
    """
    found = _found(chosen)
    if found is None:
        raise NoPythonError(f"{chosen} does not run" if chosen else "no Python on PATH is newer than this one: see --python")
    python, version = found
    folder = BUILD.parent / f"python-{version}"
    if not (folder / "installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        subprocess.run([*pip, "-r", ROOT / "requirements.lock"], check=True)
        (folder / "installed").touch()
    return folder / "bin" / "python"


def _found(chosen: str) -> tuple[str, str] | None:
    """The interpreter and its version."""
    minors = range(_NEWEST_MINOR, sys.version_info.minor, -1)
    for name in [chosen] if chosen else [f"python3.{minor}" for minor in minors]:
        path = shutil.which(name)
        if path and (version := _version(path)):
            return path, version
    return None


def _version(python: str) -> str:
    """Such as 3.13.0; empty where it does not run, as a shim of what is not installed."""
    said = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"], check=False, capture_output=True, text=True
    )
    return said.stdout.strip() if said.returncode == 0 else ""
