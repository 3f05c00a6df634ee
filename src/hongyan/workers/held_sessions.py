"""The sessions of this process, and what is claimed on each and not answered."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hongyan.model.customer_session import CustomerSession, SessionEnding
from hongyan.model.owed import OwedKind
from hongyan.ports.customer_sessions import SessionEvents


@dataclass(slots=True, eq=False)
class HeldSession:
    session: CustomerSession
    events: SessionEvents
    claimed: set[int] = field(default_factory=set)  # ids of owed items
    ending: SessionEnding | None = None  # why the platform wants it to end

    def end(self, why: SessionEnding) -> None:
        self.ending = why
        self.events.end(why)


class HeldSessions:
    def __init__(self) -> None:
        self._held: dict[int, HeldSession] = {}
        self._receiving: dict[int, deque[HeldSession]] = {}  # by account: those that take deliveries, whose turn is next first

    def __iter__(self) -> Iterator[HeldSession]:
        return iter(list(self._held.values()))

    def add(self, session: CustomerSession, events: SessionEvents) -> None:
        held = self._held[session.id] = HeldSession(session, events)
        if session.receives:
            self._receiving.setdefault(session.account.id, deque()).append(held)

    def get(self, session: CustomerSession) -> HeldSession | None:
        return self._held.get(session.id)

    def pop(self, session: CustomerSession) -> HeldSession | None:
        held = self._held.pop(session.id, None)
        if held is not None and session.receives:
            others = self._receiving[session.account.id]
            others.remove(held)
            if not others:
                del self._receiving[session.account.id]
        return held

    def is_cut_off(self, session_id: int) -> bool:
        """Returns whether an open session of this process gets no answers through. May be called in any thread."""
        held = self._held.get(session_id)
        return held is not None and held.events.is_cut_off

    @property
    def accounts(self) -> Collection[int]:
        """Returns accounts with a session here that takes deliveries."""
        return self._receiving.keys()

    def receiving(self, account_id: int) -> Sequence[HeldSession]:
        """Returns the account's sessions that take deliveries."""
        return list(self._receiving.get(account_id, ()))

    def notify_owed(self, account_ids: Iterable[int], _: Iterable[OwedKind]) -> None:
        """Notify sessions that something may be owed: one session of each account, in turn."""
        for account_id in account_ids:
            turn = self._receiving.get(account_id)
            if turn:
                turn[0].events.owed()
                turn.rotate(-1)
