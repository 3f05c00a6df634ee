"""A start with every channel paused: what a restored back-up has queued may have been sent long ago."""

from datetime import UTC, datetime

import structlog

from hongyan.compose.admin_store import CommandIds, check_store
from hongyan.compose.process_start import clock
from hongyan.compose.store_errors import store_troubles
from hongyan.compose.store_start import hold
from hongyan.model.act import Act, Actor
from hongyan.model.ids import DAY_MS, IdSource, china_day
from hongyan.model.times import CHINA
from hongyan.services.admin.channels import pause_all
from hongyan.services.queries.channel_details import all_channels
from hongyan.settings.settings import Settings
from hongyan.store.database import Database
from hongyan.store.sql.tx import SqlTx
from hongyan.workers.task_numbers import next_day_ms

log = structlog.get_logger(__name__)

TASKS_A_MS = 100
"""More task ids than are given in a millisecond on average. So many for each millisecond of the day are passed over: ids that were
given after the back-up are among them.
"""

_CURE = "hongyan channel list shows what waits; hongyan channel start NAME lets a channel send it"


def pause_first(settings: Settings) -> None:
    """Pause the channels of a store that nobody serves, before any process that sends is started. Blocks.

    So a process that sends and is started anew later does not pause them again.

    raises: StoreNotReady, PeerUnreachable, AlreadyInUse
    """
    database = Database(settings.database_url)
    with store_troubles(database.url):
        check_store(settings, database)
        ids = CommandIds(database, "held")
        hold(database)
        try:
            pause_channels(database, ids(), clock())
            ids.close()
        finally:
            database.release()


def pause_channels(database: Database, ids: IdSource, now_ms: int) -> None:
    """Pause every channel that could send; log how much waits for each, and since when. Blocks.

    Task ids go on beyond those of today that may have been given after the back-up. Called before any channel is read.
    """
    with database.transaction() as tx:
        paused = pause_all(tx, Act(Actor("system", "serve --held"), now_ms, ids))
        _skip_task_ids(tx, now_ms)
    waiting = [row for row in database.read(all_channels) if row["queued"]]
    for row in waiting:
        log.warning("channel_held", channel=row["name"], queued=row["queued"], since=_moment(row["oldest_ms"]))
    log.warning("held", paused=len(paused), queued=sum(row["queued"] for row in waiting), cure=_CURE)


def _skip_task_ids(tx: SqlTx, now_ms: int) -> None:
    """Pass over the task ids that may have been given today since the back-up."""
    counter = f"task:{china_day(now_ms)}"
    behind = (now_ms - next_day_ms(now_ms) + DAY_MS) * TASKS_A_MS - tx.read_count(counter)
    if behind > 0:
        tx.take_count(counter, behind)


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA).isoformat(" ", "seconds")
