"""The store of one process: its lock file, its short transactions, its reads of one moment."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import Boolean, select
from tests.scene import UP1, mobiles

from hongyan.store import schema
from hongyan.store.database import AlreadyRunning, Database

READ_ONLY = (sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)


def count(tx):
    return tx.read_count("n")


def test_a_second_server_on_one_file_is_kept_out_until_the_first_lets_go(sqlite_store):
    first, second = sqlite_store, Database(sqlite_store.url)
    first.hold()

    with pytest.raises(AlreadyRunning, match=str(sqlite_store.path)):
        second.hold()
    first.release()
    second.hold()
    second.release()


def test_servers_on_postgresql_do_not_keep_each_other_out(postgres_store):
    postgres_store.hold()
    Database(postgres_store.url).hold()


def test_a_transaction_is_whole_or_nothing(store):
    with store.transaction() as tx:
        tx.take_count("n", 1)

    def count_and_fail():
        with store.transaction() as tx:
            return tx.take_count("n", 1) / 0

    with pytest.raises(ZeroDivisionError):
        count_and_fail()

    assert store.read(count) == 1


def test_a_read_sees_one_moment(store):
    def read(tx):
        before = tx.read_count("n")
        with store.transaction() as beside:
            beside.take_count("n", 1)
        return before, tx.read_count("n")

    assert store.read(read) == (0, 0)
    assert store.read(count) == 1


@pytest.mark.parametrize("table", ["account", "channel_lease", "task", "message"])
def test_flags_of_rows_are_true_or_false_on_either_engine(scene, table):
    scene.send(numbers=mobiles(2))
    scene.within(lambda tx: tx.take_lease(UP1, "us", 15_000, -1, always=True))
    flags = {column.name for column in schema.metadata.tables[table].columns if isinstance(column.type, Boolean)}

    rows = scene.rows(table)

    assert flags
    assert {type(row[name]) for row in rows for name in flags} == {bool}


def test_a_flag_of_a_row_that_is_not_there_is_none(scene):
    account, channel = schema.account, schema.channel_lease
    query = select(account.c.is_stopped, channel.c.is_up).outerjoin(channel, channel.c.channel_id == -account.c.id)

    rows = scene.within(lambda tx: tx.db.core(query))

    assert {(type(row["is_stopped"]), row["is_up"]) for row in rows} == {(bool, None)}


def test_a_read_cannot_write(store):
    with pytest.raises(READ_ONLY):
        store.read(lambda tx: tx.take_count("n", 1))


def test_a_read_that_fails_leaves_no_connection_behind(store):
    with pytest.raises(ZeroDivisionError):
        store.read(lambda tx: 1 / 0)

    with store.transaction() as tx:
        assert tx.take_count("n", 1) == 1


def test_the_database_returns_the_time(store):
    import time

    seen = store.read(lambda tx: tx.database_ms())

    assert abs(seen - time.time() * 1000) < 60_000


def test_a_reader_sees_what_was_committed_since_and_reads_on_after_a_failure(store):
    reader = store.reader()
    assert reader.read(count) == 0
    with store.transaction() as tx:
        tx.take_count("n", 1)
    assert reader.read(count) == 1

    with pytest.raises(ZeroDivisionError):
        reader.read(lambda tx: count(tx) / 0)

    assert reader.read(count) == 1
    reader.close()


def test_a_reader_whose_connection_was_ended_fails_once(postgres_store):
    reader = postgres_store.reader()
    pid = reader.read(lambda tx: tx.db.raw.info.backend_pid)
    with psycopg.connect(postgres_store.url, autocommit=True) as beside:
        beside.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    with pytest.raises(psycopg.OperationalError):
        reader.read(count)

    assert reader.read(count) == 0
    reader.close()


def test_readers_of_several_threads_are_few_and_fresh(furnished_store):
    readers = furnished_store.readers(2)
    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(lambda _: readers.read(lambda tx: len(tx.rows_of("account"))), range(40)))
    assert len(set(names)) == 1
    assert len(readers._free) <= 2
    with pytest.raises(ZeroDivisionError):
        readers.read(lambda _: 1 / 0)
    with furnished_store.transaction() as tx:
        tx.add_row("customer", id=99, name="new", parent_id=None, made_ms=1)
    assert readers.read(lambda tx: tx.rows_of("customer", id=99))[0]["name"] == "new"
    readers.close()
    assert not readers._free


@pytest.mark.parametrize("text", ["pre\0", "\0", "pre\udcff", "\ud83d"])
def test_what_no_text_of_a_store_can_hold_is_found_nowhere_and_breaks_nothing(furnished_store, text):
    """From an address of a page, or from a command line in octets that are no UTF-8."""
    with furnished_store.transaction() as tx:
        assert tx.rows_of("account", name=text) == []
        assert tx.messages_by_carrier_id(text, 10) == []
        tx.add_row("customer", id=99, name=text, parent_id=None, made_ms=1)
        assert "\ufffd" in tx.rows_of("customer", id=99)[0]["name"]
