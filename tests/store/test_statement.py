"""Statements said once for both engines; a batch of any length lands whole."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hongyan.store.engine.statement import INT, LENGTHS, TEXT, Batch, Single, chunks, insert

ADD = insert("counter", {"name": TEXT, "value": INT})
ADD_OR_RAISE = insert(
    "counter", {"name": TEXT, "value": INT}, "ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value"
)
ADD_NEW = insert("counter", {"name": TEXT, "value": INT}, "ON CONFLICT (name) DO NOTHING")
MOVE = Batch(
    "UPDATE counter SET value = counter.value * :factor + r.value + :plus FROM {rows} WHERE counter.name = r.name",
    {"name": TEXT, "value": INT},
)
DROP = Batch("DELETE FROM counter WHERE name IN (SELECT r.name FROM {rows}) AND value >= :least", {"name": TEXT})
FIND = Batch(
    "SELECT c.name, c.value, :plus + r.place AS sum FROM {rows} JOIN counter c ON c.name = r.name ORDER BY c.value",
    {"name": TEXT, "place": INT},
    returns=("name", "value", "sum"),
)
ALL = Single("SELECT name, value FROM counter ORDER BY value")
GATHERED = Single("SELECT name, value FROM counter WHERE value < :below ORDER BY value DESC", returns=("name", "value"))

counts = st.integers(1, 600)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
integers = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture
def connection(store):
    connection = store.connect()
    if store.is_sqlite:
        connection.plain("PRAGMA synchronous = OFF")
    connection.begin()
    yield connection
    connection.rollback()
    connection.close()


@pytest.fixture
def fresh(connection):
    """Empties the table: hypothesis runs many examples in one transaction."""

    def empty():
        connection.plain("DELETE FROM counter")
        return connection

    return empty


on_a_connection = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def named(count):
    return [(f"n{n}", n) for n in range(count)]


# --- cutting ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 3_000))
def test_pieces_are_of_the_fixed_lengths_and_join_again(count):
    rows = [(n,) for n in range(count)]

    pieces = list(chunks(rows))

    assert [row for piece in pieces for row in piece] == rows
    assert {len(piece) for piece in pieces} <= set(LENGTHS)


def test_a_batch_is_few_statements():
    assert max(len(list(chunks([()] * count))) - count // LENGTHS[0] for count in range(1, 601)) <= 5


def test_on_sqlite_values_stand_in_the_order_of_their_places():
    between = Batch("UPDATE t SET a = :b + :a FROM {rows} WHERE t.id = r.id AND t.a > :a", {"id": INT, "more": INT}).sqlite(2)

    assert between.text == "UPDATE t SET a = ? + ? FROM (VALUES (?, ?), (?, ?)) AS r WHERE t.id = r.column1 AND t.a > ?"
    assert between.values({"a": 1, "b": 2}, [(3, 4), (5, 6)]) == [2, 1, 3, 4, 5, 6, 1]


ADD_OF_CHANNEL = insert(
    "parcel",
    {"id": INT, "messages": INT},
    "ON CONFLICT (id) DO NOTHING",
    {"channel_id": ":channel", "state": "1", "first_id": ":place", "last_id": ":place"},
)


def test_on_sqlite_what_the_rows_of_an_insert_have_in_common_is_bound_once():
    add = ADD_OF_CHANNEL.sqlite(3)

    assert add.text == (
        "INSERT INTO parcel (id, messages, channel_id, state, first_id, last_id) VALUES"
        " (?3, ?4, ?1, 1, ?2, ?2), (?, ?, ?1, 1, ?2, ?2), (?, ?, ?1, 1, ?2, ?2) ON CONFLICT (id) DO NOTHING"
    )
    assert add.values({"place": 9, "channel": 7}, [(1, 2), (3, 4), (5, 6)]) == [7, 9, 1, 2, 3, 4, 5, 6]


# --- writing ---------------------------------------------------------------------------------------------------------


@on_a_connection
@given(counts)
def test_a_batch_lands_whole(fresh, count):
    connection = fresh()

    assert connection.change(ADD, named(count)) == count

    assert [tuple(row) for row in connection.run(ALL)] == named(count)


@on_a_connection
@given(counts, st.integers(-5, 5), st.integers(-(10**9), 10**9))
def test_single_values_serve_every_row(fresh, count, factor, plus):
    connection = fresh()
    connection.write(ADD, named(count))

    changed = connection.change(MOVE, [(name, n + 1) for name, n in named(count)], factor=factor, plus=plus)

    assert changed == count
    assert dict(connection.run(ALL)) == {name: n * factor + n + 1 + plus for name, n in named(count)}


@on_a_connection
@given(counts)
def test_the_order_in_which_single_values_are_given_does_not_matter(fresh, count):
    connection = fresh()
    connection.write(ADD, named(count))

    connection.write(MOVE, named(count), plus=7, factor=0)

    assert [value for _, value in connection.run(ALL)] == sorted(n + 7 for n in range(count))


ADD_PARCELS = insert("parcel", {"id": INT, "channel_id": INT, "messages": INT, "first_id": INT, "last_id": INT})
MOVE_PARCELS = Batch(
    "UPDATE parcel SET channel_id = r.channel * :factor, messages = parcel.messages + :plus FROM {rows}"
    " WHERE parcel.id = r.id AND parcel.channel_id < r.below + :plus",
    {"id": INT, "channel": INT, "below": INT},
)
PARCELS = Single("SELECT id, channel_id, messages FROM parcel")
WHOLE_PARCELS = Single("SELECT id, messages, channel_id, state, first_id, last_id FROM parcel ORDER BY id")


@on_a_connection
@given(counts, integers, integers)
def test_what_rows_have_in_common_stands_in_each(connection, count, channel, place):
    connection.plain("DELETE FROM parcel")

    added = connection.change(ADD_OF_CHANNEL, [(n, 2 * n) for n in range(count)], channel=channel, place=place)

    assert added == count
    assert [tuple(row) for row in connection.run(WHOLE_PARCELS)] == [(n, 2 * n, channel, 1, place, place) for n in range(count)]


@on_a_connection
@given(counts, st.integers(1, 12), st.integers(-5, 5), st.integers(-600, 600))
def test_an_update_by_id_changes_each_row_as_it_says_however_many_are_alike(connection, count, kinds, factor, plus):
    connection.plain("DELETE FROM parcel")
    connection.write(ADD_PARCELS, [(n, n, 1, 0, 0) for n in range(count)])
    rows = [(n, n % kinds, 100 * (n % kinds)) for n in range(count)]

    changed = connection.change(MOVE_PARCELS, rows, factor=factor, plus=plus)

    moved = {n: (channel * factor, 1 + plus) for n, channel, below in rows if n < below + plus}
    assert changed == len(moved)
    assert {n: (channel, messages) for n, channel, messages in connection.run(PARCELS)} == {
        n: moved.get(n, (n, 1)) for n in range(count)
    }


def test_on_sqlite_rows_that_are_alike_are_changed_together():
    by_key = MOVE_PARCELS.by_key

    assert by_key.text(2) == (
        "UPDATE parcel SET channel_id = ? * ?, messages = parcel.messages + ? WHERE parcel.id IN (?, ?) AND parcel.channel_id < ? + ?"
    )
    assert by_key.values({"factor": 3, "plus": 4}, (7, 8), [1, 2]) == [7, 3, 4, 1, 2, 8, 4]
    assert MOVE.by_key is None


def test_on_sqlite_a_few_rows_are_changed_one_by_one():
    by_row = MOVE_PARCELS.by_row

    assert by_row.text == (
        "UPDATE parcel SET channel_id = ? * ?, messages = parcel.messages + ? WHERE parcel.id = ? AND parcel.channel_id < ? + ?"
    )
    assert by_row.values({"factor": 3, "plus": 4}, (1, 7, 8)) == [7, 3, 4, 1, 8, 4]
    assert ADD.by_row is None


@on_a_connection
@given(counts, st.data())
def test_only_what_is_new_is_counted(fresh, count, data):
    connection = fresh()
    there = data.draw(st.integers(0, count))
    connection.write(ADD, named(there))

    assert connection.change(ADD_NEW, named(count)) == count - there
    assert connection.change(ADD_OR_RAISE, [(name, 1) for name, _ in named(count)]) == count
    assert sorted(value for _, value in connection.run(ALL)) == [n + 1 for n in range(count)]


@on_a_connection
@given(counts, st.integers(0, 600))
def test_a_batch_can_remove(fresh, count, least):
    connection = fresh()
    connection.write(ADD, named(count))

    connection.write(DROP, [(name,) for name, _ in named(count)], least=least)

    assert len(connection.run(ALL)) == min(count, least)


# --- reading -----------------------------------------------------------------------------------------------------------


@on_a_connection
@given(counts)
def test_a_batch_reads_whole(fresh, count):
    connection = fresh()
    connection.write(ADD, named(count))

    found = connection.read(FIND, [(name, n) for name, n in reversed(named(count))], plus=1_000)

    assert sorted(tuple(row) for row in found) == sorted((name, n, 1_000 + n) for name, n in named(count))


def test_no_rows_are_no_statement(connection):
    assert connection.read(FIND, [], plus=0) == []
    assert connection.change(ADD, []) == 0


@on_a_connection
@given(st.dictionaries(words, integers, min_size=1, max_size=40))
def test_values_come_back_as_they_were_written(fresh, values):
    connection = fresh()
    connection.write(ADD, list(values.items()))

    read = connection.read(FIND, [(name, 0) for name in values], plus=1)
    gathered = connection.run(GATHERED, below=2**63 - 1)

    assert {name: value for name, value, _ in read} == values
    assert dict(map(tuple, connection.run(ALL))) == values
    assert [value for _, value in gathered] == sorted((v for v in values.values() if v < 2**63 - 1), reverse=True)


def test_many_rows_of_a_single_statement_keep_their_order(connection):
    connection.write(ADD, named(2_000))

    found = connection.run(GATHERED, below=10**6)

    assert [value for _, value in found] == [*range(1_999, -1, -1)]
