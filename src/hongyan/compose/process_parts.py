"""The parts of a running process that its vitals are read from."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hongyan.compose.certificate import Certificate
from hongyan.compose.descriptors import Descriptors
from hongyan.compose.door_counts import DoorCounts
from hongyan.http.strangers import Strangers
from hongyan.sessions.server import SessionServer
from hongyan.store.database import Database
from hongyan.store.engine.lane import Lane
from hongyan.workers.alarms import Alarms
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.lease_manager import LeaseManager
from hongyan.workers.process_state import ProcessState
from hongyan.workers.pusher import Pusher
from hongyan.workers.recordings import Recordings
from hongyan.workers.sweeps import Sweeps


class Console(Protocol):
    @property
    def is_gone(self) -> bool: ...


class DoorsApart(Protocol):
    """The doors, if they have a process of their own."""

    is_serving: bool
    is_without_descriptors: bool
    held_addresses: Sequence[str]


@dataclass(slots=True)
class ProcessParts:
    data: Path
    database: Database
    lanes: Sequence[Lane]
    process_state: ProcessState
    api: LaneCustomerApi
    sessions: SessionServer | None
    counts: DoorCounts
    strangers: Strangers
    lease_manager: LeaseManager
    recordings: Recordings
    pusher: Pusher
    sweeps: Sweeps
    alarms: Alarms
    descriptors: Descriptors
    stopping: asyncio.Event
    certificate: Certificate
    console: "Console | None" = None
    doors: "DoorsApart | None" = None

    @property
    def held_addresses(self) -> Sequence[str]:
        """Returns the addresses that the doors hold back now."""
        return self.strangers.held() if self.doors is None else self.doors.held_addresses

    def counted(self) -> Counter[tuple[Any, ...]]:
        """Returns what the steps counted and the lanes committed."""
        return sum((lane.counts for lane in self.lanes), Counter())
