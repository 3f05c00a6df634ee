"""What a running process reports of itself: its counts for /metrics, its conditions for /readyz."""

import asyncio
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hongyan.compose.descriptors import CURE, Descriptors
from hongyan.model.account import Product
from hongyan.model.alarm import AlarmKind
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.histogram import Histogram
from hongyan.model.hourly import STATES
from hongyan.model.link_trouble import LinkTrouble, packed
from hongyan.model.masking import without_password
from hongyan.model.owed import OwedKind
from hongyan.model.recording import RecordedBy, Recording
from hongyan.ports.link import Link
from hongyan.sessions.server import SessionServer
from hongyan.store.database import Database
from hongyan.store.engine.lane import Lane
from hongyan.web.ops import Check, MetricValue
from hongyan.workers.alarms import Alarms
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.lease_manager import LeaseManager
from hongyan.workers.process_state import ProcessState
from hongyan.workers.pusher import Pusher
from hongyan.workers.recordings import Recordings
from hongyan.workers.sweeps import Sweeps

DISK_LEAST_OCTETS = 64 * 1024 * 1024
CHECK_WITHIN_S = 2.0

_RECEIPTS = {"delivered": "delivered", "failed": "failures"}
"""What a link's receipts said, by the names of pages."""


Observed = tuple[Sequence[tuple[str, str, int]], Sequence[tuple[str, Sequence[int], float]]]
"""Answers by door and code, and how long they took by door: counts and their sum."""


@dataclass(slots=True)
class DoorCounts:
    """Counts every answer of a door."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)  # by door and code
    durations: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))

    def observe(self, door: str, code: str, seconds: float) -> None:
        self.answers[door, code] += 1
        self.durations[door].add(seconds)

    def taken(self) -> Observed:
        """Returns what was counted since the last call, and begins anew."""
        answers, self.answers = self.answers, Counter()
        durations, self.durations = self.durations, defaultdict(Histogram)
        return (
            [(door, code, number) for (door, code), number in answers.items()],
            [(door, spread.counts, spread.total) for door, spread in durations.items()],
        )

    def add(self, observed: Observed) -> None:
        """Add what another process counted."""
        answers, durations = observed
        for door, code, number in answers:
            self.answers[door, code] += number
        for door, counts, total in durations:
            self.durations[door].add_counts(counts, total)


class Console(Protocol):
    @property
    def is_gone(self) -> bool: ...


class DoorsApart(Protocol):
    """The doors, if they have a process of their own."""

    is_serving: bool
    is_without_descriptors: bool


@dataclass(slots=True)
class ProcessVitals:
    """Implements web.ops.Vitals, over the parts of one process."""

    data: Path
    database: Database
    lanes: Sequence[Lane]
    process_state: ProcessState
    api: LaneCustomerApi
    sessions: SessionServer | None
    counts: DoorCounts
    lease_manager: LeaseManager
    recordings: Recordings
    pusher: Pusher
    sweeps: Sweeps
    alarms: Alarms
    descriptors: Descriptors
    stopping: asyncio.Event
    console: "Console | None" = None
    doors: "DoorsApart | None" = None

    def readings(self) -> Iterator[MetricValue]:
        yield from self._doors()
        yield from self._channels()
        yield from self._receipts()
        commands = self.sweeps.command_counts
        yield "hongyan_messages_accepted_total", ("doors",), self.api.accepted
        yield "hongyan_messages_accepted_total", ("command line",), commands.accepted
        for cause, number in self._rejected().items():
            yield "hongyan_messages_rejected_total", (cause,), number
        counted = self._counted()
        for product in Product:
            yield "hongyan_segments_charged_total", (product.name.lower(),), self.api.points[product] + commands.points[product]
            yield "hongyan_segments_refunded_total", (product.name.lower(),), counted["returned", product]
        yield "hongyan_queue_messages", ("submissions",), self.api.waiting
        for kind in OwedKind:
            yield "hongyan_callbacks_total", (kind.name.lower(), "taken"), self.pusher.pushed[kind]
            yield "hongyan_callbacks_total", (kind.name.lower(), "failed"), self.pusher.failed[kind]
            yield "hongyan_callback_duration_seconds", (kind.name.lower(),), self.pusher.durations[kind]
        yield from self._sessions()
        yield "hongyan_secrets_shut", (), len(self.process_state.snapshot.shut)
        yield from self._backlog()

    def _sessions(self) -> Iterator[MetricValue]:
        if self.sessions is None:
            return
        for protocol, count in self.sessions.up().items():
            yield "hongyan_sessions", (protocol,), count
        totals = self.sessions.totals()
        for protocol in sorted({protocol for protocol, _ in totals}):
            yield "hongyan_session_submits_total", (protocol,), totals[protocol, "submits"]
            yield "hongyan_session_refusals_total", (protocol,), totals[protocol, "refused"]
            yield "hongyan_session_deliveries_total", (protocol,), totals[protocol, "deliveries"]
            yield "hongyan_session_delivered_total", (protocol,), totals[protocol, "delivered"]
            yield "hongyan_session_faults_total", (protocol,), totals[protocol, "faults"]
            yield "hongyan_sessions_cut_total", (protocol,), totals[protocol, "cut"]
            for what in ("connections", "logins", "strangers"):
                yield "hongyan_session_logins_refused_total", (protocol, what), totals[protocol, f"{what}_refused"]

    def _counted(self) -> Counter[tuple[Any, ...]]:
        """Returns what the steps counted and the lanes committed."""
        return sum((lane.counts for lane in self.lanes), Counter())

    def _rejected(self) -> Counter[str]:
        """Returns rejected numbers of requests that were accepted in part, and requests that were refused as a whole."""
        rejected = Counter(self.api.rejected)
        for (_, code), number in self.counts.answers.items():
            if code != "OK":
                rejected[code] += number
        return rejected

    def _receipts(self) -> Iterator[MetricValue]:
        """Yields outcomes of receipts and of messages."""
        counted = self._counted()
        for key, count in counted.items():
            if key[0] == "receipts" and (channel := self.process_state.snapshot.channels.get(key[1])):
                yield "hongyan_reports_total", (channel.name, key[2]), count
            elif key[0] == "ended":
                ended_at = self.process_state.snapshot.channels.get(key[1])
                yield "hongyan_messages_ended_total", (ended_at.name if ended_at else "", STATES[key[2]]), count

    def _backlog(self) -> Iterator[MetricValue]:
        """Yields what the sweeps last saw in the store; nothing if this process does not have that duty."""
        sweeps = self.sweeps
        for scheduler in (sweeps.scheduler, self.alarms.scheduler):
            for (job, result), number in scheduler.runs.items():
                yield "hongyan_jobs_total", (job, result), number
            for job, spread in scheduler.durations.items():
                yield "hongyan_job_duration_seconds", (job,), spread
        for alarm in AlarmKind:
            yield "hongyan_alarms_firing", (alarm.value,), self.alarms.firing[alarm]
        if self.alarms.ledger_points is not None:
            yield "hongyan_ledger_imbalance_points", (), self.alarms.ledger_points
        backlog = sweeps.backlog
        if backlog is None:
            return
        for name, messages, age_s in backlog.queues:
            yield "hongyan_queue_messages", (name,), messages
            yield "hongyan_queue_oldest_age_seconds", (name,), age_s
        for kind, count in backlog.owed.items():
            yield "hongyan_callbacks_pending", (kind,), count
        yield "hongyan_codes_unknown", (), backlog.unknown_codes

    def _doors(self) -> Iterator[MetricValue]:
        counts = self.counts
        for (door, code), number in counts.answers.items():
            yield "hongyan_api_requests_total", (door, code), number
        for door, spread in counts.durations.items():
            yield "hongyan_api_request_duration_seconds", (door,), spread

    def _channels(self) -> Iterator[MetricValue]:
        snapshot, workers = self.process_state.snapshot, self.lease_manager.workers
        for channel in snapshot.channels.values():
            worker = workers.get(channel.id)
            is_up = (
                worker.link.is_up if worker else channel.state is not ChannelState.STOPPED and channel.id not in snapshot.down
            )
            yield "hongyan_channel_up", (channel.name,), int(is_up)
            yield "hongyan_channel_owned", (channel.name,), int(channel.id not in self.lease_manager.unowned)
            if worker is None:
                continue
            counts = worker.link.counts
            yield "hongyan_channel_connections", (channel.name,), counts.connections_up
            yield "hongyan_channel_window_used_ratio", (channel.name,), _used(worker.link, channel)
            yield "hongyan_channel_submit_duration_seconds", (channel.name,), counts.durations
            yield "hongyan_report_delay_seconds", (channel.name,), counts.delays.spread
            yield "hongyan_channel_submits_total", (channel.name, "accepted"), counts.accepted
            yield "hongyan_channel_submits_total", (channel.name, "refused"), sum(counts.refused.values())
            yield "hongyan_channel_submits_total", (channel.name, "unanswered"), counts.unanswered + counts.resubmits
            yield "hongyan_channel_throttled_total", (channel.name,), counts.throttled
            yield "hongyan_channel_reconnects_total", (channel.name,), counts.disconnects + counts.connects_failed
            yield "hongyan_replies_total", (channel.name,), counts.replies

    async def checks(self) -> Sequence[Check]:
        return [
            self._draining(),
            await self._store(),
            self._secrets(),
            self._disk(),
            self._descriptors(),
            self._doors_apart(),
            self._links(),
            self._pages(),
        ]

    def links(self) -> dict[str, dict[str, Any]]:
        """Returns the figures of this process's links, by channel. Counts only grow; connections and window are those of now."""
        found: dict[str, dict[str, Any]] = {}
        for worker in self.lease_manager.workers.values():
            link, counts = worker.link, worker.link.counts
            found[worker.channel.name] = {
                "connections_up": counts.connections_up,
                "window_used": _used(link, worker.channel),
                "submits": counts.accepted,
                "refusals": sum(counts.refused.values()),
                "unanswered": counts.unanswered + counts.resubmits,
                "throttled": counts.throttled,
                "sockets": link.connections(),
                "delays": list(zip((*counts.delays.spread.bounds, None), counts.delays.spread.counts, strict=True)),
            }
        for key, count in self._counted().items():
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

    def _draining(self) -> Check:
        is_stopping = self.stopping.is_set()
        return Check("draining", not is_stopping, LinkTrouble("the process is stopping") if is_stopping else "")

    async def _store(self) -> Check:
        try:
            async with asyncio.timeout(CHECK_WITHIN_S):
                await asyncio.to_thread(self.database.check_schema)
        except TimeoutError:
            late = LinkTrouble("no answer within {seconds} s: is the database up?", seconds=f"{CHECK_WITHIN_S:g}")
            return Check("store", False, late)
        except Exception as error:  # whatever the driver says, the process is not ready
            return Check("store", False, f"{type(error).__name__}: {without_password(str(error))[:200].partition(chr(10))[0]}")
        return Check("store", True)

    def _links(self) -> Check:
        """Returns the condition of the links: only a warning, since what customers submit waits."""
        nobodys = sorted(
            self.process_state.snapshot.channels[i].name
            for i in self.lease_manager.unowned
            if i in self.process_state.snapshot.channels
        )
        if not nobodys:
            return Check("links", True)
        detail = LinkTrouble(
            "no process has {names}, {count} in all: one must run with the duty link",
            names=", ".join(nobodys[:5]),
            count=len(nobodys),
        )
        return Check("links", True, detail, is_warning=True)

    def _pages(self) -> Check:
        """Returns the condition of the console: only a warning too."""
        is_gone = self.console is not None and self.console.is_gone
        detail = LinkTrouble("its process ended; another is started") if is_gone else ""
        return Check("console", True, detail, is_warning=is_gone)

    def _doors_apart(self) -> Check:
        is_serving = self.doors is None or self.doors.is_serving
        detail = "" if is_serving else LinkTrouble("their process does not serve: it starts, or is started again")
        return Check("doors", is_serving, detail)

    def _descriptors(self) -> Check:
        is_out = self.descriptors.is_out or (self.doors is not None and self.doors.is_without_descriptors)
        detail = (
            LinkTrouble("no descriptor can be had, and connections are lost: {cure}", cure=LinkTrouble(CURE)) if is_out else ""
        )
        return Check("descriptors", not is_out, detail)

    def _secrets(self) -> Check:
        shut = self.process_state.snapshot.shut
        detail = LinkTrouble(
            "the sealing key does not open the secrets of: {names}. They are stopped: give each its secret again",
            names=", ".join(shut),
        )
        return Check("secrets", not shut, detail if shut else "")

    def _disk(self) -> Check:
        free = shutil.disk_usage(self.data).free
        detail = LinkTrouble(
            "{free} octets are free in the data folder, {least} are needed: make room",
            free=f"{free:,}",
            least=f"{DISK_LEAST_OCTETS:,}",
        )
        return Check("disk", free >= DISK_LEAST_OCTETS, "" if free >= DISK_LEAST_OCTETS else detail)


def _used(link: Link, channel: Channel) -> float:
    """Returns the share of the channel's windows that is in use."""
    return link.in_air / (channel.window * max(1, channel.connections))
