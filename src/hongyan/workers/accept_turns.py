"""Submissions on their way into the lane. While many wait, accounts take turns, a submission each.

Who has thousands waiting delays its own. Another's submission has only what is in the lane already before it.
"""

import asyncio
from asyncio import Future
from collections import deque
from functools import partial

from hongyan.model.submission import Accepted, Admission
from hongyan.ports.lane import Lane
from hongyan.workers.steps import Steps

IN_LANE_MOST = 512
"""Enough that a commit is as cheap for each as it gets; it takes some ten milliseconds."""

_Waiting = tuple[Admission, "Future[Accepted]"]


class AcceptTurns:
    def __init__(self, lane: Lane, steps: Steps) -> None:
        self._lane, self._steps = lane, steps
        self._in_lane = 0
        self._waiting: dict[int, deque[_Waiting]] = {}  # by account, whose turn is next first; none while the lane has room

    def ask(self, admission: Admission) -> "Future[Accepted]":
        """Called on the event loop; answered after the commit."""
        if self._in_lane < IN_LANE_MOST:
            return self._hand_over(admission)
        answer: Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(admission.submission.account.id, deque()).append((admission, answer))
        return answer

    def _hand_over(self, admission: Admission) -> "Future[Accepted]":
        self._in_lane += 1
        asked = self._lane.ask(self._steps.accept, admission)
        asked.add_done_callback(self._left)
        return asked

    def _left(self, _: "Future[Accepted]") -> None:
        self._in_lane -= 1
        while self._waiting and self._in_lane < IN_LANE_MOST:
            admission, answer = self._next()
            if not answer.done():  # else the asker went away
                self._hand_over(admission).add_done_callback(partial(_answer, answer))

    def _next(self) -> _Waiting:
        account_id = next(iter(self._waiting))
        waiting = self._waiting.pop(account_id)
        first = waiting.popleft()
        if waiting:
            self._waiting[account_id] = waiting
        return first


def _answer(answer: "Future[Accepted]", asked: "Future[Accepted]") -> None:
    if answer.done() or asked.cancelled():
        answer.cancel()
    elif (error := asked.exception()) is not None:
        answer.set_exception(error)
    else:
        answer.set_result(asked.result())
