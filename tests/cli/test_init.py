"""hongyan init: a store of its own, or one that is joined; a failure leaves nothing behind."""

import pytest

from hongyan.cli.exits import Exit


@pytest.fixture
def database(make_postgres_database):
    return make_postgres_database("init")


def test_a_second_folder_joins_a_store_that_is_in_use_only_with_its_key(bare, tmp_path, database):
    first, second = tmp_path / "first", tmp_path / "second"
    assert bare("init", "--data", str(first), "--database", database).code == 0
    assert bare("account", "add", "acme", "--userid", "7", "--secret-file", "-", "--data", str(first), stdin="s").code == 0
    (tmp_path / "other.key").write_text("ab" * 32, encoding="ascii")

    for more in ((), ("--key-file", str(tmp_path / "other.key"))):
        refused = bare("init", "--data", str(second), "--database", database, *more)
        assert refused.code == Exit.CONFLICT
        assert "--key-file" in refused.err
        assert not second.exists()
    joined = bare(
        "init", "--data", str(second), "--database-file", "-", "--key-file", str(first / "hongyan.key"), stdin=database
    )
    assert (joined.code, "joined the store" in joined.err) == (0, True)
    listed = bare("account", "list", "--json", "--data", str(second)).json["accounts"]
    assert [row["name"] for row in listed] == ["acme"]


@pytest.mark.parametrize(
    "words",
    [
        ("--database", "postgresql://127.0.0.1:1/none?connect_timeout=2"),
        ("--database", "mysql://a"),
        ("--database", "postgresql://127.0.0.1:1/d?sslmod=x"),
        ("--database", "postgres://x"),
        ("--database", "not an address"),
        ("--key-file", "short.key"),
        ("--database-file", "missing"),
        ("--database", "postgresql://h/d", "--database-file", "short.key"),
    ],
)
def test_an_init_that_fails_leaves_nothing_behind(bare, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.key").write_text("abcd", encoding="ascii")

    failed = bare("init", "--data", "a/b", *words)

    assert failed.code in {Exit.SETTINGS, Exit.UNREACHED, Exit.USAGE}
    assert "something broke" not in failed.err
    assert [path.name for path in tmp_path.iterdir()] == ["short.key"]


def test_an_init_that_fails_leaves_what_was_there(bare, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "note").write_text("mine", encoding="ascii")

    assert bare("init", "--data", str(tmp_path / "d"), "--database", "mysql://a").code == Exit.SETTINGS
    assert [path.name for path in (tmp_path / "d").iterdir()] == ["note"]


def test_a_new_store_has_no_port_for_customers_sessions(bare, tmp_path):
    assert bare("init", "--data", str(tmp_path / "new")).code == 0

    assert bare("listener", "list", "--json", "--data", str(tmp_path / "new")).json["listeners"] == []
