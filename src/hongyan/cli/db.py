"""hongyan db: the store's schema, copies and maintenance."""

import time
from pathlib import Path
from typing import Annotated

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, argument, noun, verb
from hongyan.cli.out import form, print_one, say

app = noun("db", "The store: its schema, copies, maintenance.")


@verb(
    app,
    "status",
    "Say where the store is, which schema it has, and which this release needs.",
    "hongyan db status",
    "hongyan db status --data d --json",
)
def status(data: Data = None, config: Config = None, as_json: Json = False) -> None:
    from hongyan.compose import maintenance  # noqa: PLC0415  help does without the store

    row = maintenance.status(read_settings(data, config).settings)
    print_one(row, form(as_json))
    if row["schema"] != row["wanted"]:
        raise Stop(Exit.FOUND, "the schema is not that of this release", "hongyan db upgrade")


@verb(
    app,
    "upgrade",
    "Bring the store to this release's schema; safe to repeat.",
    "hongyan db upgrade",
    "hongyan db upgrade --data d",
)
def upgrade(data: Data = None, config: Config = None) -> None:
    from hongyan.compose.admin_store import make_store  # noqa: PLC0415  as above

    revision = make_store(read_settings(data, config).settings, time.time_ns() // 1_000_000)
    say("the store is at schema {revision}", revision=revision)


@verb(
    app,
    "backup",
    "Copy a running SQLite store into a new file, whole and consistent.",
    "hongyan db backup /backup/hongyan.db",
    "hongyan db backup copy.db --data d",
)
def backup(to: Annotated[Path, argument("The new file.")], data: Data = None, config: Config = None) -> None:
    from hongyan.compose import maintenance  # noqa: PLC0415  as above

    if to.exists():
        raise Stop(Exit.CONFLICT, "{to} is there already", "choose another name", to=to)
    maintenance.back_up(read_settings(data, config).settings, to)
    say("copied to {to}; keep hongyan.key with it, or the secrets stay shut", to=to)


@verb(app, "vacuum", "Give space of deleted rows back to the disk.", "hongyan db vacuum", "hongyan db vacuum --data d")
def vacuum(data: Data = None, config: Config = None) -> None:
    from hongyan.compose import maintenance  # noqa: PLC0415  as above

    maintenance.vacuum(read_settings(data, config).settings)
    say("done")
