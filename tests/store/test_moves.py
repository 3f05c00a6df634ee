"""The states of a message: no statement writes a move that model.message.MOVES does not allow, on either engine."""

import re
from itertools import product
from pathlib import Path

import pytest
from tests.scene import NOW, UP1

from hongyan.model.message import MOVES, MessageState, Verdict

ROOT = Path(__file__).parents[2]
OPEN = {MessageState.SENDING, MessageState.SENT, MessageState.IN_DOUBT}


def write(tx, message_id, state):
    """Move a message by the statement that writes this state."""
    if state is MessageState.QUEUED:
        tx.requeue([(message_id, UP1, 0, "9")])
    elif state in OPEN:
        tx.mark_sent([(message_id, state, NOW + 1)])
    else:
        tx.finish([(message_id, Verdict(state, "7", NOW + 1))])


@pytest.mark.parametrize("state", MessageState)
def test_a_forbidden_move_cannot_be_written_and_an_allowed_one_can(scene, state):
    pairs = [(state, to) for to in MessageState if to is not state]
    scene.send(numbers=[f"138{number:08}" for number in range(len(pairs))])
    scene.within(lambda tx: tx.db.plain(f"UPDATE message SET state = {int(state)}"))
    keys = [row["id"] for row in scene.rows("message")]

    scene.within(lambda tx: [write(tx, key, to) for key, (_, to) in zip(keys, pairs, strict=True)])

    written = dict(zip([to for _, to in pairs], scene.states(), strict=True))
    assert written == {to: to if to in MOVES[state] else state for _, to in pairs}


def test_a_message_is_open_until_it_ends(scene):
    """The index over open messages goes by `is_open`: whoever forgot to set it would lose the message from all sweeps."""
    states = [state for state in MessageState if state in MOVES[MessageState.QUEUED] | MOVES[MessageState.SENT]]
    scene.send(numbers=[f"138{number:08}" for number in range(len(states))])
    keys = [row["id"] for row in scene.rows("message")]

    scene.within(lambda tx: [write(tx, key, to) for key, to in zip(keys, states, strict=True)])

    found = {MessageState(row["state"]): bool(row["is_open"]) for row in scene.rows("message")}
    assert found.keys() > {MessageState.SENT, MessageState.DELIVERED}
    assert all(is_open == bool(MOVES[state]) for state, is_open in found.items())


def test_every_move_that_the_page_draws_is_one():
    drawn = re.findall(r"^  (\w+) --> (\w+)", (ROOT / "docs/path-of-a-message.md").read_text("utf-8"), re.MULTILINE)

    moves = {(MessageState[a.upper()], MessageState[b.upper()]) for a, b in drawn}
    assert moves
    assert moves <= {(a, b) for a, b in product(MessageState, MessageState) if b in MOVES[a]}
