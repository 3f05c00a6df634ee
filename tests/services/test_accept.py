"""The accept step on either engine: one transaction for a whole batch, decided in order of arrival."""

from dataclasses import replace

import pytest
from tests.scene import CREDIT, LONG, NOW, POINTS, UP1, UP2, mobiles

from hongyan.model.account import PayMode, Product
from hongyan.model.destination import Carrier
from hongyan.model.ids import made_ms
from hongyan.model.message import MessageState, TaskState
from hongyan.model.refusal import Code, Refusal
from hongyan.model.route import Route
from hongyan.model.submission import Accepted
from hongyan.services.admin.billing import BalanceAsked


def refs(answers):
    """What each answer says: the task, or the cause of its refusal."""
    return [a.code if isinstance(a, Refusal) else a.task_id for a in answers]


def test_a_task_its_messages_its_parcel_and_its_hold_are_stored_together(scene):
    admission = scene.admission(
        numbers=["13800138000", "13000130000"], text=LONG, extno="7", source="sms.aspx", address="1.2.3.4"
    )

    (answer,) = scene.run(scene.steps.accept, admission)

    assert answer == Accepted(admission.task_id, admission.sms_id, POINTS - 6, 2, 6, [])
    (task,), messages, (parcel,) = scene.rows("task"), scene.rows("message"), scene.rows("parcel")
    assert (task["numbers"], task["points"], task["state"]) == (2, 6, TaskState.RELEASED)
    assert (task["text"], task["extno"], task["source"], task["address"]) == (LONG, "7", "sms.aspx", "1.2.3.4")
    assert (task["first_id"], task["last_id"]) == (messages[0]["id"], messages[1]["id"])
    assert [(m["phone"], m["segments"], m["points"]) for m in messages] == [(8613800138000, 3, 3), (8613000130000, 3, 3)]
    assert {(m["state"], m["channel_id"], m["parcel_id"]) for m in messages} == {(MessageState.QUEUED, UP1, parcel["id"])}
    assert (parcel["channel_id"], parcel["messages"], parcel["first_id"], parcel["last_id"]) == (
        UP1,
        2,
        messages[0]["id"],
        messages[1]["id"],
    )
    assert made_ms(messages[0]["id"]) == NOW
    assert scene.points() == POINTS - 6
    assert scene.books_balance()


def test_a_text_stands_once_in_the_task_and_per_message_only_where_they_differ(scene):
    scene.send(numbers=mobiles(2), text="您好")
    scene.send(numbers=mobiles(2), text="", texts=["甲", "乙"])

    assert [row["text"] for row in scene.rows("message")] == [None, None, "甲", "乙"]
    assert [segment.text for segment in scene.claim()] == ["您好", "您好", "甲", "乙"]


def test_a_batch_of_many_submissions_is_one_commit_and_keeps_its_order(scene):
    batch = [scene.admission(numbers=mobiles(3, first=10 * n)) for n in range(20)]

    answers = scene.run(scene.steps.accept, *batch)

    assert [a.task_id for a in answers] == [a.task_id for a in batch]
    assert [a.balance for a in answers] == [POINTS - 3 * n for n in range(1, 21)]
    messages = scene.rows("message")
    assert [m["phone"] for m in messages] == [phone for a in batch for phone in a.phones]
    ranges = [(t["first_id"], t["last_id"]) for t in scene.rows("task")]
    assert ranges == [(messages[3 * n]["id"], messages[3 * n + 2]["id"]) for n in range(20)]
    assert len(scene.rows("parcel")) == 1
    assert scene.books_balance()


def test_a_submission_that_the_balance_does_not_cover_is_refused_amid_others(scene):
    big, small = mobiles(6_000), mobiles(4_000)
    batch = [scene.admission(numbers=n) for n in (big, big, small, ["13800138000"])]

    first, second, third, fourth = scene.run(scene.steps.accept, *batch)

    assert (first.balance, third.balance) == (4_000, 0)
    assert isinstance(second, Refusal)
    assert (second.code, second.facts) == (Code.BALANCE_SHORT, {"need": 6_000, "free": 4_000})
    assert isinstance(fourth, Refusal)
    assert fourth.facts == {"need": 1, "free": 0}
    assert {row["id"] for row in scene.rows("task")} == {batch[0].task_id, batch[2].task_id}
    assert scene.points() == 0
    assert scene.books_balance()


def test_wallets_of_one_batch_do_not_mix(scene):
    batch = [scene.admission(account) for account in ("taken", "pre", "delivered", "pre", "post")]

    answers = scene.run(scene.steps.accept, *batch)

    assert [a.balance for a in answers] == [POINTS - 1, POINTS - 1, POINTS - 1, POINTS - 2, -1]
    assert scene.books_balance()


def test_a_postpaid_wallet_goes_below_zero_down_to_its_credit(scene):
    answers = scene.run(scene.steps.accept, *(scene.admission("post", mobiles(20)) for _ in range(3)))

    assert [a.balance for a in answers[:2]] == [-20, -40]
    assert answers[2].facts == {"need": 20, "free": CREDIT - 40}
    assert scene.points("post") == -40


def test_a_prepaid_wallet_has_no_credit(scene):
    scene.within(lambda tx: tx.change_wallet(scene.account("pre").id, Product.SMS, credit=10**6))

    (answer,) = scene.run(scene.steps.accept, scene.admission(numbers=mobiles(POINTS + 1)))

    assert answer.code is Code.BALANCE_SHORT


def test_an_account_without_a_wallet_for_the_product_is_refused(scene):
    admission = scene.admission()
    admission.submission.product = Product.MMS

    (answer,) = scene.run(scene.steps.accept, admission)

    assert answer.code is Code.NO_PRODUCT
    assert scene.rows("message") == []


def test_rejected_numbers_are_in_the_answer_and_not_in_the_store(scene):
    answer = scene.send(numbers=["13800138000", "123"])

    assert (answer.count, answer.rejected) == (1, [("123", Code.NUMBER_BAD)])
    assert len(scene.rows("message")) == 1


def test_messages_of_one_commit_part_into_parcels_by_channel_and_by_five_hundred(scene):
    scene.process_state.snapshot = replace(
        scene.snapshot, routes=(Route(1, UP1, carrier=Carrier.MOBILE), Route(2, UP2, carrier=Carrier.UNICOM))
    )
    mixed = [number for n in range(501) for number in (f"138{n:08}", f"130{n:08}")][:1000]

    scene.send(numbers=mixed)
    scene.run(scene.steps.accept, *(scene.admission(numbers=[number]) for number in mixed[:3]))

    parcels = scene.rows("parcel")
    assert [(p["channel_id"], p["messages"]) for p in parcels] == [(UP1, 500), (UP2, 500), (UP1, 2), (UP2, 1)]
    for parcel in parcels:
        members = [m["id"] for m in scene.rows("message") if m["parcel_id"] == parcel["id"]]
        assert (len(members), min(members), max(members)) == (parcel["messages"], parcel["first_id"], parcel["last_id"])


# --- client references -----------------------------------------------------------------------------------------------


def test_a_repeated_reference_gets_the_first_answer_and_stores_nothing(scene):
    first = scene.send(numbers=["13800138000", "1"], client_ref="r", client_hash=b"h")
    before = scene.everything()

    scene.now += 1_000
    again = scene.send(numbers=["13800138000", "1"], client_ref="r", client_hash=b"h")

    assert again == first
    assert again.rejected == [("1", Code.NUMBER_BAD)]
    assert scene.everything() == before


def test_a_reference_with_other_contents_is_refused(scene):
    scene.send(client_ref="r", client_hash=b"h")
    before = scene.everything()

    (answer,) = scene.run(scene.steps.accept, scene.admission(client_ref="r", client_hash=b"other"))

    assert answer.code is Code.REFERENCE_REUSED
    assert scene.everything() == before


def test_two_submissions_with_one_reference_in_one_batch_share_one_answer(scene):
    batch = [
        scene.admission(client_ref="r", client_hash=b"h"),
        scene.admission(client_ref="other", client_hash=b"h"),
        scene.admission(client_ref="r", client_hash=b"h"),
        scene.admission(client_ref="r", client_hash=b"x"),
    ]

    answers = scene.run(scene.steps.accept, *batch)

    first, other = batch[0].task_id, batch[1].task_id
    assert refs(answers) == [first, other, first, Code.REFERENCE_REUSED]
    assert {row["id"] for row in scene.rows("task")} == {first, other}
    assert scene.points() == POINTS - 2


def test_a_batch_of_references_returns_those_that_were_taken_before(scene):
    first = scene.send(client_ref="r", client_hash=b"h")
    batch = [
        scene.admission(client_ref=ref, client_hash=digest)
        for ref, digest in (("new", b"h"), ("r", b"x"), ("r", b"h"), ("newer", b"h"), ("r", b"h"))
    ]

    answers = scene.run(scene.steps.accept, *batch)

    task_ids = [batch[0].task_id, Code.REFERENCE_REUSED, first.task_id, batch[3].task_id, first.task_id]
    assert refs(answers) == task_ids
    assert [answer.is_repeat for answer in answers if answer == first] == [True, True]


def test_a_reference_belongs_to_its_account(scene):
    batch = [scene.admission(account, client_ref="r", client_hash=b"h") for account in ("pre", "taken")]

    assert refs(scene.run(scene.steps.accept, *batch)) == [a.task_id for a in batch]


def test_a_refusal_is_not_remembered(scene):
    poor = {"account": "post", "client_ref": "r", "client_hash": b"h"}
    refused, shared = scene.run(
        scene.steps.accept, scene.admission(numbers=mobiles(51), **poor), scene.admission(numbers=mobiles(51), **poor)
    )
    assert refused.code is Code.BALANCE_SHORT
    assert shared.code is Code.BALANCE_SHORT
    assert scene.rows("client_ref") == []

    scene.within(lambda tx: tx.change_wallet(scene.account("post").id, Product.SMS, credit=51))
    assert scene.send(numbers=mobiles(51), **poor).count == 51


def test_a_refused_repeat_leaves_the_first_answer_alone(scene):
    """A reference that was accepted stays so, whatever the wallet says when it is repeated."""
    first = scene.send("post", mobiles(50), client_ref="r", client_hash=b"h")

    assert scene.send("post", mobiles(50), client_ref="r", client_hash=b"h") == first


# --- balance -----------------------------------------------------------------------------------------------------------


def test_the_balance_is_reported_with_all_top_ups(scene):
    scene.send(numbers=mobiles(10))
    asked = [BalanceAsked(scene.account(name), Product.SMS) for name in ("pre", "post")]

    pre, post = scene.run(scene.steps.balances, *asked)

    assert (pre.pay_mode, pre.points, pre.topped_up) == (PayMode.PREPAID, POINTS - 10, POINTS)
    assert (post.pay_mode, post.points, post.topped_up) == (PayMode.POSTPAID, 0, 0)


def test_an_account_without_a_wallet_has_nothing(scene):
    balance = scene.ask(scene.steps.balances, BalanceAsked(scene.account("pre"), Product.MMS))

    assert (balance.points, balance.topped_up) == (0, 0)


@pytest.mark.parametrize("text", ["'; DROP TABLE message; --", "\\u0000 literal", "𠮷😀", '"{}[]:,%s%(x)s ?1 :name'])
def test_a_text_is_stored_as_it_is(scene, text):
    scene.send(text=text, extno="")

    assert scene.claim()[0].text == text


def test_what_comes_late_gets_the_first_answer_to_its_reference_or_is_refused(scene):
    named = {"client_ref": " text64 digest", "client_hash": b"h"}
    unknown, first, again = (scene.admission(**named, is_late=late) for late in (True, False, True))

    assert refs(scene.run(scene.steps.accept, unknown)) == [Code.STAMP_OLD]
    assert refs(scene.run(scene.steps.accept, first)) == [first.task_id]
    assert refs(scene.run(scene.steps.accept, again)) == [first.task_id]
    assert refs(scene.run(scene.steps.accept, scene.admission(is_late=True))) == [Code.STAMP_OLD]
    assert len(scene.rows("message")) == 1
    assert scene.books_balance()
