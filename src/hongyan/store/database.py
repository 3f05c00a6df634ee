"""The store of one process: its address, its lanes, and connections for short transactions and long reads."""

import fcntl
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from hongyan.store import migrate, partitions
from hongyan.store.engine.checkpoint import Checkpointer
from hongyan.store.engine.commit_outcome import was_committed
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.lane import Lane
from hongyan.store.engine.loop_lane import LoopLane
from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.sqlite_connection import LANE_CACHE_KIB, SqliteConnection
from hongyan.store.engine.syncer import Syncer
from hongyan.store.engine.thread_lane import ThreadLane
from hongyan.store.engine.wake import Waker
from hongyan.store.sql.hourly import KnownCodes
from hongyan.store.sql.tx import SqlTx

Answer = TypeVar("Answer")


class AlreadyRunning(Exception):
    """Another `serve` has this SQLite file open."""


class SchemaWrong(Exception):
    """The database does not have this release's schema: (found, wanted)."""

    def __init__(self, found: str | None, wanted: str) -> None:
        super().__init__(f"the database is at schema {found or 'none'}, this release needs {wanted}")
        self.found, self.wanted = found, wanted


class Database:
    """Made from an address: sqlite:///path or postgresql://…"""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = migrate.sqlite_path(url)
        self._lock: IO[str] | None = None
        self._checkpointer: Checkpointer | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.path is not None

    def connect(self, *, read_only: bool = False) -> Connection:
        if self.path is not None:
            return SqliteConnection(self.path, read_only=read_only)
        return PostgresConnection(self.url, read_only=read_only)

    def upgrade(self, now_ms: int) -> str:
        """Bring the schema to this release, and make partitions; returns the revision."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        reached = migrate.upgrade(self.url)
        self.make_partitions(now_ms)
        return reached

    def make_partitions(self, now_ms: int) -> int:
        if self.is_sqlite:
            return 0
        connection = PostgresConnection(self.url)
        try:
            return partitions.make_ahead(connection, now_ms)
        finally:
            connection.close()

    def forget_months(self, before_ms: int, now_ms: int, take_ids: partitions.TakeIds) -> list[str]:
        """Drop months that PostgreSQL keeps and that are older; returns the names of the partitions."""
        if self.is_sqlite:
            return []
        connection = PostgresConnection(self.url)
        try:
            return partitions.drop_before(connection, before_ms, now_ms, take_ids)
        finally:
            connection.close()

    def kept_from_ms(self, before_ms: int) -> int:
        """Returns the moment from which everything is kept, if things older than `before_ms` may go. PostgreSQL keeps whole
        months.
        """
        return before_ms if self.is_sqlite else partitions.month_start_ms(before_ms)

    def schema(self) -> str | None:
        """Returns the revision of its schema; None if it is empty."""
        return migrate.revision(self.url)

    def check_schema(self) -> None:
        """raises: SchemaWrong"""
        found, wanted = self.schema(), migrate.wanted()
        if found != wanted:
            raise SchemaWrong(found, wanted)

    def hold(self) -> None:
        """Lock this SQLite file against a second `serve` while this process lives. raises: AlreadyRunning"""
        if self.path is None:
            return
        lock = Path(f"{self.path}.lock").open("w")  # noqa: SIM115 held until the process ends
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise AlreadyRunning(str(self.path)) from error
        self._lock = lock

    def waker(self, heard: Mapping[str, Callable[[Iterable[int]], None]]) -> Waker | None:
        """Returns how processes wake each other on PostgreSQL; None on SQLite, which has one process. Called on the event loop."""
        return None if self.is_sqlite else Waker(self.url, heard)

    def release(self) -> None:
        """Release the lock, after the lanes have stopped."""
        if self._checkpointer is not None:
            self._checkpointer.stop()
            self._checkpointer = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def lane(self, name: str, broken: Callable[[], None]) -> Lane:
        """Make a lane. On SQLite there is one at a time, with a thread that looks after its log.

        broken: called on the event loop when the disk refused to keep what was committed
        """
        transaction = partial(SqlTx, known_codes=KnownCodes())
        if self.path is None:
            return ThreadLane(name, self.connect, transaction)
        self._checkpointer = Checkpointer(self.path)
        self._checkpointer.start()
        connect = partial(SqliteConnection, self.path, busy_s=0, syncs=False, cache_kib=LANE_CACHE_KIB)
        return LoopLane(name, connect, transaction, Syncer(self.path, broken), self._checkpointer.after_commit)

    @contextmanager
    def transaction(self, *, syncs: bool = True) -> Iterator[SqlTx]:
        """Run one short transaction of its own, for commands, for start-up and for the console. raises: CommitUnknown

        syncs: on SQLite, whether the commit waits for the disk; not needed for what may be done again
        """
        writer = self.writer(syncs=syncs)
        try:
            with writer.transaction() as tx:
                yield tx
        finally:
            writer.close()

    def writer(self, *, syncs: bool = True) -> "Writer":
        """Returns a writer for repeated short transactions. syncs: as of `transaction`"""
        if syncs or self.path is None:
            return Writer(self.connect, self.connect)
        return Writer(partial(SqliteConnection, self.path, syncs=False), self.connect)

    def read(self, what: Callable[[SqlTx], Answer]) -> Answer:
        """Run a read in one snapshot of its own; blocks, so the event loop calls it in a thread."""
        reader = self.reader()
        try:
            return reader.read(what)
        finally:
            reader.close()

    def reader(self) -> "Reader":
        """Returns a reader that keeps its connection: PostgreSQL needs 5 ms of CPU for a new one."""
        return Reader(partial(self.connect, read_only=True))

    def readers(self, most: int) -> "Readers":
        """Returns readers for several threads, which keep their connections."""
        return Readers(self.reader, most)


class Reader:
    """One connection for reads by one thread at a time. After a failure the next read has a new connection."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None

    def read(self, what: Callable[[SqlTx], Answer]) -> Answer:
        """Run a read in one snapshot of its own; blocks."""
        connection = self._connection = self._connection or self._connect()
        try:
            connection.plain("BEGIN" if connection.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            answer = what(SqlTx(connection))
            connection.rollback()
        except BaseException:
            self.close()
            raise
        return answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Writer:
    """One connection for short transactions by one thread at a time. After a failure the next one has a new connection."""

    def __init__(self, connect: Callable[[], Connection], ask: Callable[[], Connection]) -> None:
        """ask: opens the connection on which it is asked whether a commit took place whose answer was lost"""
        self._connect, self._ask = connect, ask
        self._connection: Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[SqlTx]:
        """raises: CommitUnknown"""
        connection = self._connection = self._connection or self._connect()
        try:
            with connection.transaction():
                tx = SqlTx(connection)
                yield tx
                tx.before_commit()
        except Exception:
            took = was_committed(connection, self._ask)
            self.close()
            if not took:
                raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Readers:
    """Readers, of which a few stay open. Each read has one for itself."""

    def __init__(self, make: Callable[[], Reader], most: int) -> None:
        self._make, self._most = make, most
        self._free: deque[Reader] = deque()  # so that the caller's threads may use them at the same time

    def read(self, what: Callable[[SqlTx], Answer]) -> Answer:
        """Run a read in one snapshot of its own; blocks."""
        try:
            reader = self._free.pop()
        except IndexError:
            reader = self._make()
        try:
            return reader.read(what)
        finally:
            self._free.append(reader)
            if len(self._free) > self._most:
                self._free.popleft().close()

    def close(self) -> None:
        while self._free:
            self._free.pop().close()
