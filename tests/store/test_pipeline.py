"""PostgreSQL's pipeline: what fails leaves the connection as good as it was, and nothing is answered out of turn."""

import psycopg
import pytest

from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.statement import INT, TEXT, Batch, Single, insert

ADD = insert("counter", {"name": TEXT, "value": INT})
MOVE = Batch(
    "UPDATE counter SET value = counter.value + r.value FROM {rows} WHERE counter.name = r.name", {"name": TEXT, "value": INT}
)
FIND = Single("SELECT value FROM counter WHERE name = :name")
FAIL = Single("SELECT 1 / CAST(:divisor AS bigint)")


@pytest.fixture
def connection(postgres_store):
    connection = PostgresConnection(postgres_store.url)
    yield connection
    connection.close()


def found(connection, name="n"):
    return [row[0] for row in connection.run(FIND, name=name)]


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_what_was_to_be_prepared_behind_a_failure_is_prepared_later(connection, failures):
    """Psycopg's own pipeline took it for prepared, and the connection served that statement never again."""
    for _ in range(failures):
        connection.begin()
        connection.write(ADD, [("n", 1), ("n", 2)])
        connection.write(MOVE, [("n", 1)])
        with pytest.raises(psycopg.errors.UniqueViolation):
            found(connection)
        connection.rollback()

    with connection.transaction():
        connection.write(ADD, [("n", 1)])
        connection.write(MOVE, [("n", 1)])
        assert found(connection) == [2]


def test_the_first_failure_is_reported_and_what_follows_is_not_run(connection):
    connection.begin()
    connection.write(ADD, [("n", 1), ("n", 2)])
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.run(FAIL, divisor=0)
    connection.rollback()

    assert found(connection) == []


def test_a_failure_that_nobody_waited_for_stops_the_commit(connection):
    connection.begin()
    connection.write(ADD, [("n", 1)])
    connection.write(ADD, [("n", 2)])
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.commit()
    connection.rollback()

    assert connection.committing is None
    assert found(connection) == []


@pytest.mark.parametrize("rows", [[("n", 1)], []])
def test_a_commit_of_what_had_failed_before_is_no_success(connection, rows):
    """Where nothing was changed there is no mark to fail, and PostgreSQL answers COMMIT without an error: it says ROLLBACK."""
    connection.begin()
    connection.write(ADD, rows)
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.run(FAIL, divisor=0)
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        connection.commit()
    connection.rollback()

    assert found(connection) == []


def test_what_was_not_waited_for_is_undone_with_the_rest(connection):
    connection.begin()
    connection.write(ADD, [("n", 1)])
    connection.rollback()

    assert found(connection) == []


def test_more_than_a_socket_holds_goes_out_while_answers_come_in(connection):
    """Both sides would wait for each other if it were written first and read afterwards."""
    words = "x" * 1_000
    rows = [(f"{words}{n}", n) for n in range(4_000)]

    with connection.transaction():
        connection.write(ADD, rows)
        for name, _ in rows:
            connection._pipeline.send(FIND.postgres().text.replace("value", "name, value", 1), [name])
        assert connection.change(MOVE, rows) == len(rows)


def test_values_arrive_as_they_are(connection):
    given = Single(
        "SELECT CAST(:number AS bigint), CAST(:word AS text), CAST(:octets AS bytea), CAST(:flag AS boolean), CAST(:none AS text)"
    )

    row = connection.run(given, number=-(2**63), word="'é\\\n你", octets=b"\0\xff'", flag=True, none=None)

    assert row == [(-(2**63), "'é\\\n你", b"\0\xff'", True, None)]


def test_psycopg_has_the_connection_in_between(connection):
    with connection.transaction():
        connection.write(ADD, [("n", 1)])
        assert connection.raw.execute("SELECT value FROM counter WHERE name = 'n'").fetchall() == [(1,)]
        connection.write(MOVE, [("n", 1)])

    assert found(connection) == [2]
