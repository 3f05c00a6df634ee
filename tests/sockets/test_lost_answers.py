"""Which answers are lost with a connection."""

import pytest

from hongyan.sockets.lost_answers import PROOF_S, LostAnswers


@pytest.mark.parametrize(
    ("heard_at", "is_orderly", "lost"),
    [(5.0, False, ["first", "second"]), (5.1 + PROOF_S, False, ["second"]), (6.1 + PROOF_S, False, []), (5.0, True, [])],
)
def test_an_answer_is_lost_unless_the_peer_said_something_long_after_it(heard_at, is_orderly, lost):
    answers, told = LostAnswers(), []
    answers.add(lambda: told.append("first"), 5.0, heard_at=5.0)
    answers.add(lambda: told.append("second"), 6.0, heard_at=5.0)
    answers.end(heard_at, is_orderly=is_orderly)

    assert told == lost
