"""What the loops of one process share: the current ConfigSnapshot, the ids, the clock, and their signals."""

import asyncio
from dataclasses import dataclass, field, replace

from hongyan.model.ids import IdSource
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.clock import Clock
from hongyan.services.steps.accept import MEDIA_OCTETS
from hongyan.workers.signals import Signals
from hongyan.workers.task_pace import TaskPace


@dataclass(slots=True)
class Configuration:
    """`snapshot` is replaced as a whole. Code that needs it twice for one request or step reads it once, into a variable."""

    snapshot: ConfigSnapshot
    turned: asyncio.Event = field(default_factory=asyncio.Event, kw_only=True)
    """Set once, when another ConfigSnapshot is loaded."""

    def turn(self, snapshot: ConfigSnapshot) -> None:
        """Put a newly loaded ConfigSnapshot in place, and wake its waiters. It does not know which channels are down."""
        self.snapshot = replace(snapshot, down=self.snapshot.down)
        self.turned.set()
        self.turned = asyncio.Event()

    def note_down(self, channel_ids: frozenset[int]) -> None:
        """Exactly these channels are down now."""
        self.snapshot = replace(self.snapshot, down=channel_ids)

    async def until_snapshot(self, version: int) -> None:
        """Wait until the ConfigSnapshot of this process has at least this version."""
        while self.snapshot.version < version:
            await self.turned.wait()


@dataclass(slots=True)
class ProcessState(Configuration):
    """The shared state of a process that writes to the store."""

    ids: IdSource
    clock: Clock
    parcel_messages: int
    push_delays_ms: tuple[int, ...]  # before the second attempt, the third …
    media_octets: int = MEDIA_OCTETS  # the most octets of all media in the store
    signals: Signals = field(default_factory=Signals)
    may_push: bool = False  # whether this process holds the lease on pushing
    down_since: dict[int, float] = field(default_factory=dict)  # channels that are down → since when (monotonic)
    task_pace: TaskPace = field(default_factory=TaskPace)
