"""Points: held at accept, settled by the verdict and the account's rule, and always the sum of their entries."""

import orjson
import pytest
from sqlalchemy import update
from tests.scene import CREDIT, POINTS, UP1, UP2, UP3, mobiles

from hongyan.model.account import Product
from hongyan.model.errors import Forbidden, Invalid, NotFound
from hongyan.model.ledger import POINTS_MOST, Entry, EntryKind
from hongyan.model.message import ReceiptState
from hongyan.services.admin import billing
from hongyan.services.admin.billing import Difference
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
    topped = scene.within(lambda tx: billing.top_up(tx, scene.act(), account_id, 500))

    assert topped == POINTS + 500
    wallet = scene.within(lambda tx: tx.read_wallet(account_id, Product.SMS))
    assert (wallet.points, wallet.topped_up) == (POINTS + 500, POINTS + 500)
    assert scene.rows("audit")[-1]["action"] == "wallet.topup"
    assert scene.books_balance()


def adjusted(scene, points, *, account=PRE, is_forced=False, note="a slip"):
    correction = billing.Correction(points, note, is_forced)
    account_id = scene.account(account).id
    return scene.within(lambda tx: billing.adjust(tx, scene.act(), account_id, correction))


@pytest.mark.parametrize("points", [-POINTS, -1, 1, 9_999_999])
def test_a_correction_is_an_entry_of_its_own_kind_with_a_note_and_no_top_up(scene, points):
    assert adjusted(scene, points) == POINTS + points

    account_id = scene.account(PRE).id
    wallet = scene.within(lambda tx: tx.read_wallet(account_id, Product.SMS))
    assert (wallet.points, wallet.topped_up) == (POINTS + points, POINTS)
    audit = scene.rows("audit")[-1]
    assert (audit["action"], orjson.loads(audit["after"])["note"]) == ("wallet.adjust", "a slip")
    (entry,) = [row for row in scene.rows("entry") if row["kind"] == EntryKind.ADJUST]
    assert (entry["subject"], entry["account_id"], entry["points"]) == (audit["id"], account_id, points)
    assert scene.books_balance()


@pytest.mark.parametrize(("account", "free"), [(PRE, POINTS), ("post", CREDIT)])
def test_a_correction_never_goes_below_the_credit_unless_it_is_forced(scene, account, free):
    with pytest.raises(Forbidden, match=f"{free + 1} points cannot be taken: {free} are free"):
        adjusted(scene, -free - 1, account=account)
    before = scene.points(account)

    assert adjusted(scene, -free, account=account) == before - free
    assert adjusted(scene, 1, account=account) == before - free + 1  # a debt may always be made smaller
    assert adjusted(scene, -2, account=account, is_forced=True) == before - free - 1
    assert adjusted(scene, 1, account=account) == before - free
    assert scene.books_balance()


@pytest.mark.parametrize("points", [0, -1, -9_999_999, POINTS_MOST + 1, 2**63])
def test_a_top_up_adds_points(scene, points):
    account_id = scene.account(PRE).id

    with pytest.raises(Invalid):
        scene.within(lambda tx: billing.top_up(tx, scene.act(), account_id, points))
    assert scene.points(PRE) == POINTS


@pytest.mark.parametrize(("points", "note"), [(0, "x"), (POINTS_MOST + 1, "x"), (-(2**63), "x"), (1, ""), (1, "a\nb")])
def test_a_correction_has_points_and_a_note(scene, points, note):
    with pytest.raises(Invalid):
        adjusted(scene, points, note=note, is_forced=True)


def test_a_top_up_of_a_wallet_that_is_not_there_is_refused(scene):
    with pytest.raises(NotFound):
        scene.within(lambda tx: billing.top_up(tx, scene.act(), 999, 500))


def test_verify_names_a_wallet_that_is_not_the_sum_of_its_entries(scene):
    scene.send(PRE, mobiles(3))
    account_id = scene.account(PRE).id
    wallet = schema.wallet
    tampered = update(wallet).where(wallet.c.account_id == account_id).values(points=POINTS)
    scene.within(lambda tx: tx.db.core(tampered))

    count, differing = scene.within(billing.verify)

    assert count == len(scene.snapshot.accounts)
    assert differing == [Difference(account_id, Product.SMS, POINTS, POINTS - 3, POINTS, POINTS, POINTS - 3)]


@pytest.mark.parametrize(("topped_up", "is_carried", "agrees"), [
    (POINTS, False, True), (POINTS + 1, False, False), (POINTS - 1, False, False),
    (POINTS, True, True), (POINTS + 1, True, True), (POINTS - 1, True, False),
])  # fmt: skip
def test_verify_proves_the_total_of_top_ups(scene, topped_up, is_carried, agrees):
    """Older top-ups that are no longer kept may stand in it."""
    account_id, wallet = scene.account(PRE).id, schema.wallet
    tampered = update(wallet).where(wallet.c.account_id == account_id).values(topped_up=topped_up)
    scene.within(lambda tx: tx.db.core(tampered))
    if is_carried:
        carried = Entry(EntryKind.CARRIED, scene.ids.one(scene.now), account_id, int(Product.SMS), 0)
        scene.within(lambda tx: tx.carry([carried], scene.now))

    assert (scene.within(billing.verify)[1] == []) is agrees
