import pytest

from hongyan.model.account import PayMode
from hongyan.model.refusal import Code
from hongyan.policy.limits import short_of_balance
from hongyan.policy.release import AT_ONCE, SLICE, is_released_later, slices

PREPAID, POSTPAID = PayMode.PREPAID, PayMode.POSTPAID


@pytest.mark.parametrize(
    ("need", "points", "credit", "pay_mode", "free"),
    [
        (1, 1, 0, PREPAID, None),
        (2, 1, 0, PREPAID, 1),
        (0, 0, 0, PREPAID, None),
        (1, 0, 100, PREPAID, 0),  # a prepaid wallet has no credit
        (100, 0, 100, POSTPAID, None),
        (101, 0, 100, POSTPAID, 100),
        (1, -100, 100, POSTPAID, 0),
        (1, -150, 100, POSTPAID, -50),  # the credit was lowered
        (0, -150, 100, POSTPAID, -50),
    ],
)
def test_points_are_held_only_where_they_are_free(need, points, credit, pay_mode, free):
    refusal = short_of_balance(need, points, credit, pay_mode)
    if free is None:
        assert refusal is None
    else:
        assert refusal.code is Code.BALANCE_SHORT
        assert refusal.facts == {"need": need, "free": free}


@pytest.mark.parametrize(
    ("count", "send_at_ms", "is_later"),
    [(1, 0, False), (AT_ONCE, 0, False), (AT_ONCE + 1, 0, True), (1, 1_000, False), (1, 1_001, True)],
)
def test_large_tasks_and_those_with_a_time_are_released_later(count, send_at_ms, is_later):
    assert is_released_later(count, send_at_ms, now_ms=1_000) is is_later


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (SLICE, [SLICE]), (SLICE + 1, [SLICE, 1]), (5 * SLICE // 2, [SLICE, SLICE, SLICE // 2])],
)
def test_slices_hold_every_number_once_in_order(count, sizes):
    numbers = list(range(count))
    batches = [numbers[batch] for batch in slices(count)]
    assert [len(batch) for batch in batches] == sizes
    assert [number for batch in batches for number in batch] == numbers
