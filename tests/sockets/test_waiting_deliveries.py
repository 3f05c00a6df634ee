"""Deliveries that wait for their commit: how many, and until when."""

from math import inf

from hongyan.sockets.waiting_deliveries import UNCONFIRMED_MOST, Batch, WaitingDeliveries


def batch(until: float, count: int = 1) -> Batch:
    return Batch([None] * count, 1, until, None)


def test_the_oldest_one_that_is_not_answered_has_the_next_deadline():
    waiting, batches = WaitingDeliveries(), [batch(1.0), batch(2.0), batch(3.0)]
    for one in batches:
        waiting.add(one)

    waiting.remove(batches[1])
    assert (waiting.next_deadline, waiting.overdue(0.9), waiting.overdue(1.0)) == (1.0, None, batches[0])
    waiting.remove(batches[0])
    assert (waiting.next_deadline, waiting.count) == (3.0, 1)
    waiting.remove(batches[2])
    assert (waiting.next_deadline, waiting.overdue(9.0), waiting.count) == (inf, None, 0)


def test_a_peer_that_filled_it_is_read_on_when_half_is_free():
    waiting, small, large = WaitingDeliveries(), batch(1.0), batch(1.0, UNCONFIRMED_MOST)
    waiting.add(large)
    assert not waiting.is_full
    waiting.add(small)
    assert waiting.is_full
    waiting.remove(small)
    assert (waiting.is_full, waiting.has_room) == (False, False)
    waiting.remove(large)
    assert waiting.has_room
