"""Lists page by page: messages by state, code and span, tasks, the audit, on both engines."""

import asyncio
from dataclasses import replace

import orjson
import pytest
from tests.services.test_jobs import Store

from hongyan.model.account import Product
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.ids import DAY_MS, HOUR_MS
from hongyan.model.message import MessageState, ReceiptState
from hongyan.services.admin import account_money, billing
from hongyan.services.queries.lists import listing as listing_module
from hongyan.services.queries.lists.customers import ACCOUNTS, CUSTOMERS, PRICES
from hongyan.services.queries.lists.delivery import OWED, UNMATCHED
from hongyan.services.queries.lists.listing import ListQuery, read_all, read_list
from hongyan.services.queries.lists.messages import MESSAGES, REPLIES
from hongyan.services.queries.lists.money import BALANCES, ENTRIES, STATEMENTS
from hongyan.services.queries.lists.people import AUDIT
from hongyan.services.queries.lists.tasks import TASKS, TaskSize, TaskStateWord
from hongyan.services.queries.statements import Period
from hongyan.store import schema


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


def bound_looks(monkeypatch, looked_most):
    """Let a page look through so many rows."""
    for module in ("messages", "tasks"):
        monkeypatch.setattr(f"hongyan.services.queries.lists.{module}.LOOKED_MOST", looked_most)


@pytest.mark.parametrize("looked_most", [1, 2, 3])
@pytest.mark.parametrize("most", [1, 2, 9])
def test_a_page_looks_through_so_many_rows_and_the_next_one_looks_further(ended, monkeypatch, looked_most, most):
    for number in range(4):
        ended.now += number % 2  # some are of one millisecond
        ended.send("pre" if number else "taken")
    span = {"since_ms": ended.now - DAY_MS, "until_ms": ended.now + 1}
    of_pre = [
        {"account": "pre", **span},
        {"state": MessageState.DELIVERED, **span},
        {"account": "pre"},
        {"size": TaskSize.SINGLE},
    ]
    sought = list(zip((MESSAGES, MESSAGES, TASKS, TASKS), of_pre, strict=True))
    whole = [ids_of(pages_of(ended, listing, 99, **given)) for listing, given in sought]
    bound_looks(monkeypatch, looked_most)

    assert [ids_of(pages_of(ended, listing, most, **given)) for listing, given in sought] == whole
    assert [len(rows) for rows in whole] == [5, 1, 4, 5]


def of_hours(scene):
    """What is sought of an account that has a message in each of three hours, among those of another. The oldest is delivered."""
    for number in range(6):
        scene.send("pre" if number % 3 == 0 else "taken")
        scene.now += HOUR_MS * (1 + number % 2)
    scene.sent("pre", count=1)
    scene.report(scene.receipt("c1"))
    span = {"since_ms": scene.now - DAY_MS, "until_ms": scene.now + 1}
    return [
        (MESSAGES, {"account": "pre", **span}),
        (MESSAGES, {"account": "pre", "channel": "up1", **span}),
        (MESSAGES, {"account": "pre", "channel": "up2", **span}),
        (MESSAGES, {"account": "pre", "state": MessageState.DELIVERED, **span}),
        (MESSAGES, {"account": "pre", "state": MessageState.SENT, **span}),
        (TASKS, {"account": "pre"}),
        (TASKS, {"account": "pre", "product": Product.SMS, **span}),
    ]


def test_what_an_account_has_is_found_at_once_in_the_hours_that_the_counters_name(scene, monkeypatch):
    sought = of_hours(scene)
    bound_looks(monkeypatch, 3)

    pages = [scene.within(lambda tx, one=one: read_list(tx, one[0], ListQuery(9, scene.now, one[1]))) for one in sought]

    assert [(len(page.rows), page.place) for page in pages] == [(n, None) for n in (3, 3, 0, 1, 2, 3, 3)]


@pytest.mark.parametrize("looked_most", [1, 99])
def test_what_is_older_than_the_hours_that_are_named_at_once_is_found_too(scene, monkeypatch, looked_most):
    sought = of_hours(scene)
    whole = [ids_of(pages_of(scene, listing, 99, **given)) for listing, given in sought]
    bound_looks(monkeypatch, looked_most)
    for module in ("messages", "tasks", "span_parts"):
        monkeypatch.setattr(f"hongyan.services.queries.lists.{module}.HOURS_MOST", 1)

    assert [ids_of(pages_of(scene, listing, 1, **given)) for listing, given in sought] == whole


def ids_of(rows):
    return [row["id"] for row in rows]


def test_a_page_says_that_it_has_not_looked_through_all(ended, monkeypatch):
    bound_looks(monkeypatch, 2)
    span = {"since_ms": ended.now - DAY_MS, "until_ms": ended.now + 1}
    delivered = ListQuery(9, ended.now, {"state": MessageState.DELIVERED, **span})

    page = ended.within(lambda tx: read_list(tx, MESSAGES, delivered))
    last = ended.within(lambda tx: read_list(tx, MESSAGES, replace(delivered, after=page.place)))

    assert (page.rows, page.looked) == ([], 2)
    assert ([row["state"] for row in last.rows], last.looked, last.place) == (["delivered"], 0, None)
    assert len(messages(ended)) == 3  # nothing is sought: all are shown


def test_a_file_of_what_few_rows_fit_is_bounded(ended, monkeypatch):
    bound_looks(monkeypatch, 1)
    span = {"since_ms": ended.now - DAY_MS, "until_ms": ended.now + 1}
    delivered = ListQuery(9, ended.now, {"state": MessageState.DELIVERED, **span})

    assert len(asyncio.run(read_all(Store(ended), MESSAGES, delivered))) == 1
    monkeypatch.setattr(listing_module, "EXPORT_LOOKED_MOST", 1)
    with pytest.raises(Invalid):
        asyncio.run(read_all(Store(ended), MESSAGES, delivered))


def test_what_is_unusual_among_tasks_is_found_however_many_there_are(ended, monkeypatch):
    bound_looks(monkeypatch, 1)
    paused = ListQuery(9, ended.now, {"state": TaskStateWord.PAUSED})

    page = ended.within(lambda tx: read_list(tx, TASKS, paused))

    assert (page.rows, page.place) == ([], None)


def test_the_audit_and_replies_are_narrowed_to_days(ended):
    ended.ask(ended.steps.replies, [ended.reply("yesterday")])
    yesterday = len(ended.listed(AUDIT))
    ended.now += DAY_MS
    ended.ask(ended.steps.replies, [ended.reply("today")])
    ended.within(lambda tx: account_money.set_price(tx, ended.act(), "pre", 2, Product.SMS, None))
    begins = ended.now - 1

    assert len(ended.listed(AUDIT, until_ms=begins)) == yesterday
    assert [row["action"] for row in ended.listed(AUDIT, since_ms=begins)] == ["price.set"]
    assert [len(ended.listed(REPLIES, **span)) for span in ({}, {"since_ms": begins}, {"until_ms": begins})] == [2, 1, 1]


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


def pages_of(scene, listing, most, **given):
    """All rows, page by page."""
    rows, after = [], None
    while True:
        query = ListQuery(most, scene.now, given, after)
        page = scene.within(lambda tx, query=query: read_list(tx, listing, query))
        assert len(page.rows) <= most
        rows += page.rows
        if page.place is None:
            return rows
        after = orjson.loads(orjson.dumps(page.place))  # as it travels


def every_list(scene):
    """Something in each list: prices, entries by hand, reports that wait, receipts that met no message, and days of statements."""
    for account, product, carrier, points in (
        ("pre", Product.SMS, None, 2),
        ("pre", Product.SMS, "mobile", 3),
        ("pre", Product.MMS, None, 9),
        ("post", Product.SMS, None, 1),
    ):
        scene.within(lambda tx, of=(account, points, product, carrier): account_money.set_price(tx, scene.act(), *of))
    account_id = scene.account("pre").id
    for points in (5, -3, 7):
        correction = billing.Correction(points, "counted again")
        scene.within(lambda tx, one=correction: billing.adjust(tx, scene.act(), account_id, one, Product.SMS))
    for account in ("pre", "taken", "post"):
        scene.sent(account, count=2)
        scene.report(scene.receipt("c1"), scene.receipt("c2"))
    scene.report(*(scene.receipt(f"unknown{number}") for number in range(4)))
    scene.now += DAY_MS
    scene.sent("pre", count=1)


@pytest.mark.parametrize(
    "listing", [BALANCES, PRICES, OWED, ENTRIES, STATEMENTS, UNMATCHED, ACCOUNTS], ids=lambda one: one.thing
)
@pytest.mark.parametrize("most", [1, 2, 3])
def test_page_by_page_is_the_same_as_whole(scene, listing, most):
    every_list(scene)
    span = {"since_ms": scene.now - 30 * DAY_MS, "until_ms": scene.now + 1} if listing.span else {}
    given = span | {"EntryByHand": {"account": "pre"}, "StatementRow": {"period": Period.DAY}}.get(listing.thing, {})

    whole = pages_of(scene, listing, 100, **given)
    assert len(whole) >= 3
    assert pages_of(scene, listing, most, **given) == whole


def test_balances_begin_with_the_lowest(scene):
    every_list(scene)
    points = [row["points"] for row in pages_of(scene, BALANCES, 2)]

    assert points == sorted(points)


def test_statements_and_prices_of_one_account(scene):
    every_list(scene)
    span = {"since_ms": scene.now - 30 * DAY_MS, "until_ms": scene.now + 1}

    days = pages_of(scene, STATEMENTS, 1, account="pre", period=Period.DAY, **span)
    assert {row["account"] for row in days} == {"pre"}
    assert len(days) == 2
    assert len(pages_of(scene, PRICES, 1, account="pre")) == 3
    with pytest.raises(NotFound):
        pages_of(scene, STATEMENTS, 1, account="nobody", period=Period.WHOLE, **span)


def test_accounts_without_a_wallet_for_sms_have_no_balance_and_come_last(scene):
    without = scene.account("taken").id
    scene.within(lambda tx: tx.db.core(schema.wallet.delete().where(schema.wallet.c.account_id == without)))

    rows = pages_of(scene, BALANCES, 2)

    assert [(row["name"], row["points"], row["why"]) for row in rows][-1] == ("taken", None, "it sends no SMS")
    assert all(row["points"] is not None and not row["why"] for row in rows[:-1])


def test_accounts_and_customers_are_found_by_a_part_of_their_name(scene):
    name = scene.listed(ACCOUNTS)[0]["name"]
    part = name[1:].upper()

    assert name in [row["name"] for row in pages_of(scene, ACCOUNTS, 1, name=part)]
    assert all(part.lower() in row["name"].lower() for row in scene.listed(ACCOUNTS, name=part))
    assert scene.listed(ACCOUNTS, name="%") == scene.listed(CUSTOMERS, name="%") == []
    (account,) = scene.listed(ACCOUNTS, name=name)
    (customer,) = [row for row in scene.listed(CUSTOMERS, name=account["customer"]) if row["id"] == account["customer_id"]]
    assert customer["name"] == account["customer"] != ""


def test_accounts_of_one_customer(scene):
    customers = {row["customer_id"] for row in scene.listed(ACCOUNTS)}
    for number in customers:
        assert {row["customer_id"] for row in pages_of(scene, ACCOUNTS, 1, customer=number)} == {number}
    assert scene.listed(ACCOUNTS, customer=max(customers) + 1) == []
