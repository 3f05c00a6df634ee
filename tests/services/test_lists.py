"""Lists page by page: messages by state, code and span, tasks, the audit, on both engines."""

import pytest

from hongyan.model.errors import Invalid, NotFound
from hongyan.model.message import MessageState, ReceiptState
from hongyan.services.queries.lists import traffic
from hongyan.services.queries.lists.people import AUDIT
from hongyan.services.queries.lists.traffic import MESSAGES, TASKS


@pytest.fixture
def ended(scene):
    """Three messages: one delivered, one failed, one that waits."""
    scene.sent("pre", count=2)
    scene.report(scene.receipt("c1"), scene.receipt("c2", state=ReceiptState.FAILED, code="MK:0011"))
    scene.now += 1000
    scene.send("delivered")
    return scene


def messages(scene, most=10, after=None, **what):
    span = {"since_ms": scene.now - 86_400_000, "until_ms": scene.now + 1}
    return scene.listed(MESSAGES, most, after=after, **span | what)


@pytest.mark.parametrize(
    ("what", "states"),
    [
        ({}, ["queued", "failed", "delivered"]),
        ({"state": MessageState.FAILED}, ["failed"]),
        ({"code": "MK:0011"}, ["failed"]),
        ({"code": "DELIVRD", "state": MessageState.DELIVERED}, ["delivered"]),
        ({"account": "pre"}, ["failed", "delivered"]),
        ({"channel": "up1", "state": MessageState.QUEUED}, ["queued"]),
        ({"channel": "up2"}, []),
    ],
)
def test_messages_are_found_by_what_is_known_of_them(ended, what, states):
    rows = messages(ended, **what)

    assert [row["state"] for row in rows] == states
    assert all(row["phone"].startswith("138****") for row in rows)
    assert {row["code"] for row in rows if row["state"] == "delivered"} <= {"DELIVRD"}


def test_a_page_begins_behind_the_one_before(ended):
    newest = messages(ended, 2)
    older = messages(ended, 2, newest[-1]["id"])

    assert [row["state"] for row in newest + older] == ["queued", "failed", "delivered"]


def test_a_span_ends_where_it_says(ended):
    rows = messages(ended, since_ms=ended.now - 5)

    assert [row["state"] for row in rows] == ["queued"]


def test_a_page_that_would_look_through_too_much_says_so(ended, monkeypatch):
    monkeypatch.setattr(traffic, "LOOKED_MOST", 2)

    assert len(messages(ended)) == 3  # nothing is sought: all are shown
    with pytest.raises(Invalid):
        messages(ended, state=MessageState.DELIVERED)


def test_what_is_not_there_is_named(ended):
    for what in ({"account": "nobody"}, {"channel": "nobody"}):
        with pytest.raises(NotFound):
            messages(ended, **what)


def test_tasks_and_the_audit_come_newest_first(ended):
    tasks = ended.listed(TASKS)
    audit = ended.listed(AUDIT, 3, action="account.add")

    assert [row["id"] for row in tasks] == sorted((row["id"] for row in tasks), reverse=True)
    assert [row["account"] for row in tasks] == ["delivered", "pre"]
    assert [row["subject"] for row in audit] == ["pushed", "post", "delivered"]
    assert audit[0]["after"]["name"] == "pushed"
