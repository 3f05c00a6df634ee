"""Submissions on their way into the lane. While many wait, accounts take turns, one submission each.

An account with thousands of submissions delays its own. A submission of another account waits only for what is in the lane
already.
"""

import asyncio
from asyncio import Future
from collections import deque
from functools import partial

from hongyan.model.submission import Accepted, Admission
from hongyan.ports.lane import Lane
from hongyan.workers.steps import Steps

IN_LANE_MOST = 512
"""Enough for a commit to be as cheap for each as it gets; such a commit takes some ten milliseconds."""

_Waiting = tuple[Admission, "Future[Accepted]"]


class AcceptTurns:
    def __init__(self, lane: Lane, steps: Steps) -> None:
        self._lane, self._steps = lane, steps
        self.waiting = 0
        """Submissions that were read and are not committed yet: in the lane, before it, or on their way to it."""
        self._before_lane = 0
        self._queues: dict[int, deque[_Waiting]] = {}  # by account, whose turn is next first; none while the lane has room

    def enter(self) -> None:
        """Count a submission that was read. `leave` is called for it in any case."""
        self.waiting += 1

    def leave(self) -> None:
        """Count a submission that was answered, or whose caller went away."""
        self.waiting -= 1
        if self._before_lane:
            self._let_in()

    def ask(self, admission: Admission) -> "Future[Accepted]":
        """Hand a counted submission to the lane, at its turn. Called on the event loop; answered after the commit."""
        if self.waiting - self._before_lane <= IN_LANE_MOST:
            return self._lane.ask(self._steps.accept, admission)
        answer: Future[Accepted] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(admission.submission.account.id, deque()).append((admission, answer))
        self._before_lane += 1
        return answer

    def _let_in(self) -> None:
        while self._before_lane and self.waiting - self._before_lane < IN_LANE_MOST:
            admission, answer = self._next()
            if not answer.done():  # otherwise the caller went away
                self._lane.ask(self._steps.accept, admission).add_done_callback(partial(_answer, answer))

    def _next(self) -> _Waiting:
        account_id = next(iter(self._queues))
        queue = self._queues.pop(account_id)
        first = queue.popleft()
        self._before_lane -= 1
        if queue:
            self._queues[account_id] = queue
        return first


def _answer(answer: "Future[Accepted]", asked: "Future[Accepted]") -> None:
    if answer.done() or asked.cancelled():
        answer.cancel()
    elif (error := asked.exception()) is not None:
        answer.set_exception(error)
    else:
        answer.set_result(asked.result())
