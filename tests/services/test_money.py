"""Points: held at accept, settled by the verdict and the account's rule, and always the sum of their entries."""

import pytest
from sqlalchemy import update
from tests.scene import ACTOR, POINTS, UP1, UP2, UP3, mobiles

from hongyan.model.account import Product
from hongyan.model.ledger import EntryKind
from hongyan.model.message import ReceiptState
from hongyan.model.told import Missing
from hongyan.services import billing
from hongyan.services.billing import Difference
from hongyan.store import schema

DELIVERED, FAILED, UNKNOWN = ReceiptState.DELIVERED, ReceiptState.FAILED, ReceiptState.UNKNOWN
PRE, TAKEN, ON_DELIVERY = "pre", "taken", "delivered"


@pytest.mark.parametrize(
    ("account", "state", "returned"),
    [
        (PRE, DELIVERED, 0), (PRE, FAILED, 0), (PRE, UNKNOWN, 0),
        (TAKEN, DELIVERED, 0), (TAKEN, FAILED, 0), (TAKEN, UNKNOWN, 0),
        (ON_DELIVERY, DELIVERED, 0), (ON_DELIVERY, FAILED, 2), (ON_DELIVERY, UNKNOWN, 2),
    ],
)  # fmt: skip
def test_a_receipt_settles_by_the_rule_of_the_account(scene, account, state, returned):
    scene.sent(account, text="一" * 71)

    scene.report(scene.receipt("c1", state=state, code="X"), scene.receipt("c2", state=state, code="X"))

    assert scene.points(account) == POINTS - 2 + returned
    assert scene.books_balance()


@pytest.mark.parametrize(("account", "returned"), [(PRE, 0), (TAKEN, 1), (ON_DELIVERY, 1)])
def test_a_message_that_every_channel_refused_settles_by_the_rule_of_the_account(scene, account, returned):
    scene.send(account)
    for channel_id in (UP1, UP2, UP3):
        scene.record([scene.refused(segment) for segment in scene.claim(channel_id)], channel_id)

    assert scene.points(account) == POINTS - 1 + returned
    assert scene.books_balance()


@pytest.mark.parametrize(("account", "returned"), [(PRE, 0), (TAKEN, 0), (ON_DELIVERY, 1)])
def test_silence_settles_by_the_rule_of_the_account(scene, account, returned):
    scene.sent(account)
    scene.now += 73 * 3_600_000

    scene.ask(scene.steps.silent)

    assert scene.points(account) == POINTS - 1 + returned
    assert scene.books_balance()


def test_silence_of_a_message_that_no_carrier_is_known_to_have_taken_returns_its_points(scene):
    scene.send(TAKEN)
    scene.record([scene.unanswered(segment) for segment in scene.claim()])
    scene.now += 73 * 3_600_000

    scene.ask(scene.steps.silent)

    assert scene.points(TAKEN) == POINTS
    assert scene.books_balance()


def test_each_message_returns_its_own_points_once(scene):
    scene.sent(ON_DELIVERY, count=5)

    scene.report(*(scene.receipt(f"c{n}", state=FAILED, code="X") for n in (1, 2, 2)))
    scene.report(*(scene.receipt(f"c{n}", state=FAILED, code="X") for n in (2, 3)))

    messages = [m["id"] for m in scene.rows("message")]
    returns = [(e["subject"], e["points"]) for e in scene.rows("entry") if e["kind"] == EntryKind.RETURN]
    assert returns == [(message_id, 1) for message_id in messages[:3]]
    assert scene.points(ON_DELIVERY) == POINTS - 2


def test_a_top_up_is_an_entry_a_total_and_an_audit_row(scene):
    account_id = scene.account(PRE).id
    topped = scene.within(lambda tx: billing.top_up(tx, account_id, 500, ACTOR, scene.ids, scene.now))
    taken = scene.within(lambda tx: billing.top_up(tx, account_id, -100, ACTOR, scene.ids, scene.now))

    assert (topped, taken) == (POINTS + 500, POINTS + 400)
    wallet = scene.within(lambda tx: tx.read_wallet(account_id, Product.SMS))
    assert (wallet.points, wallet.topped_up) == (POINTS + 400, POINTS + 500)
    assert [row["action"] for row in scene.rows("audit")[-2:]] == ["wallet.topup", "wallet.topup"]
    assert scene.books_balance()


def test_a_top_up_of_a_wallet_that_is_not_there_is_refused(scene):
    with pytest.raises(Missing):
        scene.within(lambda tx: billing.top_up(tx, 999, 500, ACTOR, scene.ids, scene.now))


def test_verify_names_a_wallet_that_is_not_the_sum_of_its_entries(scene):
    scene.send(PRE, mobiles(3))
    account_id = scene.account(PRE).id
    wallet = schema.wallet
    tampered = update(wallet).where(wallet.c.account_id == account_id).values(points=POINTS)
    scene.within(lambda tx: tx.db.core(tampered))

    count, differing = scene.within(billing.verify)

    assert count == len(scene.book.accounts)
    assert differing == [Difference(account_id, Product.SMS, POINTS, POINTS - 3)]
