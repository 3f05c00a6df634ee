"""Long lists page by page: messages by state, code and span, tasks, the audit, on both engines."""

import pytest

from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.told import Missing, Unfit
from hongyan.services.queries import pages
from hongyan.services.queries.pages import NEWEST, MessagesAsked, Page


def read(scene, query, *args, **more):
    return scene.within(lambda tx: query(tx, *args, **more))


@pytest.fixture
def ended(scene):
    """Three messages: one delivered, one failed, one that waits."""
    scene.sent("pre", count=2)
    scene.report(scene.receipt("c1"), scene.receipt("c2", state=ReceiptState.FAILED, code="MK:0011"))
    scene.now += 1000
    scene.send("delivered")
    return scene


def asked(scene, **what):
    return MessagesAsked(scene.now - 86_400_000, scene.now + 1, **what)


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
    rows = read(ended, pages.messages_page, Page(NEWEST, 10), asked(ended, **what))

    assert [row["state"] for row in rows] == states
    assert all(row["phone"].startswith("138****") for row in rows)
    assert {row["code"] for row in rows if row["state"] == "delivered"} <= {"DELIVRD"}


def test_a_page_begins_behind_the_one_before(ended):
    newest = read(ended, pages.messages_page, Page(NEWEST, 2), asked(ended))
    older = read(ended, pages.messages_page, Page(newest[-1]["id"], 2), asked(ended))

    assert [row["state"] for row in newest + older] == ["queued", "failed", "delivered"]


def test_a_span_ends_where_it_says(ended):
    rows = read(ended, pages.messages_page, Page(NEWEST, 9), asked(ended).within(ended.now - 5, ended.now + 1))

    assert [row["state"] for row in rows] == ["queued"]


def test_a_page_that_would_look_through_too_much_says_so(ended, monkeypatch):
    monkeypatch.setattr(pages, "LOOKED_MOST", 2)

    assert len(read(ended, pages.messages_page, Page(NEWEST, 1), asked(ended, state=MessageState.FAILED))) == 1
    assert len(read(ended, pages.messages_page, Page(NEWEST, 9), asked(ended))) == 3  # nothing is sought: all are shown
    with pytest.raises(Unfit):
        read(ended, pages.messages_page, Page(NEWEST, 9), asked(ended, state=MessageState.DELIVERED))


def test_what_is_not_there_is_named(ended):
    for what in ({"account": "nobody"}, {"channel": "nobody"}):
        with pytest.raises(Missing):
            read(ended, pages.messages_page, Page(NEWEST, 9), asked(ended, **what))


def test_tasks_and_the_audit_come_newest_first(ended):
    tasks = read(ended, pages.tasks_page, Page(NEWEST, 9))
    audit = read(ended, pages.audit_page, Page(NEWEST, 3), action="account.add")

    assert [row["id"] for row in tasks] == sorted((row["id"] for row in tasks), reverse=True)
    assert [row["account"] for row in tasks] == ["delivered", "pre"]
    assert [row["subject"] for row in audit] == ["pushed", "post", "delivered"]
    assert audit[0]["after"]["name"] == "pushed"
