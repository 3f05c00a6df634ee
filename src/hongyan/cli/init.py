"""hongyan init: a new installation in a folder: its configuration file, its sealing key, its store."""

import secrets
import time
from pathlib import Path
from typing import Annotated

from hongyan.cli.config import read_settings, template, toml_text, write_file
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import option
from hongyan.cli.out import say
from hongyan.settings import FILE_NAME, KEY_NAME, KEY_OCTETS

TOLD = "Make a new installation: configuration file, sealing key and store in one folder."
EXAMPLES = ("hongyan init --data d", "hongyan init --data /var/lib/hongyan --database postgresql://hongyan@db.internal/hongyan")


def init(
    data: Annotated[Path, option("The folder; made where it is new.", "--data")],
    database: Annotated[str, option("postgresql://… for PostgreSQL; SQLite in the folder without it.", "--database")] = "",
) -> None:
    from hongyan.compose.office import make_store  # noqa: PLC0415  help does without the store

    for name in (FILE_NAME, KEY_NAME):
        if (data / name).exists():
            raise Stop(
                Exit.CONFLICT,
                "{file} is there already",
                "use it, or choose another folder than {data}",
                file=data / name,
                data=data,
            )
    write_installation(data, database)
    settings = read_settings(data, data / FILE_NAME).settings
    make_store(settings, time.time_ns() // 1_000_000)
    say("made the store; next: hongyan account add NAME --data {data} --userid N, hongyan serve --data {data}", data=data)


def write_installation(data: Path, database: str = "") -> None:
    """The key, where there is none, and the configuration file. raises: Stop"""
    if not (data / KEY_NAME).exists():
        write_file(data / KEY_NAME, secrets.token_hex(KEY_OCTETS) + "\n")
    write_file(data / FILE_NAME, template(store_url=toml_text(database)) if database else template())
