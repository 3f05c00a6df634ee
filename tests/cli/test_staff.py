"""hongyan staff, token and approval: what they print, and what they leave in the store."""

import re

import pytest
from tests.command_store import command_store

from hongyan.model.act import Actor
from hongyan.model.approval import AloneRule
from hongyan.model.money import MoneyChange, MoneyKind
from hongyan.services.admin import approvals
from hongyan.services.admin.bearer import Bearer
from hongyan.services.admin.passwords import is_password
from hongyan.services.admin.staff import find_staff, invited
from hongyan.services.admin.tokens import find_holder
from hongyan.settings.load import load

LINK = re.compile(r"http://127\.0\.0\.1:8081/invitation/([\w-]{43})\b")


@pytest.fixture
def store(data):
    with command_store(load({"data": data}).settings) as admin:
        yield admin


def test_somebody_is_added_with_a_link_that_opens(stocked, store):
    shown = stocked("staff", "add", "nightshift", "--role", "finance", "--title", "Night shift", "--json")

    link = Bearer(LINK.search(shown.json["link"])[1])
    assert store.read(invited, link, store.now_ms()) == "nightshift"
    rows = {row["name"]: row for row in stocked("staff", "list", "--json").json["staff"]}
    assert (rows["nightshift"]["role"], rows["nightshift"]["has_password"], rows["admin"]["role"]) == (
        "finance",
        False,
        "admin",
    )
    assert stocked("staff", "add", "NIGHTSHIFT").code == 8
    assert stocked("staff", "add", "x y").code == 2
    assert stocked("staff", "add", "other", "--role", "king").code == 2


def test_a_password_is_set_from_stdin_and_never_shown(stocked, store):
    answer = stocked("staff", "passwd", "admin", "--secret-file", "-", stdin="wild geese fly\n")

    assert answer.code == 0
    assert "wild geese fly" not in answer.out + answer.err
    assert is_password(store.read(find_staff, "admin")["password"], "wild geese fly")
    assert stocked("staff", "passwd", "admin", "--secret-file", "-", stdin="short\n").code == 2
    assert stocked("staff", "passwd", "nobody", "--secret-file", "-", stdin="wild geese fly\n").code == 3
    assert LINK.search(stocked("staff", "passwd", "admin", "--link", "--address", "http://127.0.0.1:8081/").out)


def test_people_are_changed_stopped_and_let_in_again(stocked, store):
    stocked("staff", "add", "nightshift", "--role", "support")

    assert stocked("staff", "set", "nightshift", "--role", "review").code == 0
    assert stocked("staff", "disable", "nightshift").code == 0
    assert stocked("staff", "reset-2fa", "nightshift").code == 0
    row = store.read(find_staff, "nightshift")
    assert (row["role"], bool(row["is_stopped"])) == ("review", True)
    assert stocked("staff", "enable", "nightshift").code == 0
    assert not store.read(find_staff, "nightshift")["is_stopped"]
    assert stocked("staff", "disable", "admin").code == 5


def test_a_token_is_printed_once_and_revoked(stocked, store):
    made = stocked("token", "add", "billing", "--role", "finance", "--days", "7", "--json").json

    assert str(store.read(find_holder, Bearer(made["token"]), store.now_ms()).actor) == "token:billing"
    listed = stocked("token", "list", "--json")
    assert made["token"] not in listed.out
    assert listed.json["tokens"][0]["state"] == "live"
    assert stocked("token", "add", "billing").code == 8
    assert stocked("token", "revoke", "billing").code == 0
    assert store.read(find_holder, Bearer(made["token"]), store.now_ms()) is None
    assert stocked("token", "revoke", "billing").code == 3


def test_the_command_line_may_be_the_second_person(stocked, store):
    finance = store.admin.acting(Actor("staff", "nightshift"))
    rule, wishes = AloneRule(10, prices=False), []
    for points in (500, 7_000):
        change = MoneyChange(MoneyKind.TOP_UP, "acme", points)
        wishes.append(store.run(finance.change(approvals.make_or_ask, change, rule)).waits)
    before = stocked("account", "show", "acme", "--json").json["points"]

    rows = stocked("approval", "list", "--json").json["approvals"]
    assert [(row["points"], row["maker"]) for row in rows] == [(7_000, "staff:nightshift"), (500, "staff:nightshift")]
    assert stocked("approval", "approve", str(wishes[0])).code == 0
    assert stocked("approval", "approve", str(wishes[0])).code == 8
    assert stocked("approval", "reject", str(wishes[1]), "--reason", "typo").code == 0
    assert stocked("approval", "approve", "7").code == 3
    assert stocked("account", "show", "acme", "--json").json["points"] == before + 500
    assert stocked("approval", "list", "--state", "rejected", "--json").json["approvals"][0]["reason"] == "typo"


def test_init_prints_the_link_of_the_first_administrator_and_the_store_keeps_its_hash(bare, tmp_path):
    made = bare("init", "--data", str(tmp_path / "new"))

    link = Bearer(LINK.fullmatch(made.out.strip())[1])
    with command_store(load({"data": tmp_path / "new"}).settings) as admin:
        assert admin.read(invited, link, admin.now_ms()) == "admin"
    assert link.plain.encode() not in (tmp_path / "new" / "hongyan.db").read_bytes()
