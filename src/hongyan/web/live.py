"""The current state of links, as pages show it. Rates need two looks, some seconds apart.

The serving process knows its own links. The links of other processes are read from the store, as they were some seconds ago,
and their PDUs are asked for.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hongyan.ports.admin import AdminStore
from hongyan.services.queries.link_figures import link_figures
from hongyan.web.ops import Check

_LOOK_S = 2.0  # at least between two looks
_OLD_S = 30.0  # an older look says nothing about now

Counts = Mapping[str, Mapping[str, Any]]
"""By channel, then by figure; `sockets` are its connections, `delays` counts of reports by upper bound in seconds."""


class ServerFacts(Protocol):
    """What the serving process answers to the pages, which run in another process."""

    async def links(self) -> Counts:
        """Returns the figures of that process's links; counters only grow."""
        ...

    async def pdus(self, channel: str, *, clear: bool = False) -> Sequence[Mapping[str, object]] | None:
        """Returns the last PDUs of a channel's link, phones masked and texts left out; None if no process that answers has it.

        clear: phones and texts in clear, and the octets of each PDU
        """
        ...

    async def listeners(self) -> Mapping[str, Mapping[str, Any]]:
        """Returns by name whether the listeners for customers are open in that process, else why not."""
        ...

    async def session_pdus(self, session_id: int) -> Sequence[Mapping[str, object]] | None:
        """Returns the last PDUs of a customer's session, as those of a link; None if no process that answers has it."""
        ...

    async def checks(self) -> Sequence[Check]:
        """Returns every condition for being ready."""
        ...


@dataclass(slots=True)
class Live:
    server: ServerFacts
    admin: AdminStore
    _looks: list[tuple[float, Counts]] = field(default_factory=list)

    async def channels(self) -> dict[str, dict[str, Any]]:
        """Returns by name: connections that are up, window in use, segments a second now, what receipts say."""
        await self._look()
        return {name: self._shown(name, now) for name, now in self._looks[-1][1].items() if "connections_up" in now}

    async def channel(self, name: str) -> dict[str, Any]:
        """Returns the same of one channel; {} if no process has it."""
        return (await self.channels()).get(name, {})

    async def pdus(self, name: str, *, clear: bool = False) -> Sequence[Mapping[str, object]] | None:
        return await self.server.pdus(name, clear=clear)

    async def listeners(self) -> Mapping[str, Mapping[str, Any]]:
        return await self.server.listeners()

    async def session_pdus(self, session_id: int) -> Sequence[Mapping[str, object]] | None:
        return await self.server.session_pdus(session_id)

    def _shown(self, name: str, now: Mapping[str, Any]) -> dict[str, Any]:
        ended = now.get("delivered", 0) + now.get("failures", 0)
        return {**now, "rate_now": self._rate(name), "success": now.get("delivered", 0) / ended if ended else None}

    def _rate(self, name: str) -> float | None:
        (before_s, before), (now_s, now) = self._looks[0], self._looks[-1]
        if now_s - before_s < _LOOK_S / 2:
            return None
        count = now[name].get("submits", 0) - before.get(name, {}).get("submits", 0)
        return max(0.0, float(count) / (now_s - before_s))

    async def _look(self) -> None:
        now_s = time.monotonic()
        if self._looks and now_s - self._looks[-1][0] < _LOOK_S:
            return
        others, ours = await self.admin.read(link_figures, self.admin.now_ms()), await self.server.links()
        counts = {name: {**others.get(name, {}), **ours.get(name, {})} for name in {**others, **ours}}
        self._looks = [look for look in self._looks if now_s - look[0] < _OLD_S]
        self._looks.append((now_s, counts))
