"""The sessions that this process holds, and what is claimed on each of them and not answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hongyan.model.customer_session import CustomerSession, SessionEnding
from hongyan.ports.customer_sessions import SessionEvents


@dataclass(slots=True, eq=False)
class HeldSession:
    session: CustomerSession
    events: SessionEvents
    claimed: set[int] = field(default_factory=set)  # ids of what is owed
    ending: SessionEnding | None = None  # why the platform wants it ended

    def end(self, why: SessionEnding) -> None:
        self.ending = why
        self.events.end(why)


class HeldSessions:
    def __init__(self) -> None:
        self._held: dict[int, HeldSession] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[HeldSession]:
        return iter(list(self._held.values()))

    def add(self, session: CustomerSession, events: SessionEvents) -> None:
        self._held[session.id] = HeldSession(session, events)

    def get(self, session: CustomerSession) -> HeldSession | None:
        return self._held.get(session.id)

    def pop(self, session: CustomerSession) -> HeldSession | None:
        return self._held.pop(session.id, None)

    def receiving(self) -> list[HeldSession]:
        """Those that take deliveries."""
        return [held for held in self._held.values() if held.session.receives]

    def tell_owed(self, account_ids: Iterable[int]) -> None:
        """These accounts may be owed something: one session of each looks."""
        wanted = set(account_ids) if self._held else set()
        for held in self._held.values():
            if wanted and held.session.receives and held.session.account.id in wanted:
                wanted.discard(held.session.account.id)
                held.events.owed()
