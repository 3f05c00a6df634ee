"""The store for administration: short transactions through the same services, which running processes see."""

import asyncio
import getpass
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Concatenate, ParamSpec, TypeVar

from hongyan.compose.snapshot import SnapshotReader
from hongyan.compose.store_errors import store_troubles, without_login
from hongyan.compose.troubles import AlreadyInUse, StoreNotReady
from hongyan.model.act import Act, Actor
from hongyan.model.ids import NODES, IdSource, china_day, name_task
from hongyan.model.refusal import Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.policy.numbers import published_prefixes
from hongyan.ports.tx import Tx
from hongyan.services.admin.command_counts import count_command
from hongyan.services.admin.sealing import Sealer
from hongyan.services.key import KEY, hold_key
from hongyan.services.steps.accept import accept
from hongyan.services.steps.leases import NodeHold, hold_node
from hongyan.settings.settings import Settings
from hongyan.store import migrate
from hongyan.store.database import Database, Readers, SchemaWrong

P = ParamSpec("P")
Result = TypeVar("Result")

_FIRST_NODE = NODES - 64
"""Commands make ids with the upper node numbers; processes that serve take the lower ones."""


class CommandIds:
    """Ids of a node number that nobody else has while a command lasts; it is taken when the first id is asked for."""

    def __init__(self, database: Database, who: str = "cli") -> None:
        self._database = database
        self._owner = f"{who}:{os.getpid()}:{secrets.token_hex(4)}"
        self._source: IdSource | None = None

    def __call__(self) -> IdSource:
        """raises: StoreNotReady"""
        self._source = self._source or self._take()
        return self._source

    def _take(self) -> IdSource:
        for number in secrets.SystemRandom().sample(range(_FIRST_NODE, NODES), NODES - _FIRST_NODE):
            with self._database.transaction() as tx:
                (held,) = hold_node(tx, [NodeHold(self._owner, number)])
                newest = tx.newest_made()
            if held is not None:
                return IdSource(held, newest)
        raise StoreNotReady("every node number for commands is taken", "wait a minute and try again")

    def renew(self) -> None:
        """Keep the number, in a process that lives for long. raises: AlreadyInUse if another process has taken it"""
        if self._source is not None:
            with self._database.transaction() as tx:
                (held,) = hold_node(tx, [NodeHold(self._owner, self._source.node)])
            if held is None:
                raise AlreadyInUse("another process has our node number")

    def close(self) -> None:
        if self._source is not None:
            with self._database.transaction() as tx:
                tx.drop_node(self._source.node, self._owner)


class DatabaseAdminStore:
    """Implements ports.admin.AdminStore: each call is a transaction of its own, in a thread beside the event loop."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        sealer: Sealer,
        take_ids: Callable[[], IdSource],
        actor: Actor,
        readers: Readers | None = None,
    ) -> None:
        """take_ids: returns ids; it may begin a transaction
        readers:  for frequent reads
        """
        self.settings, self.database, self.sealer = settings, database, sealer
        self._take_ids, self._actor, self._readers = take_ids, actor, readers
        self._snapshot = SnapshotReader(database, sealer, settings.limits)

    def acting(self, actor: Actor) -> "DatabaseAdminStore":
        other = copy(self)
        other._actor = actor  # noqa: SLF001  of our own class
        return other

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def snapshot(self) -> ConfigSnapshot:
        return await asyncio.to_thread(self._snapshot.read, self.now_ms())

    async def change(self, service: Callable[Concatenate[Tx, Act, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        def change() -> Result:
            act = Act(self._actor, self.now_ms(), self._take_ids())  # before the transaction begins: SQLite has one writer
            with self.database.transaction() as tx:
                return service(tx, act, *args, **kwargs)

        return await asyncio.to_thread(change)

    async def read(self, service: Callable[Concatenate[Tx, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        read = self._readers.read if self._readers else self.database.read
        return await asyncio.to_thread(read, lambda tx: service(tx, *args, **kwargs))

    async def accept(self, admission: Admission) -> Accepted:
        """raises: Refusal"""

        def step(tx: Tx, act: Act) -> Accepted | Exception:
            day = china_day(act.now_ms)
            number = tx.take_count(f"task:{day}", 1) - 1
            admission.task_id, admission.sms_id = name_task(day, number, secrets.token_hex(8))
            (answer,) = accept(
                tx,
                [admission],
                now_ms=act.now_ms,
                ids=act.ids,
                snapshot=ConfigSnapshot(prefixes=published_prefixes()),
                parcel_messages=self.settings.limits.parcel_messages,
            )
            if isinstance(answer, Accepted):
                count_command(tx, admission.submission.product, answer)
            return answer

        answer = await self.change(step)
        if isinstance(answer, Refusal):
            raise answer
        assert isinstance(answer, Accepted)
        return answer


def make_store(settings: Settings, now_ms: int) -> str:
    """Make the store, or upgrade it to this release's schema; returns the revision. Safe to repeat.

    raises: StoreNotReady, PeerUnreachable, KeyWrong
    """
    database, sealer = Database(settings.database_url), Sealer(settings.sealing_key)
    with store_troubles(database.url):
        _refuse_newer(database)
        revision = database.upgrade(now_ms)
        _check_key(database, sealer)
    return revision


def found_store(settings: Settings, now_ms: int) -> bool:
    """Make the store of a new installation, or join an existing one, which needs its key; returns whether it was made.

    raises: StoreNotReady, PeerUnreachable, KeyWrong
    """
    database = Database(settings.database_url)
    with store_troubles(database.url):
        if database.schema() is None:
            make_store(settings, now_ms)
            return True
        check_store(settings, database)
    return False


@contextmanager
def open_admin_store(settings: Settings) -> Iterator[DatabaseAdminStore]:
    """Open the store at this release's schema. raises: StoreNotReady, …"""
    database = Database(settings.database_url)
    with store_troubles(database.url):
        sealer, ids = check_store(settings, database), CommandIds(database)
        try:
            yield DatabaseAdminStore(settings, database, sealer, ids, Actor("cli", getpass.getuser()))
        finally:
            ids.close()


def check_store(settings: Settings, database: Database) -> Sealer:
    """Check that the store exists, has this release's schema, and that the key is its own; returns the sealer with this key.

    raises: StoreNotReady with the command that mends it, SettingsInvalid, KeyWrong
    """
    if database.path is not None and not database.path.is_file():
        raise StoreNotReady(
            "there is no store at {path}", "hongyan init --data {folder}", path=database.path, folder=database.path.parent
        )
    _refuse_newer(database)
    try:
        database.check_schema()
    except SchemaWrong as error:
        if error.found is None:
            raise StoreNotReady(
                "there is nothing in the store {store}",
                "restore the last copy; or, for a new one: hongyan db upgrade",
                store=without_login(database.url),
            ) from error
        raise StoreNotReady("{store}: {error}", "hongyan db upgrade", store=without_login(database.url), error=error) from error
    sealer = Sealer(settings.sealing_key)
    _check_key(database, sealer)
    return sealer


def _refuse_newer(database: Database) -> None:
    """raises: StoreNotReady if a newer release has used it"""
    found = database.schema()
    if found is not None and migrate.is_newer(found):
        raise StoreNotReady(
            "this program is older than the store {store}: it knows schemas up to {wanted}, the store is at {found}",
            "use the release that the store was brought to, or a newer one; the store was not touched",
            store=without_login(database.url),
            wanted=migrate.wanted(),
            found=found,
        )


def _check_key(database: Database, sealer: Sealer) -> None:
    """raises: KeyWrong"""
    if database.read(lambda tx: tx.read_fact(KEY)) != sealer.fingerprint:
        with database.transaction() as tx:
            hold_key(tx, sealer)
