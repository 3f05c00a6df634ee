"""Submissions on their way into the lane. While many wait, accounts take turns, one submission each.

An account with thousands of submissions delays its own. A submission of another account waits only for what is in the lane
already, and while there is another account, of none of them much is there.
"""

import asyncio
from asyncio import Future
from collections import Counter, deque
from functools import partial

from hongyan.model.submission import Accepted, Admission
from hongyan.ports.lane import Lane
from hongyan.workers.steps import Steps

IN_LANE_MOST = 512
"""Enough for a commit to be as cheap for each as it gets; such a commit takes some ten milliseconds, and on SQLite the event loop
with it.
"""

SHARE_MOST = 128
"""How many of these one account may have while others wait too. Such a commit takes some four milliseconds.
"""

_Waiting = tuple[Admission, "Future[Accepted]"]


class AcceptTurns:
    def __init__(self, lane: Lane, steps: Steps) -> None:
        self._lane, self._steps = lane, steps
        self.waiting = 0
        """Submissions that were read and are not committed yet: in the lane, before it, or on their way to it."""
        self._waiting_of: Counter[int] = Counter()  # the same by account
        self._before_lane = 0
        self._queues: dict[int, deque[_Waiting]] = {}  # by account, whose turn is next first; none while the lane has room

    def enter(self, account_id: int) -> None:
        """Count a submission that was read. `leave` is called for it in any case."""
        self.waiting += 1
        self._waiting_of[account_id] += 1

    def leave(self, account_id: int) -> None:
        """Count a submission that was answered, or whose caller went away."""
        self.waiting -= 1
        self._waiting_of[account_id] -= 1
        if not self._waiting_of[account_id]:
            del self._waiting_of[account_id]
        if self._before_lane:
            self._let_in()

    def ask(self, admission: Admission) -> "Future[Accepted]":
        """Hand a counted submission to the lane, at its turn. Called on the event loop; answered after the commit."""
        account_id = admission.submission.account.id
        if self._in_lane <= IN_LANE_MOST and account_id not in self._queues and self._share_left(account_id) >= 0:
            return self._lane.ask(self._steps.accept, admission)
        answer: Future[Accepted] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(account_id, deque()).append((admission, answer))
        self._before_lane += 1
        return answer

    @property
    def _in_lane(self) -> int:
        return self.waiting - self._before_lane

    def _share_left(self, account_id: int) -> int:
        """Returns how many more an account may have in the lane."""
        most = SHARE_MOST if len(self._waiting_of) > 1 else IN_LANE_MOST
        return most - self._waiting_of[account_id] + len(self._queues.get(account_id, ()))

    def _let_in(self) -> None:
        while self._before_lane and self._in_lane < IN_LANE_MOST and (found := self._next()):
            admission, answer = found
            if not answer.done():  # otherwise the caller went away
                self._lane.ask(self._steps.accept, admission).add_done_callback(partial(_answer, answer))

    def _next(self) -> _Waiting | None:
        """Returns the next one of the next account; None while each has its share in the lane, which only a few can have."""
        account_id = next((one for one in self._queues if self._share_left(one) > 0), None)
        if account_id is None:
            return None
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
