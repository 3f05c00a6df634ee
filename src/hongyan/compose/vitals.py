"""What a running process reports of itself: counts, conditions, figures of its links, recorded PDUs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hongyan.compose.process_parts import ProcessParts
from hongyan.compose.readings import readings, windows_used
from hongyan.compose.ready_checks import checks
from hongyan.model.recording import RecordedBy, Recording
from hongyan.model.translatable import packed
from hongyan.web.metrics import MetricValue
from hongyan.web.ops import Check

_RECEIPTS = {"delivered": "delivered", "failed": "failures"}
"""What a link's receipts said, by the names of pages."""


class ProcessVitals(ProcessParts):
    """Implements web.ops.Vitals, over the parts of one process."""

    __slots__ = ()

    def readings(self) -> Iterator[MetricValue]:
        return readings(self)

    async def checks(self) -> Sequence[Check]:
        return await checks(self)

    def links(self) -> dict[str, dict[str, Any]]:
        """Returns the figures of this process's links, by channel. Counts only grow; connections and window are those of now."""
        found: dict[str, dict[str, Any]] = {}
        for worker in self.lease_manager.workers.values():
            link, counts = worker.link, worker.link.counts
            found[worker.channel.name] = {
                "connections_up": counts.connections_up,
                "window_used": windows_used(link, worker.channel),
                "submits": counts.accepted,
                "refusals": sum(counts.refused.values()),
                "unanswered": counts.unanswered + counts.resubmits,
                "throttled": counts.throttled,
                "sockets": link.connections(),
                "delays": list(zip((*counts.delays.histogram.bounds, None), counts.delays.histogram.counts, strict=True)),
            }
        for key, count in self.counted().items():
            if key[0] == "receipts" and key[2] in _RECEIPTS and (channel := self.process_state.snapshot.channels.get(key[1])):
                found.setdefault(channel.name, {})[_RECEIPTS[key[2]]] = count
        return found

    async def pdus(self, channel: str, *, clear: bool = False) -> Sequence[Mapping[str, object]] | None:
        return await self.recordings.find(Recording(RecordedBy.LINK, channel, clear))

    def listeners(self) -> dict[str, dict[str, Any]]:
        """Returns the state of the listeners for customers in this process, by name."""
        found = self.sessions.listeners.values() if self.sessions else ()
        return {one.listener.name: {"is_open": one.number > 0, "trouble": packed(one.trouble)} for one in found}

    async def session_pdus(self, session_id: int) -> Sequence[Mapping[str, object]] | None:
        return await self.recordings.find(Recording(RecordedBy.SESSION, str(session_id)))
