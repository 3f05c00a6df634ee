"""A store on PostgreSQL that tests have one after another: to empty it costs less than to make it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from tests.scene import NOW, furnish

from hongyan.store import schema
from hongyan.store.database import Database
from hongyan.store.engine.postgres_connection import PostgresConnection

_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass
class SharedStore:
    """A store on PostgreSQL that tests have one after another, and a connection to it that stays open between them."""

    database: Database
    connection: PostgresConnection

    def clean(self, *, furnished: bool) -> Database:
        """Remove what the last test left, its connections included."""
        try:
            self.connection.rollback()
        except psycopg.OperationalError:  # a test took all backends away
            self.connection.close()
            self.connection = PostgresConnection(self.database.url)
        self.connection.raw.execute(_OTHERS)
        self.connection.raw.execute("SELECT kept.clean()")
        if furnished:
            self.connection.raw.execute("SELECT kept.furnish()")
        return self.database


@contextmanager
def shared_store(url: str) -> Iterator[SharedStore]:
    """Schema `kept` holds the rows of the furnished store, and functions whose plans the connection keeps."""
    database = Database(url)
    database.upgrade(NOW)
    furnish(database)
    tables = schema.metadata.tables
    deletes = "; ".join(f"DELETE FROM {table}" for table in tables)
    deletes += "; INSERT INTO summed_up SELECT * FROM kept.summed_up"  # an empty store has this one row
    inserts = "; ".join(f"INSERT INTO {table} SELECT * FROM kept.{table}" for table in tables if table != "summed_up")
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA kept")
        for table in tables:
            connection.execute(f"CREATE TABLE kept.{table} AS TABLE {table}".encode())
        for name, body in (("clean", deletes), ("furnish", inserts)):
            function = f"CREATE FUNCTION kept.{name}() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
            connection.execute(function.encode())
    shared = SharedStore(database, PostgresConnection(database.url))
    yield shared
    shared.connection.close()
