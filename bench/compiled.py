"""Our own tree as `make compiled` builds it, for `--compiled`: its wheel unpacked, once for each state of the sources."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from bench.tools import BUILD, ROOT


def compiled_package() -> Path:
    """Returns the folder that has the compiled `hongyan`. raises: CalledProcessError where the wheel cannot be built"""
    folder = BUILD.parent / f"compiled-{_state()}"
    if not folder.exists():
        made = folder.with_suffix(".dist")
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(made)]
        environment = os.environ | {"HONGYAN_COMPILED": "2"}
        subprocess.run(build, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        (wheel,) = made.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


def _state() -> str:
    builds = [ROOT / name for name in ("pyproject.toml", "hatch_build.py", "hatch_compiled.py")]
    files = [*builds, *sorted((ROOT / "src").rglob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
