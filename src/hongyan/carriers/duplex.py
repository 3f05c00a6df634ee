"""A link whose carrier also connects to us: submits go out on our connections, deliveries come in on the carrier's."""

from collections.abc import Callable

from hongyan.adapters.client import ClientAdapter
from hongyan.carriers.dialer import Timing
from hongyan.carriers.link import CarrierLink
from hongyan.carriers.listener import Listener
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.model.channel import Channel
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents


class DuplexLink(CarrierLink):
    """Implements ports.Link. The listener is open as long as the link, whatever our own connections do."""

    def __init__(
        self,
        channel: Channel,
        make_adapter: Callable[[Channel], ClientAdapter],
        events: LinkEvents,
        clock: Clock,
        timing: Timing | None = None,
        budget: ConnectionBudget | None = None,
    ) -> None:
        """budget: shared with all channels' listeners"""
        super().__init__(channel, make_adapter, events, clock, timing)
        self.listener = Listener(channel, self._inbox, self.counts, clock, self._record, budget)

    @property
    def trouble(self) -> str:
        return Translatable.joined(super().trouble, self.listener.trouble)

    def retune(self, channel: Channel) -> None:
        super().retune(channel)
        self.listener.retune(channel)

    async def open(self) -> None:
        self.listener.open()
        await super().open()

    async def close(self, drain_s: float) -> None:
        await super().close(drain_s)
        await self.listener.close()
