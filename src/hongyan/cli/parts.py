"""Writes the parts of an MMS into a folder."""

from collections.abc import Sequence
from pathlib import Path

from hongyan.cli.exits import Exit, Stop


def write_parts(folder: Path, parts: Sequence[tuple[str, bytes]]) -> None:
    """Write the parts. Only the last piece of a stranger's name is used, and no existing file is overwritten.

    raises: Stop CONFLICT
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (written, data) in enumerate(parts, 1):
            name = written.replace("\\", "/").rpartition("/")[2].strip(".") or str(number)
            with (folder / name).open("xb") as file:
                file.write(data)
    except (OSError, ValueError) as error:
        raise Stop(
            Exit.CONFLICT, "cannot write into {folder}: {error}", "name an empty folder", folder=folder, error=error
        ) from error
