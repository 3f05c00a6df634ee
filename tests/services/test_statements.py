"""Statements add up: opening and what moved a wallet are its closing, whatever happened and whenever they are asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scene import HOUR_MS, NOW, POINTS, mobiles
from tests.services.test_statistics import LIFE, _happen, new_scene  # noqa: F401  a fixture

from hongyan.model.account import Product
from hongyan.model.errors import Conflict, Forbidden, Invalid, NotFound
from hongyan.model.ledger import EntryKind
from hongyan.model.message import ReceiptState
from hongyan.services.admin import account_money, billing, refunds
from hongyan.services.queries import statements
from hongyan.services.queries.statements import Period, StatementQuery
from hongyan.services.queries.statistics import china_day_ms

DAY_MS = 24 * HOUR_MS
ON_DELIVERY = "delivered"


def ask(scene, first="2026-02-02", last="2026-02-02", account="", **others):
    query = StatementQuery(china_day_ms(first), china_day_ms(last) + DAY_MS, **others)

    def read(tx):
        names = {row["id"]: row["name"] for row in tx.rows_of("account") if account in {"", row["name"]}}
        return statements.statement(tx, query, names)

    return scene.within(read)


def close(scene):
    count = 0
    while scene.ask(scene.steps.close_days):
        count += 1
    return count


def correct(scene, points, account="pre", note="a slip"):
    account_id = scene.account(account).id
    scene.within(lambda tx: billing.adjust(tx, scene.act(), account_id, billing.Correction(points, note)))


def test_a_day_with_everything_in_it(scene):
    scene.sent(ON_DELIVERY, count=5)
    scene.report(scene.receipt("c1"), scene.receipt("c2", state=ReceiptState.FAILED, code="MK:0001"))
    correct(scene, 7, ON_DELIVERY)

    (row,) = ask(scene, account=ON_DELIVERY)
    assert {name: row[name] for name in ("opening", "topped_up", "charged", "returned", "adjusted", "closing")} == {
        "opening": 0,
        "topped_up": POINTS,
        "charged": 5,
        "returned": 1,
        "adjusted": 7,
        "closing": POINTS - 5 + 1 + 7,
    }
    assert (row["submitted"], row["delivered"], row["failed"], row["pending"]) == (5, 1, 1, 3)
    assert row["closing"] == scene.points(ON_DELIVERY)


def test_each_day_begins_with_what_the_one_before_ended_with(scene):
    for _ in range(4):
        scene.send(numbers=mobiles(3))
        scene.now += DAY_MS
        close(scene)
    scene.now += 3 * DAY_MS
    close(scene)
    scene.send()

    rows = ask(scene, "2026-02-03", "2026-02-28", account="pre", period=Period.DAY)
    assert [(r["day"], r["opening"], r["charged"], r["closing"]) for r in rows] == [
        ("2026-02-03", POINTS - 3, 3, POINTS - 6),
        ("2026-02-04", POINTS - 6, 3, POINTS - 9),
        ("2026-02-05", POINTS - 9, 3, POINTS - 12),
        ("2026-02-09", POINTS - 12, 1, POINTS - 13),
    ]
    (month,) = ask(scene, "2026-02-01", "2026-02-28", account="pre", period=Period.MONTH)
    assert (month["month"], month["opening"], month["closing"]) == ("2026-02", 0, scene.points())
    (still,) = ask(scene, "2026-03-01", "2026-03-31", account="pre")
    assert (still["opening"], still["closing"]) == (scene.points(), scene.points())


def test_days_are_closed_once_in_order_ten_minutes_after_their_end(scene):
    scene.now = china_day_ms("2026-02-03") + 599_999
    first = close(scene)  # all days before this one's, in one
    scene.now += 1
    assert (first, close(scene)) == (1, 1)
    assert close(scene) == 0
    balances = {(row["account_id"], row["day"]): row["points"] for row in scene.rows("closing")}
    scene.now += 5 * DAY_MS
    assert close(scene) == 5

    assert {(row["account_id"], row["day"]): row["points"] for row in scene.rows("closing")} == balances  # nothing moved


@pytest.mark.parametrize("back_days", [1, 3, 10])
def test_a_day_that_the_clock_is_put_back_into_is_open_again(scene, back_days):
    for _ in range(4):
        scene.send(numbers=mobiles(3))
        scene.now += DAY_MS
        close(scene)
    ahead = scene.now
    scene.now -= back_days * DAY_MS
    assert close(scene) == 0
    scene.send(numbers=mobiles(2))
    scene.now = ahead + DAY_MS
    close(scene)

    days = ask(scene, "2026-01-01", "2026-02-28", account="pre", period=Period.DAY)
    assert [row["opening"] for row in days[1:]] == [row["closing"] for row in days[:-1]]
    assert days[-1]["closing"] == scene.points() == POINTS - 14
    (after,) = ask(scene, "2026-02-09", "2026-02-28", account="pre")
    assert after["opening"] == scene.points()
    for row in days:  # each day by itself: it begins from what was closed
        (alone,) = ask(scene, row["day"], row["day"], account="pre")
        assert (alone["opening"], alone["closing"]) == (row["opening"], row["closing"])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    traces=st.lists(LIFE, max_size=4),
    closes=st.lists(st.booleans(), min_size=4, max_size=4),
    steps=st.lists(st.sampled_from([DAY_MS, 2 * DAY_MS, -DAY_MS]), min_size=4, max_size=4),
)
def test_statements_are_the_entries_whatever_was_closed(new_scene, traces, closes, steps):  # noqa: F811
    scene, known, made = new_scene(), [], []
    billing_account = scene.account(ON_DELIVERY).id
    scene.within(lambda tx: billing.top_up(tx, scene.act(), billing_account, 10 * POINTS))  # for every bulk that there may be
    try:
        for traced, is_closed, step in zip(traces, closes, steps, strict=False):
            for event in traced:
                _happen(scene, event, known, made)
            correct(scene, 3)
            scene.now += step
            if is_closed:
                close(scene)
        days = ask(scene, "2026-01-01", "2026-03-31", period=Period.DAY)
        for row in ask(scene, "2026-01-01", "2026-03-31"):
            mine = [one for one in days if one["account"] == row["account"]]
            assert row["opening"] + row["topped_up"] - row["charged"] + row["returned"] + row["adjusted"] == row["closing"]
            assert row["closing"] == scene.points(row["account"])
            assert [one["opening"] for one in mine[1:]] == [one["closing"] for one in mine[:-1]]
            for column, kind in (
                ("topped_up", EntryKind.TOPUP),
                ("returned", EntryKind.RETURN),
                ("adjusted", EntryKind.ADJUST),
            ):
                account_id = scene.account(row["account"]).id
                entries = [e for e in scene.rows("entry") if e["account_id"] == account_id and e["kind"] == kind]
                assert row[column] == sum(e["points"] for e in entries) == sum(one[column] for one in mine)
        assert scene.books_balance()
    finally:
        scene.close()


# --- by hand ------------------------------------------------------------------------------------------------------------


def refund(scene, message_id, note="complaint"):
    return scene.within(lambda tx: refunds.refund_message(tx, scene.act(), message_id, note))


def refund_task(scene, task_id, note="sent twice"):
    done, after = refunds.Refunded(), 0
    while after is not None:
        page, after = scene.within(lambda tx, after=after: refunds._refund_page(tx, scene.act(), task_id, after, note))
        done = refunds.Refunded(done.messages + page.messages, done.points + page.points)
    return done


def test_what_a_message_cost_is_given_back_once(scene):
    scene.sent(count=2, text="一" * 80)
    scene.report(*[scene.receipt(f"c{n}") for n in range(1, 5)])
    first, _ = [m["id"] for m in scene.rows("message")]

    assert refund(scene, first) == 2
    assert scene.points() == POINTS - 2
    with pytest.raises(Conflict):
        refund(scene, first)
    assert scene.points() == POINTS - 2
    assert scene.books_balance()
    (row, _) = scene.within(lambda tx: statements.by_hand(tx, "pre", 10))
    assert (row["kind"], row["points"], row["note"], row["actor"], row["subject"]) == (
        "return",
        2,
        "complaint",
        "system:test",
        first,
    )


def test_what_came_back_by_itself_or_has_not_ended_is_not_given_back(scene):
    scene.sent(ON_DELIVERY, count=2)
    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="MK:0001"))

    for message in scene.rows("message"):
        with pytest.raises(Conflict):
            refund(scene, message["id"])
    with pytest.raises(NotFound):
        refund(scene, 1)
    with pytest.raises(Invalid):
        refund(scene, scene.rows("message")[0]["id"], note="")
    scene.report(scene.receipt("c2", state=ReceiptState.FAILED, code="MK:0001"))
    assert scene.points(ON_DELIVERY) == POINTS
    assert scene.books_balance()


def test_what_a_task_cost_is_given_back_page_by_page_and_once(scene):
    segments = scene.sent(count=700)
    scene.report(*[scene.receipt(f"c{n}") for n in range(1, 601)])
    refund(scene, segments[0].message_id)
    task_id = scene.rows("task")[0]["id"]

    assert refund_task(scene, task_id) == refunds.Refunded(599, 599)
    assert refund_task(scene, task_id) == refunds.Refunded()
    assert scene.points() == POINTS - 100
    assert scene.books_balance()
    with pytest.raises(NotFound):
        refund_task(scene, 1)


def test_a_slip_of_the_keyboard_is_asked_about(scene):
    def top_up(points, **others):
        return scene.within(lambda tx: account_money.top_up(tx, scene.act(), "pre", points, Product.SMS, **others))

    with pytest.raises(Forbidden, match="10,000,001 points at once are more than 10,000,000"):
        top_up(10_000_001)
    with pytest.raises(Forbidden):
        correct(scene, 10_000_001)
    assert top_up(10_000_001, is_forced=True, note="voucher 7") == POINTS + 10_000_001
    notes = [(row["kind"], row["note"]) for row in scene.within(lambda tx: statements.by_hand(tx, "pre", 10))]
    assert notes == [("topup", "voucher 7"), ("topup", "")]


def test_entries_that_are_over_keep_their_notes_and_their_turnover(scene):
    from hongyan.services.steps.retention import RetainedKind, RetentionBatch

    correct(scene, 5)
    scene.now = NOW + 400 * DAY_MS
    for kind in RetainedKind:
        while scene.ask(scene.steps.forget, RetentionBatch(kind, scene.now)):
            pass

    assert [row["note"] for row in scene.within(lambda tx: statements.by_hand(tx, "pre", 10))] == ["a slip", ""]
    (row,) = ask(scene, account="pre")
    assert (row["topped_up"], row["adjusted"], row["closing"]) == (POINTS, 5, POINTS + 5)
    assert scene.books_balance()
