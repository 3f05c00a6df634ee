"""What waits at one moment, for the metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hongyan.model.ids import made_ms
from hongyan.model.owed import OwedKind
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.admin.command_counts import CommandCounts, command_counts


@dataclass(frozen=True, slots=True)
class Backlog:
    queues: list[tuple[str, int, float]]  # channel, messages, age of the oldest in seconds
    owed: Mapping[str, int]  # kind → reports or replies that customers have not got yet
    unknown_codes: int
    command_counts: CommandCounts = field(default_factory=CommandCounts)  # what commands have sent so far


def backlog(tx: ListsTx, now_ms: int) -> Backlog:
    """Returns what waits by channel, and what is owed by kind."""
    queued = {row["channel_id"]: row for row in tx.queued()}
    queues = []
    for row in tx.rows_of("channel"):
        waiting = queued.get(row["id"])
        age_s = max(0, now_ms - made_ms(waiting["oldest"])) / 1000 if waiting else 0.0
        queues.append((row["name"], waiting["messages"] if waiting else 0, age_s))
    owed = {kind.name.lower(): 0 for kind in OwedKind}
    for row in tx.owed_counts():
        owed[OwedKind(row["kind"]).name.lower()] += row["count"]
    return Backlog(queues, owed, len(tx.unknown_codes()), command_counts(tx))
