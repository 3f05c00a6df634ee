"""hongyan message, tail and audit: what they find and print."""

import json
import subprocess
import sys
import threading

from hongyan.services.queries.lists import messages


def test_messages_are_listed_by_state_and_pages(stocked):
    assert (
        stocked("send", "--account", "acme", "--to", "13800138000", "--to", "13800138001", "--text", "您好【测试】").code == 0
    )

    rows = stocked("message", "list", "--json").json["messages"]
    assert [(row["state"], row["phone"]) for row in rows] == [("queued", "138****8001"), ("queued", "138****8000")]
    (older,) = stocked("message", "list", "--before", str(rows[0]["id"]), "--full", "--json").json["messages"]
    assert older["phone"] == "13800138000"
    assert stocked("message", "list", "--state", "failed", "--json").json["messages"] == []
    assert stocked("message", "list", "--state", "lost").code == 2


def test_a_terminal_says_how_far_a_list_has_looked_and_a_pipe_does_not(stocked, monkeypatch):
    numbers = [word for number in ("13800138000", "13800138001", "13800138002") for word in ("--to", number)]
    stocked("send", "--account", "acme", *numbers, "--text", "您好【测试】")
    monkeypatch.setattr(messages, "LOOKED_MOST", 2)

    piped = stocked("message", "list", "--state", "failed", "--jsonl")
    shown = stocked("--color", "message", "list", "--state", "failed", "--jsonl")

    assert (piped.code, piped.out, piped.err) == (0, "", "")
    assert (shown.code, shown.out) == (0, "")
    assert "2 rows looked through, 0 found" in shown.err


def test_the_audit_is_listed_with_what_differs(stocked):
    assert stocked("account", "set", "acme", "--extno", "77").code == 0

    (row,) = stocked("audit", "list", "--action", "account.change", "--json").json["audit"]
    assert (row["subject"], row["before"]["extno"], row["after"]["extno"]) == ("acme", "", "77")
    assert stocked("audit", "list", "--to", "2020-01-01", "--json").json["audit"] == []
    shown = stocked("audit", "list", "--most", "1").out
    assert "extno" in shown
    assert "push_url" not in shown


def test_tail_prints_what_is_accepted_meanwhile_and_nothing_from_before(stocked, data):
    words = [sys.executable, "-m", "hongyan", "tail", "--data", str(data), "--seconds", "30", "--jsonl"]
    stocked("send", "--account", "acme", "--to", "13800138000", "--text", "before【测试】")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as tail:
        lines: list[str] = []
        reading = threading.Thread(target=lambda: lines.append(tail.stdout.readline()))
        reading.start()
        for number in range(20):
            stocked("send", "--account", "acme", "--to", f"138001381{number:02}", "--text", "meanwhile【测试】")
            reading.join(1)
            if lines:
                break
        tail.kill()
        tail.communicate()
    row = json.loads(lines[0])
    assert (row["account"], row["state"], row["phone"][:7]) == ("acme", "queued", "138****")
    assert row["phone"] != "138****8000"


def test_a_message_is_sent_again_as_a_new_task_with_its_extno(stocked):
    stocked("send", "--account", "acme", "--to", "13800138000", "--text", "您好", "--extno", "12")
    (row,) = stocked("message", "list", "--json").json["messages"]

    again = stocked("message", "resend", str(row["id"]), "--json")

    assert (again.code, again.json["points"]) == (0, row["points"])
    assert [task["extno"] for task in stocked("task", "list", "--json").json["tasks"]] == ["12", "12"]
    assert {one["text"] for one in stocked("trace", "13800138000", "--full", "--json").json["traces"]} == {"您好"}
    assert stocked("message", "resend", "7").code == 3
