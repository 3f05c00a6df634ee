"""What happens when somebody makes faults: one place for all sessions of an account, or for all that an address asks of the doors
without proof, in this process.

A *fault* is work that did nothing. Over sessions it is a PDU: a submit beyond the window, too fast, or refused before it is
stored; a question beyond those that may wait; an unknown or unreadable PDU, or one out of place; an answer to nothing; and every
heartbeat, of which few are needed. At the doors see `strangers`.

Some faults are free, and become free again with time. Who used them up is held back: its connections are read a little at a time,
with rests between, so that all that it sends comes at its rate. The rest waits in its own sockets and costs us nothing. It is let
go in steps: after a while without a fault it is read faster, and after the last one as before. Each time it is held back again
soon, that while is twice as long. If an account goes on with faults, the connection is closed.
"""

from collections.abc import Callable, Hashable
from math import inf

import structlog

from hongyan.http.token_bucket import TokenBucket

log = structlog.get_logger(__name__)

FREE_FAULTS = 200
FAULTS_A_SECOND, HELD_A_SECOND = 100, (20, 50, 100)
"""How many faults become free a second, and how much is read a second of who is held back, step by step, if it has no rate of its
own: PDUs of an account, requests of an address.

Each of these PDUs may be a submit that is accepted, sent and reported, and costs as much as any other: 300 a second make others'
p99 longer by a fifth. An account that is let go at once fills the windows of all its sessions at once.
"""

FAULTS_MOST = 1_000
"""Faults of an account that is held back, until the connection that brings the next one is closed."""

REST_S, REST_MOST_S = 0.05, 5.0
"""The shortest and the longest pause before a peer that keeps no bounds is read again."""

HOLD_LEAST_S, HOLD_MOST_S = 2.0, 64.0
"""How long without a fault until the next step."""

FORGOTTEN_S = 60.0
"""Who is held back again within this time after it was let go is held for longer."""

_EVENTS = {"account": "account_held_back", "address": "address_held_back"}

PENALTIES_MOST = 10_000
"""The most that are remembered; the oldest one is forgotten first."""


class Penalty:
    """The penalty of one account, or of one address."""

    def __init__(self, kind: str, name: str, clock: Callable[[], float]) -> None:
        """kind: `account` or `address`. clock: seconds of a clock that only moves forward"""
        self._kind, self.name, self._clock = kind, name, clock
        self._free = TokenBucket(FREE_FAULTS, clock())  # below zero while it is held back: how many have to wait
        self._faults = 0  # since it was held back
        self._hold_s = HOLD_LEAST_S
        self._step = 0
        self._until = -FORGOTTEN_S  # when the next step is due, or it was let go
        self.is_held = False

    def charge(self, read: int, faults: int, rate: float) -> float:
        """Count what was read, and the faults in it; returns for how many seconds its connection rests.

        rate: its own, a second; 0 if it has none
        """
        now = self._clock()
        rate = self._fill(rate, now)
        if not self.is_held:
            self._free.tokens -= faults
            if self._free.tokens < 0:
                self._hold_back(now)
        else:
            self._free.tokens -= read
            self._faults += faults
            if faults:
                self._step, self._until = 0, now + self._hold_s
        return min(max(-self._free.tokens / rate, REST_S), REST_MOST_S) if self.is_held else 0.0

    def turn_s(self, rate: float) -> float:
        """Count one that is to be read in its turn; returns for how many seconds it waits: 0 for who is not held back, and inf for
        one that is not counted, since others wait as long as anybody may.
        """
        return self.charge(1, 0, rate) if self.has_room(rate) else inf

    def has_room(self, rate: float) -> bool:
        """Returns whether one more may wait for its turn."""
        rate = self._fill(rate, self._clock())
        return not self.is_held or -self._free.tokens / rate < REST_MOST_S

    def _fill(self, rate: float, now: float) -> float:
        """Add what became free; returns the rate that holds now."""
        self._step_on(now)
        rate = rate or (HELD_A_SECOND[self._step] if self.is_held else FAULTS_A_SECOND)
        self._free.fill(rate, FREE_FAULTS, now)
        return rate

    def _step_on(self, now: float) -> None:
        while self.is_held and now >= self._until:
            self._step += 1
            if self._step < len(HELD_A_SECOND):
                self._until += self._hold_s
            else:
                self.is_held, self._faults, self._free.tokens = False, 0, float(FREE_FAULTS)

    def _hold_back(self, now: float) -> None:
        is_again = now - self._until < FORGOTTEN_S
        self._hold_s = min(2 * self._hold_s, HOLD_MOST_S) if is_again else HOLD_LEAST_S
        self.is_held, self._step, self._until = True, 0, now + self._hold_s
        log.warning(_EVENTS[self._kind], **{self._kind: self.name}, seconds=self.held_s, limit_by=(self._kind,))

    @property
    def held_s(self) -> float:
        """Returns for how many more seconds it is held back, if it makes no fault meanwhile; 0 if it is not."""
        let_go_at = self._until + (len(HELD_A_SECOND) - 1 - self._step) * self._hold_s
        return max(0.0, let_go_at - self._clock()) if self.is_held else 0.0

    def ends_connection(self) -> bool:
        """Returns whether the faults are too many for the connection that brought the last one. The next connection has as many
        again.
        """
        if self._faults < FAULTS_MOST:
            return False
        self._faults = 0
        return True


class Penalties:
    """All of one kind."""

    def __init__(self, kind: str, clock: Callable[[], float]) -> None:
        self._kind, self._clock = kind, clock
        self._penalties: dict[Hashable, Penalty] = {}

    def __len__(self) -> int:
        return len(self._penalties)

    def find(self, key: Hashable) -> Penalty | None:
        """Returns the penalty of one that made a fault before."""
        return self._penalties.get(key)

    def of(self, key: Hashable, name: str) -> Penalty:
        """Returns the same, and makes it for one that did not."""
        penalty = self._penalties.get(key)
        if penalty is None:
            if len(self._penalties) >= PENALTIES_MOST:
                del self._penalties[next(iter(self._penalties))]
            penalty = self._penalties[key] = Penalty(self._kind, name, self._clock)
        return penalty

    def held(self) -> list[str]:
        """Returns the names of those that are held back now."""
        return [one.name for one in self._penalties.values() if one.is_held and one.held_s > 0]
