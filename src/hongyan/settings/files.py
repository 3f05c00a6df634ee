"""The files of an installation: which settings file is used, and how a file is read."""

import os
from pathlib import Path

from hongyan.settings.problems import Sentence, SettingsInvalid

FILE_NAME = "hongyan.toml"
KEY_NAME = "hongyan.key"
SQLITE_NAME = "hongyan.db"
SYSTEM_FILE = Path("/etc/hongyan") / FILE_NAME
PREFIX = "HONGYAN_"
"""Of the environment's variables."""


def find_file(config: Path | None, data: object) -> Path | None:
    """Returns the file that is used. One that was named must exist; a folder in its place, or a link to nothing, is returned too, to be
    refused when it is read, since without a file the defaults would hold.
    """
    named = config or (Path(os.environ[f"{PREFIX}CONFIG"]) if os.environ.get(f"{PREFIX}CONFIG") else None)
    if named is not None:
        if not named.exists():
            raise SettingsInvalid([Sentence("{file}: there is no such file", {"file": named})])
        return named
    places = [Path(str(data)) / FILE_NAME] if data else []
    return next((place for place in (*places, Path(FILE_NAME), SYSTEM_FILE) if place.is_symlink() or place.exists()), None)


def read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # editors on Windows put a mark in front
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(
            [Sentence("{file}: cannot be read: {reason}", {"file": file, "reason": _reason(error)})]
        ) from error


def _reason(error: Exception) -> Sentence | OSError:
    match error:
        case FileNotFoundError():
            return Sentence("there is no such file", {})
        case IsADirectoryError():
            return Sentence("it is a folder", {})
        case PermissionError():
            return Sentence("this user may not read it", {})
        case OSError():
            return error
    return Sentence("it is not UTF-8 text", {})
