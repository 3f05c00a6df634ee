"""Requests that wait for their answers, and their sequences."""

from math import inf

from hongyan.wire.window import Window


def test_sequences_begin_again_after_the_last_one():
    window = Window((5, 6))
    assert [window.take_seq() for _ in range(3)] == [5, 6, 5]


def test_an_answer_is_for_the_request_with_its_sequence_once():
    window = Window((1, 9))
    window.add(1, None, 0.0)  # any token
    assert window.take(1) == (None, 0.0)
    assert window.take(1) is None


def test_requests_expire_in_their_order():
    window = Window((1, 9))
    for seq, token in enumerate("abc", 1):
        window.add(seq, token, float(seq))

    assert (window.next_deadline(10), window.expire(10, 10.9)) == (11.0, ())
    assert window.expire(10, 12.0) == ("a", "b")
    assert window.clear() == ("c",)
    assert window.next_deadline(10) == inf


def test_silence_that_is_ours_expires_nothing_that_was_sent_before_it():
    window = Window((1, 9))
    window.add(1, "before", 0.0)
    window.ignore_silence(5.0)
    window.add(2, "after", 5.0)

    assert window.expire(10, 14.9) == ()
    assert window.expire(10, 15.0) == ("before", "after")
