"""Compiles the catalogues of translations: into a wheel, and beside their sources for an installation that can be edited."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  Hatch's signature
        compile_catalogues(Path(self.root))


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
