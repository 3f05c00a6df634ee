"""A server of PostgreSQL that dies while it commits: what it remembers afterwards decides, and nothing else."""

import psycopg
import pytest
from tests.scene import NOW
from tests.survive.postmaster import postmaster

from hongyan.store.database import Database
from hongyan.store.engine.commit_outcome import took_place
from hongyan.store.engine.connection import PostgresConnection
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
            self._committing = self._mark  # as if it was sent
        else:
            super().commit()
            self._committing = self._mark  # as if the answer never came
        self._server.kill()
        self._server.start()
        self.plain("SELECT 1")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_whose_server_died_is_told_by_its_mark_and_not_by_a_number_that_is_given_again(server, when):
    database = Database(server.uri)
    add(database, when, 1)
    server.hold_log()
    dying = Dying(server, when)
    with pytest.raises(psycopg.OperationalError), dying.transaction():
        SqlTx(dying).take_count(when, 1)
    add(database, when, OTHERS)

    assert database.read(lambda tx: tx.db.run(_STATUS, number=dying.number)) == [("committed",)]  # of another, or its own
    assert took_place(dying, database.connect) is (when == "after")
    assert database.read(lambda tx: tx.read_count(when)) == 1 + OTHERS + (when == "after")


def test_a_transaction_that_still_goes_on_is_waited_for(postgres_store):
    """Its client lost the connection, and the server does not know that yet; it may be the first of its connection."""
    first = PostgresConnection(postgres_store.url)
    first.begin()
    SqlTx(first).take_count(COUNTER, 1)
    mark = first._mark
    first.run(Single("SELECT 1"))
    asked = PostgresConnection(postgres_store.url)

    assert asked.outcome(mark) is None
    first.commit()
    assert asked.outcome(mark) is True
    assert asked.outcome(mark.next()) is False
    first.close()
    asked.close()


def test_a_transaction_that_only_reads_leaves_no_mark(postgres_store):
    connection = PostgresConnection(postgres_store.url)
    with connection.transaction():
        SqlTx(connection).read_count(COUNTER)

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
