"""A server of PostgreSQL that dies while it commits: what it remembers afterwards decides, and nothing else."""

import threading
from contextlib import contextmanager, suppress
from time import sleep

import psutil
import psycopg
import pytest
from tests.scene import NOW
from tests.survive.postmaster import postmaster

from hongyan.store.database import Database
from hongyan.store.engine.commit_mark import WRITE_MARK
from hongyan.store.engine.commit_outcome import was_committed
from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.statement import Single
from hongyan.store.sql.tx import SqlTx

COUNTER = "tried"
OTHERS = 30
"""Commits after the crash: more than enough to be given the lost transaction's number again."""

_STATUS = Single("SELECT pg_xact_status(CAST(:number AS xid8))")


@pytest.fixture(scope="module")
def server():
    with postmaster() as server:
        Database(server.uri).upgrade(NOW)
        yield server


def add(database, counter, times):
    for _ in range(times):
        with database.transaction() as tx:
            tx.take_count(counter, 1)


class Dying(PostgresConnection):
    """Its server dies when COMMIT is to be sent, or when it was answered, and comes back."""

    def __init__(self, server, when):
        super().__init__(server.uri)
        self._server, self._when = server, when
        self.number = ""  # what PostgreSQL called the transaction

    def commit(self):
        [[self.number]] = self.plain("SELECT CAST(pg_current_xact_id() AS text)")
        if self._when == "before":
            self._committing = self._mark = self._mark.next()  # as if COMMIT was sent behind it
            self.run(WRITE_MARK, writer=self._mark.writer, number=self._mark.number)
        else:
            super().commit()
            self._committing = self._mark  # as if the answer never came
        self._server.kill()
        self._server.start()
        self.plain("SELECT 1")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_whose_server_died_is_known_by_its_mark_and_not_by_a_number_that_is_given_again(server, when):
    database = Database(server.uri)
    add(database, when, 1)
    server.hold_log()
    dying = Dying(server, when)
    with pytest.raises(psycopg.OperationalError), dying.transaction():
        SqlTx(dying).take_count(when, 1)
    add(database, when, OTHERS)

    assert database.read(lambda tx: tx.db.run(_STATUS, number=dying.number)) == [("committed",)]  # of another, or its own
    assert was_committed(dying, database.connect) is (when == "after")
    assert database.read(lambda tx: tx.read_count(when)) == 1 + OTHERS + (when == "after")


def test_a_lost_session_is_ended_before_its_row_is_read(postgres_store):
    """Its COMMIT lies unread: the row would not have the mark, and have it a moment later."""
    database, lost = postgres_store, PostgresConnection(postgres_store.url)
    add(database, COUNTER, 1)
    session = psutil.Process(lost.raw.info.backend_pid)
    lost.begin()
    SqlTx(lost).take_count(COUNTER, 1)
    session.suspend()
    with committing(lost):
        asked = database.connect()
        assert [asked.outcome(lost.committing) for _ in range(3)] == [None] * 3
        session.resume()
        has_committed = settled(asked, lost.committing)
    assert database.read(lambda tx: tx.read_count(COUNTER)) == 1 + has_committed
    asked.close()


def test_a_session_that_waits_with_its_commit_done_is_ended_before_its_row_is_read(server):
    """Its commit stands in the log and waits for a standby: nobody sees the row yet, and the commit cannot be undone."""
    database, lost = Database(server.uri), PostgresConnection(server.uri)
    add(database, COUNTER, 1)
    with server.waiting_for_a_standby():
        lost.begin()
        SqlTx(lost).take_count(COUNTER, 1)
        with committing(lost):
            server.until_one_waits()
            assert database.read(lambda tx: tx.read_count(COUNTER)) == 1
            asked = database.connect()
            assert asked.outcome(lost.committing) is None
            assert settled(asked, lost.committing) is True
    assert database.read(lambda tx: tx.read_count(COUNTER)) == 2
    asked.close()


@contextmanager
def committing(lost):
    """A connection that is asked to commit, and waits for the answer until its session is ended."""

    def commit():
        with suppress(psycopg.OperationalError):
            lost.commit()

    thread = threading.Thread(target=commit)
    thread.start()
    while lost.committing is None:
        sleep(0.001)
    yield
    thread.join()
    lost.close()


def settled(asked, mark):
    while (outcome := asked.outcome(mark)) is None:
        sleep(0.01)
    return outcome


def test_a_mark_belongs_to_one_transaction(postgres_store):
    first, asked = PostgresConnection(postgres_store.url), PostgresConnection(postgres_store.url)
    with first.transaction():
        SqlTx(first).take_count(COUNTER, 1)
    first.close()

    assert settled(asked, first._mark) is True
    assert settled(asked, first._mark.next()) is False
    asked.close()


def test_a_transaction_that_only_reads_and_locks_leaves_no_mark(postgres_store):
    connection = PostgresConnection(postgres_store.url)
    with connection.transaction():
        SqlTx(connection).read_count(COUNTER)
        SqlTx(connection).holds_lease(1, "owner", 1)

    assert connection.raw.execute("SELECT count(*) FROM commit_mark").fetchone() == (0,)
    connection.close()


def test_marks_are_one_row_for_each_connection_and_are_forgotten(postgres_store):
    database = postgres_store
    connection = database.connect()
    for _ in range(5):
        with connection.transaction():
            SqlTx(connection).take_count(COUNTER, 1)
    assert connection.raw.execute("SELECT number FROM commit_mark").fetchall() == [(5,)]
    with connection.transaction():
        assert SqlTx(connection).prune_marks(0) == 0
        assert SqlTx(connection).prune_marks(1 << 60) == 1
    connection.close()
