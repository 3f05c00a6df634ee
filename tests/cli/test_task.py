"""hongyan task: stopping tasks from the command line."""

import pytest

SEND = ("send", "--account", "acme", "--text", "您好【测试】", "--json", "--to")
POINTS = 1_000_000


@pytest.fixture
def task(stocked):
    """One message that waits for a channel which leads nowhere."""
    return str(stocked(*SEND, "13800138000").json["task_id"])


def points(stocked):
    return stocked("account", "show", "acme", "--json").json["points"]


def test_a_task_is_paused_resumed_and_cancelled(stocked, task):
    moved = {"tasks": 1, "messages": 1, "points": 0, "leaving": 0}
    assert stocked("task", "pause", task, "--json").json == moved
    assert stocked("task", "show", task, "--json").json["state"] == "paused"
    assert stocked("task", "resume", task, "--json").json == moved
    assert stocked("task", "cancel", task, "--json").json == moved | {"points": 1}
    shown = stocked("task", "show", task, "--json").json
    assert (shown["state"], shown["messages"]) == ("cancelled", {"cancelled": 1})
    assert points(stocked) == POINTS
    assert stocked("callback", "waiting", "--json").json["owed"][0]["count"] == 1
    assert stocked("trace", task, "--json").json["traces"][0]["code"] == "DELETED"
    assert stocked("stats", "--verify", "--json").json["differences"] == 0


def test_all_tasks_of_an_account_and_one_message(stocked, task):
    other = stocked(*SEND, "13800138001").json["task_id"]
    (found,) = stocked("trace", str(other), "--json").json["traces"]

    assert stocked("task", "cancel", "--message", str(found["id"]), "--json").json["messages"] == 1
    assert stocked("task", "cancel", "--message", str(found["id"])).code == 8
    assert stocked("task", "pause", "--account", "acme", "--json").json["messages"] == 1
    assert stocked("task", "cancel", "--account", "acme", "--json").json == {
        "tasks": 1,
        "messages": 1,
        "points": 1,
        "leaving": 0,
    }
    assert stocked("task", "cancel", "--account", "acme", "--json").json["tasks"] == 0
    assert points(stocked) == POINTS


@pytest.mark.parametrize("waiting", ["pause", "cancel", "keep"])
def test_an_account_is_disabled_with_what_it_has_waiting(stocked, task, waiting):
    done = stocked("account", "disable", "acme", "--tasks", waiting)

    assert done.code == 0
    assert stocked("account", "show", "acme", "--json").json["state"] == "stopped"
    states = {"pause": "paused", "cancel": "cancelled", "keep": "released"}
    assert stocked("task", "show", task, "--json").json["state"] == states[waiting]


@pytest.mark.parametrize(("words", "code"), [
    ("cancel", 2), ("cancel 2611210000000001 --account acme", 2), ("pause", 2), ("cancel 2611210000000001", 3),
    ("resume --account nobody", 3), ("cancel --message 1", 3), ("cancel 2611210000000001 --message 1", 2),
])  # fmt: skip
def test_what_is_named_is_one_thing_that_there_is(stocked, words, code):
    assert stocked("task", *words.split()).code == code


def test_what_has_ended_cannot_be_stopped(stocked, task):
    stocked("task", "cancel", task)

    for verb in ("cancel", "pause", "resume"):
        assert stocked("task", verb, task).code == 8
