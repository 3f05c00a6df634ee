"""What a simulated carrier delivers: status reports and texts from handsets, each until a client takes it.

One that was not answered is sent again on another connection; one that was refused, a second later, a few times.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from hongyan.adapters.centre import Delivery, StatusReport
from hongyan.sim.connection import Connection
from hongyan.sim.counts import Counts
from hongyan.sim.delayed_calls import DelayedCalls

_AGAIN_S = 1.0
_TRIES = 5


class Deliveries:
    def __init__(
        self,
        connections: Mapping[int, Connection],
        counts: Counts,
        delayed: DelayedCalls,
        call_client: Callable[[str], None],
    ) -> None:
        """connections: those that there are now
        call_client: called with the user that something waits for while no connection takes it
        """
        self._connections, self._counts, self._delayed, self._call_client = connections, counts, delayed, call_client
        self._ready: deque[Delivery] = deque()

    def __len__(self) -> int:
        """Returns how many are ready to be sent."""
        return len(self._ready)

    def add(self, *deliveries: Delivery) -> None:
        """Send these as soon as the clients' windows allow."""
        self._ready.extend(deliveries)
        self.send()

    def add_after(self, seconds: float, delivery: Delivery) -> None:
        """Make one ready after some seconds; at once for none."""
        self._delayed.after(seconds, self._make_ready, delivery)

    def take_back(self, deliveries: Iterable[Delivery]) -> None:
        """Make those ready again that were not answered."""
        self._ready.extend(deliveries)

    def clear(self) -> None:
        self._ready.clear()

    def send(self) -> None:
        """Send what is ready, as far as the clients' windows allow."""
        touched = set()
        while self._ready:
            connection = self._connection_for(self._ready[0])
            if connection is None:
                self._call_client(self._ready[0].user)
                break
            connection.deliver(self._ready.popleft())
            self._counts.delivered += 1
            touched.add(connection)
        for connection in touched:
            connection.flush()

    def take_answer(self, delivery: Delivery, status: int) -> None:
        if not status:
            self._counts.taken += 1
            return
        self._counts.turned_down += 1
        delivery.tries += 1
        if delivery.tries < _TRIES:
            self.add_after(_AGAIN_S, delivery)
        else:
            self._counts.given_up += 1

    def has_any_for(self, user: str) -> bool:
        """Returns whether something is ready for this user, or for anybody."""
        return any(one.user in {"", user} for one in self._ready)

    def _make_ready(self, delivery: Delivery) -> None:
        if isinstance(delivery, StatusReport):
            delivery.is_out = True
        self._ready.append(delivery)

    def _connection_for(self, delivery: Delivery) -> Connection | None:
        """Returns a connection of the same client with room in its window: the one that submitted, or another if so scripted."""
        own = self._connections.get(delivery.connection)
        if own is not None and own.free and not delivery.is_elsewhere:
            return own
        others = (
            one
            for one in self._connections.values()
            if one.free and one is not own and (not delivery.user or one.user == delivery.user)
        )
        return next(others, own if own is not None and own.free else None)
