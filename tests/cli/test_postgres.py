"""The lines that scripts depend on, on PostgreSQL."""

import pytest
from tests.cli.conftest import LINES


@pytest.fixture
def on_postgres(bare, make_postgres_database, tmp_path):
    """`hongyan` on an installation whose store is an empty PostgreSQL."""
    data = str(tmp_path / "p")
    done = bare("init", "--data", data, "--database", make_postgres_database("cli"))
    assert done.code == 0, done.err
    return lambda *words, stdin="": bare(*words, "--data", data, stdin=stdin)


def test_an_installation_on_postgresql_takes_the_same_lines(on_postgres):
    for line, stdin in LINES:
        done = on_postgres(*line.split(), stdin=stdin)
        assert done.code == 0, done.err

    sent = on_postgres("send", "--account", "acme", "--to", "13800138000", "--text", "hello【t】", "--json").json
    (found,) = on_postgres("trace", "13800138000", "--json").json["traces"]

    assert found["task_id"] == sent["task_id"]
    assert on_postgres("ledger", "verify", "--json").json == {"wallets": 1, "differences": 0, "differing": []}
    assert on_postgres("account", "show", "acme", "--json").json["points"] == 999_999
    assert on_postgres("channel", "list", "--json").json["channels"][0]["queued"] == 1
    assert on_postgres("db", "upgrade").code == 0
    assert on_postgres("db", "vacuum").code == 0


def test_the_login_of_a_database_is_shown_nowhere(on_postgres):
    status = on_postgres("db", "status", "--json")

    assert status.json["store"].startswith("postgresql://")
    assert "@" not in status.json["store"]


def test_a_postgresql_store_is_copied_by_its_own_tools(on_postgres, tmp_path):
    done = on_postgres("db", "backup", str(tmp_path / "copy"))

    assert done.code == 4
    assert "pg_dump" in done.err
