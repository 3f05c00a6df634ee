from itertools import permutations

import pytest

from hongyan.model.account import ChargeRule
from hongyan.model.channel import Channel, ReceiptsGiven
from hongyan.model.message import MessageState, ReceiptState, Verdict
from hongyan.model.protocol import Protocol
from hongyan.policy.receipts import fold, judged, settles, verdict_of

EVERY, FIRST, LAST = ReceiptsGiven.EVERY, ReceiptsGiven.FIRST, ReceiptsGiven.LAST
OK = (ReceiptState.DELIVERED, "DELIVRD", 100)
LATER = (ReceiptState.DELIVERED, "DELIVRD", 200)
BAD = (ReceiptState.FAILED, "MK:0011", 150)
WORSE = (ReceiptState.FAILED, "MK:0012", 120)
LOST = (ReceiptState.UNKNOWN, "UNKNOWN", 50)
SOON = (ReceiptState.PENDING, "ACCEPTD", 90)

DELIVERED = Verdict(MessageState.DELIVERED, "DELIVRD", 100)
DELIVERED_LATER = Verdict(MessageState.DELIVERED, "DELIVRD", 200)
FAILED = Verdict(MessageState.FAILED, "MK:0011", 150)
UNKNOWN = Verdict(MessageState.UNKNOWN, "UNKNOWN", 50)


@pytest.mark.parametrize(
    ("given", "parts", "outcomes", "verdict"),
    [
        (EVERY, 1, {}, None),
        (EVERY, 1, {1: OK}, DELIVERED),
        (EVERY, 1, {1: BAD}, FAILED),
        (EVERY, 1, {1: LOST}, UNKNOWN),
        (EVERY, 1, {1: SOON}, None),
        (EVERY, 2, {1: OK}, None),
        (EVERY, 2, {1: OK, 2: SOON}, None),
        (EVERY, 2, {1: OK, 2: LATER}, DELIVERED_LATER),
        (EVERY, 2, {1: LATER, 2: OK}, DELIVERED_LATER),
        (EVERY, 2, {2: BAD}, FAILED),  # at once: the others cannot mend it
        (EVERY, 2, {1: SOON, 2: BAD}, FAILED),
        (EVERY, 2, {1: BAD, 2: WORSE}, FAILED),  # the lowest part speaks
        (EVERY, 2, {1: LOST, 2: LATER}, UNKNOWN),
        (EVERY, 2, {1: LOST}, None),
        (EVERY, 2, {1: LOST, 2: BAD}, FAILED),
        (FIRST, 3, {1: OK}, DELIVERED),
        (FIRST, 3, {2: OK, 3: OK}, None),
        (FIRST, 3, {1: SOON}, None),
        (FIRST, 3, {3: BAD}, FAILED),  # more than promised, but it says that the message failed
        (LAST, 3, {3: OK}, DELIVERED),
        (LAST, 3, {1: OK, 2: OK}, None),
        (LAST, 3, {3: LOST}, UNKNOWN),
        (LAST, 1, {1: OK}, DELIVERED),
    ],
)
def test_receipts_fold_into_one_verdict(given, parts, outcomes, verdict):
    for order in permutations(outcomes.items()):
        assert fold(given, parts, dict(order)) == verdict


@pytest.mark.parametrize(("outcome", "verdict"), [(OK, DELIVERED), (BAD, FAILED), (LOST, UNKNOWN), (SOON, None)])
def test_one_receipt_is_the_verdict_on_a_short_message(outcome, verdict):
    assert verdict_of(*outcome) == verdict


SUBMITTED, ACCEPTED, ON_DELIVERY = ChargeRule.SUBMITTED, ChargeRule.ACCEPTED, ChargeRule.DELIVERED


@pytest.mark.parametrize(
    ("rule", "state", "was_accepted", "stays"),
    [
        (SUBMITTED, MessageState.DELIVERED, True, True),
        (SUBMITTED, MessageState.FAILED, True, True),
        (SUBMITTED, MessageState.FAILED, False, True),
        (SUBMITTED, MessageState.UNKNOWN, False, True),
        (SUBMITTED, MessageState.CANCELLED, False, False),
        (ACCEPTED, MessageState.DELIVERED, True, True),
        (ACCEPTED, MessageState.FAILED, True, True),
        (ACCEPTED, MessageState.UNKNOWN, True, True),
        (ACCEPTED, MessageState.FAILED, False, False),
        (ACCEPTED, MessageState.UNKNOWN, False, False),
        (ACCEPTED, MessageState.CANCELLED, False, False),
        (ON_DELIVERY, MessageState.DELIVERED, True, True),
        (ON_DELIVERY, MessageState.FAILED, True, False),
        (ON_DELIVERY, MessageState.UNKNOWN, True, False),
        (ON_DELIVERY, MessageState.FAILED, False, False),
        (ON_DELIVERY, MessageState.CANCELLED, False, False),
    ],
)
def test_the_accounts_rule_says_whether_points_stay(rule, state, was_accepted, stays):
    assert settles(rule, state, was_accepted=was_accepted) is stays


@pytest.mark.parametrize("protocol", [Protocol.SMGP, Protocol.SMPP])
@pytest.mark.parametrize(("code", "stat"), [("Q99", "MK:0001"), ("MK:0001", "Q99")])
def test_where_one_of_two_words_is_known_it_decides_and_the_code_stays(protocol, code, stat):
    channel = Channel(7, "up", protocol, "127.0.0.1", 8080)

    assert judged(channel, ReceiptState.UNKNOWN, code, stat) == (ReceiptState.FAILED, code)
    assert judged(channel, ReceiptState.UNKNOWN, "Q99", "Q98") == (ReceiptState.UNKNOWN, "Q99")
