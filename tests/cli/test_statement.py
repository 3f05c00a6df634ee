"""hongyan statement and what changes money by hand: tables, CSV, workbooks."""

import re
import zipfile

SEND = ("send", "--account", "acme", "--text", "您好【测试】", "--to")


def test_a_statement_adds_up_in_every_form(stocked, tmp_path):
    stocked(*SEND, "13800138000")
    stocked("account", "topup", "acme", "500", "--note", "voucher 1")

    (row,) = stocked("statement", "--json").json["statement"]
    assert (row["opening"], row["topped_up"], row["charged"], row["closing"]) == (0, 1_000_500, 1, 1_000_499)
    head, line = stocked("statement", "--csv").out.splitlines()
    assert dict(zip(head.split(","), line.split(","), strict=True))["closing"] == "1000499"
    file = tmp_path / "s.xlsx"
    assert stocked("statement", "--by", "day", "--xlsx", str(file)).code == 0
    with zipfile.ZipFile(file) as book:
        assert "<v>1000499</v>" in book.read("xl/worksheets/sheet1.xml").decode()
    assert stocked("statement", "--xlsx", str(tmp_path / "none" / "s.xlsx")).code == 8


def test_a_month_is_whole_and_a_wrong_one_is_said(stocked):
    assert stocked("statement", "--month", "2026-02").code == 0
    assert stocked("statement", "--month", "2026-13").code == 2
    assert stocked("statement", "--month", "2026-02", "--from", "2026-02-01").code == 2


def test_money_by_hand_is_listed_with_its_notes(stocked):
    stocked("account", "topup", "acme", "500", "--note", "voucher 1")
    stocked("account", "adjust", "acme", "--take", "1", "--note", "a slip")

    entries = stocked("ledger", "list", "acme", "--json").json["entries"]
    assert [(row["kind"], row["points"], row["note"]) for row in entries] == [
        ("adjust", -1, "a slip"),
        ("topup", 500, "voucher 1"),
        ("topup", 1_000_000, ""),
    ]
    assert all(re.match("cli:", row["actor"]) for row in entries)


def test_too_many_points_are_asked_about(stocked):
    assert stocked("account", "topup", "acme", "90000000").code == 5
    assert stocked("account", "topup", "acme", "90000000", "--force").code == 0


def test_a_refund_names_one_thing(stocked):
    sent = stocked(*SEND, "13800138000", "--json").json

    assert stocked("ledger", "refund", "--note", "x").code == 2
    assert stocked("ledger", "refund", "--task", str(sent["task_id"]), "--note", "x", "--json").json == {
        "messages": 0,
        "points": 0,
    }
    assert stocked("ledger", "refund", "--message", "1", "--note", "x").code == 3
