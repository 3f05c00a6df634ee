"""hongyan init: a new installation in a folder: its configuration file, its sealing key, its store.

It joins a PostgreSQL store that is in use; that needs the key with which the store was made. A failure leaves nothing behind.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

from hongyan.cli.config import read_settings, template, toml_text, write_file
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import alone, option, verb
from hongyan.cli.out import print_exact, say
from hongyan.cli.secrets import read_line
from hongyan.cli.staff import console_address, link
from hongyan.cli.store import opened
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.admin.sealing import KeyWrong
from hongyan.services.admin.staff import found_staff
from hongyan.settings.files import FILE_NAME, KEY_NAME, SQLITE_NAME
from hongyan.settings.kinds import KEY_OCTETS
from hongyan.settings.settings import Settings

app = alone()


_URL_MOST = 2_000  # characters


@verb(
    app,
    "init",
    "Make a new installation: configuration file, sealing key and store in one folder.",
    "hongyan init --data d",
    "hongyan init --data second --database-file url.txt --key-file /var/lib/hongyan/hongyan.key",
)
def init(
    data: Annotated[Path, option("The folder; made where it is new.", "--data")],
    database: Annotated[str, option("postgresql://… for PostgreSQL; SQLite in the folder without it.", "--database")] = "",
    database_file: Annotated[
        Path | None, option("File that holds that address, with its password; - reads it from stdin.", "--database-file")
    ] = None,
    key_file: Annotated[
        Path | None, option("hongyan.key of the installation to join, where the database has its store already.", "--key-file")
    ] = None,
) -> None:
    from hongyan.compose.admin_store import found_store  # noqa: PLC0415  help does without the store

    for name in (FILE_NAME, KEY_NAME):
        if (data / name).exists():
            raise Stop(
                Exit.CONFLICT,
                "{file} is there already",
                "use it, or choose another folder than {data}",
                file=data / name,
                data=data,
            )
    if database and database_file:
        raise Stop(Exit.USAGE, "--database and --database-file are both given", "give one of them")
    url = read_line(database_file, _URL_MOST) if database_file else database
    key = read_line(key_file, 2 * KEY_OCTETS) if key_file else ""
    with _whole_or_nothing(data):
        write_installation(data, url, key)
        is_new = _found(found_store, data)
    if is_new:
        say("made the store; next: hongyan account add NAME --data {data} --userid N, hongyan serve --data {data}", data=data)
        _invite_first(data)
    else:
        say("joined the store that was there; next: hongyan serve --data {data}", data=data)


def _invite_first(data: Path) -> None:
    """Make the first of the staff; the link is printed only here."""
    file = data / FILE_NAME
    invitation = new_bearer()
    with opened(data, file) as admin:
        name = admin.change(found_staff, invitation)
    if name is not None:
        say("open this once the server runs, within three days; it sets the password of {name} and opens once:", name=name)
        print_exact(link(invitation, console_address(data, file)))


def _found(found_store: Callable[[Settings, int], bool], data: Path) -> bool:
    try:
        return found_store(read_settings(data, data / FILE_NAME).settings, time.time_ns() // 1_000_000)
    except KeyWrong as error:
        raise Stop(
            Exit.CONFLICT,
            "the database has a store already, made with another sealing key",
            "join it with the hongyan.key of its installation: --key-file FILE; or use another database",
        ) from error


@contextmanager
def _whole_or_nothing(data: Path) -> Iterator[None]:
    """Remove what was made in the folder, and the folder itself, if the rest fails."""
    made = [data / name for name in (FILE_NAME, KEY_NAME, *(f"{SQLITE_NAME}{end}" for end in ("", "-wal", "-shm", "-journal")))]
    made = [path for path in made if not path.exists()]
    folders = [folder for folder in (data, *data.parents) if not folder.exists()]
    try:
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):  # it was not made
                path.unlink()
        with suppress(OSError):  # somebody put something into it meanwhile
            for folder in folders:
                folder.rmdir()
        raise


def write_installation(data: Path, database: str = "", key: str = "") -> None:
    """Write the key, if there is none, and the configuration file. raises: Stop"""
    if not (data / KEY_NAME).exists():
        write_file(data / KEY_NAME, (key or secrets.token_hex(KEY_OCTETS)) + "\n")
    write_file(data / FILE_NAME, template(store_url=toml_text(database)) if database else template())
