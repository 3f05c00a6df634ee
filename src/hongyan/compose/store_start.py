"""How a process begins with its store: held on SQLite, its schema checked, a node number taken, its configuration read."""

from dataclasses import dataclass

import structlog

from hongyan.compose.admin_store import check_store
from hongyan.compose.process_start import clock
from hongyan.compose.snapshot import read_snapshot
from hongyan.compose.store_errors import store_troubles
from hongyan.compose.troubles import AlreadyInUse, StoreNotReady
from hongyan.model.ids import IdSource
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.services.admin.sealing import Sealer
from hongyan.services.steps.leases import NodeHold, hold_node
from hongyan.settings.settings import Settings
from hongyan.store.database import AlreadyRunning, Database

log = structlog.get_logger(__name__)

_NODE_TRIES = 20


@dataclass(frozen=True, slots=True)
class StoreStart:
    """What a process knows once it has begun with its store."""

    sealer: Sealer
    ids: IdSource
    snapshot: ConfigSnapshot


def start_store(settings: Settings, database: Database, owner: str) -> StoreStart:
    """Begin with the store, which is released again where that fails. Blocks.

    owner:  this process, in the table of node numbers
    raises: StoreNotReady, PeerUnreachable, AlreadyInUse
    """
    try:
        with store_troubles(database.url):
            sealer = check_store(settings, database)
            hold(database)
            database.make_partitions(clock())
            node = take_node(database, owner)
            ids = IdSource(node, database.read(lambda tx: tx.newest_made()))
            return StoreStart(sealer, ids, load_snapshot(settings, database, sealer, ConfigSnapshot()))
    except BaseException:
        database.release()
        raise


def hold(database: Database) -> None:
    """Keep other servers from this store while the process lives, on SQLite. raises: AlreadyInUse"""
    try:
        database.hold()
    except AlreadyRunning as error:
        raise AlreadyInUse(
            "a server already runs on {error}", "stop it first, or use another data folder", error=error
        ) from error


def take_node(database: Database, owner: str) -> int:
    """Take a node number that no other process has; of several that start at the same moment each tries again. Blocks.

    raises: StoreNotReady
    """
    for _ in range(_NODE_TRIES):
        with database.transaction() as tx:
            (node,) = hold_node(tx, [NodeHold(owner, None, is_alone=database.is_sqlite)])
        if node is not None:
            return node
    raise StoreNotReady(
        "{times} times another process took our node number at the same moment", "start again", times=_NODE_TRIES
    )


def load_snapshot(settings: Settings, database: Database, sealer: Sealer, last: ConfigSnapshot) -> ConfigSnapshot:
    """Read the configuration, and log whose secrets the sealing key does not open."""
    snapshot = read_snapshot(database, sealer, settings.limits, last, clock())
    if snapshot.shut and snapshot.shut != last.shut:
        log.error("secrets_shut", rows=snapshot.shut, what="the sealing key does not open their secrets; they are stopped")
    return snapshot
