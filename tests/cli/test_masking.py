"""Passwords in addresses stand neither on a screen nor in the audit, and the address itself stays whole."""

import sqlite3
from contextlib import closing

CALLBACK = "https://someone:hidden1@acme.example/cb?token=hidden2&page=1"


def test_a_callback_keeps_its_password_to_itself(stocked, data):
    assert stocked("account", "set", "acme", "--callback", CALLBACK).code == 0
    seen = stocked("account", "show", "acme", "--json")
    listed = stocked("account", "list")
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        audit = store.execute("SELECT before || after FROM audit").fetchall()
        [[kept]] = store.execute("SELECT push_url FROM account")
    store.close()

    assert seen.json["push_url"] == "https://someone:***@acme.example/cb?token=***&page=1"
    assert "hidden" not in f"{seen.out}{listed.out}{audit}"
    assert kept == CALLBACK


def test_a_store_that_is_not_reached_is_named_without_its_password(hongyan, monkeypatch):
    monkeypatch.setenv("HONGYAN_STORE__URL", "postgresql://u:hidden1@127.0.0.1:1/d?password=hidden2&connect_timeout=2")
    for words in ("db status", "account list", "config show --json"):
        done = hongyan(*words.split())
        assert "hidden" not in done.out + done.err
        assert done.code in {0, 7}
