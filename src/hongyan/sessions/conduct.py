"""What happens when a customer's programs make faults: one place for all sessions of an account in this process.

A *fault* is a PDU that did nothing: a submit beyond the window, too fast, or refused before it is stored; a question beyond
those that may wait; an unknown or unreadable PDU, or one out of place; an answer to nothing; and every heartbeat, of which few
are needed.

Some faults are free, and become free again with time. An account that used them up is held back: its connections are read a
little at a time, with rests between, so that all its PDUs together come at its rate. The rest waits in its own sockets and
costs us nothing. It is let go in steps: after a while without a fault it is read faster, and after the last one as before. Each
time it is held back again soon, that while is twice as long. If the account goes on with faults, the connection is closed.
"""

from collections.abc import Callable

import structlog

from hongyan.model.account import Account
from hongyan.sockets.connection import REST_S
from hongyan.sockets.token_bucket import TokenBucket

log = structlog.get_logger(__name__)

FREE_FAULTS = 200
FAULTS_A_SECOND, HELD_PDUS_A_SECOND = 100, (20, 80, 320)
"""How many faults become free a second, and how many PDUs are read of an account that is held back, step by step, if the account
has no rate of its own.

Each of these PDUs may be a submit that is accepted, sent and reported, and costs as much as any other. An account that is let go
at once fills the windows of all its sessions at once.
"""

FAULTS_MOST = 1_000
"""Faults of an account that is held back, until the connection that brings the next one is closed."""

STRANGE_FAULTS_MOST = 10
"""Faults of a connection that has not logged in."""

REST_MOST_S = 5.0

HOLD_LEAST_S, HOLD_MOST_S = 2.0, 64.0
"""How long without a fault until the next step."""

FORGOTTEN_S = 60.0
"""An account that is held back again within this time after it was let go is held for longer."""


class Conduct:
    """The conduct of one account."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """clock: seconds of a clock that only moves forward"""
        self._name, self._clock = name, clock
        self._free = TokenBucket(FREE_FAULTS, clock())  # below zero while it is held back: how many PDUs have to wait
        self._faults = 0  # since it was held back
        self._hold_s = HOLD_LEAST_S
        self._step = 0
        self._until = -FORGOTTEN_S  # when the next step is due, or it was let go
        self.is_held = False

    def charge(self, pdus: int, faults: int, rate: float) -> float:
        """Count the faults of one read; returns for how many seconds its connection rests.

        rate: of the account, in PDUs a second; 0 if it has none
        """
        now = self._clock()
        self._step_on(now)
        rate = rate or (HELD_PDUS_A_SECOND[self._step] if self.is_held else FAULTS_A_SECOND)
        self._free.fill(rate, FREE_FAULTS, now)
        if not self.is_held:
            self._free.tokens -= faults
            if self._free.tokens < 0:
                self._hold_back(now)
        else:
            self._free.tokens -= pdus
            self._faults += faults
            if faults:
                self._step, self._until = 0, now + self._hold_s
        return min(max(-self._free.tokens / rate, REST_S), REST_MOST_S) if self.is_held else 0.0

    def _step_on(self, now: float) -> None:
        while self.is_held and now >= self._until:
            self._step += 1
            if self._step < len(HELD_PDUS_A_SECOND):
                self._until += self._hold_s
            else:
                self.is_held, self._faults, self._free.tokens = False, 0, float(FREE_FAULTS)

    def _hold_back(self, now: float) -> None:
        is_again = now - self._until < FORGOTTEN_S
        self._hold_s = min(2 * self._hold_s, HOLD_MOST_S) if is_again else HOLD_LEAST_S
        self.is_held, self._step, self._until = True, 0, now + self._hold_s
        log.warning("account_held_back", account=self._name, seconds=self.held_s, limit_by=("account",))

    @property
    def held_s(self) -> float:
        """Returns for how many more seconds it is held back, if it makes no fault meanwhile; 0 if it is not."""
        let_go_at = self._until + (len(HELD_PDUS_A_SECOND) - 1 - self._step) * self._hold_s
        return max(0.0, let_go_at - self._clock()) if self.is_held else 0.0

    def ends_connection(self) -> bool:
        """Returns whether the faults are too many for the connection that brought the last one. The next connection has as many
        again.
        """
        if self._faults < FAULTS_MOST:
            return False
        self._faults = 0
        return True


class Conducts:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._conducts: dict[int, Conduct] = {}  # one for each account that logged in

    def of(self, account: Account) -> Conduct:
        if account.id not in self._conducts:
            self._conducts[account.id] = Conduct(account.name, self._clock)
        return self._conducts[account.id]
