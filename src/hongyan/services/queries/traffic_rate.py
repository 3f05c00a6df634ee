"""The traffic of the last minutes, in slots of some seconds, of the accounts and channels with the most of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hongyan.model.ids import HOUR_MS, IDS_AN_HOUR, first_id
from hongyan.ports.tx.queries import PagesTx
from hongyan.services.queries.lists.names import names_of

SLOT_MS = 10_000
SLOTS = 30
LOOKED_MOST = 20_000
"""The most messages that are counted; with more the oldest slots are left out."""

SHOWN_MOST = 6
"""The most accounts, and the most channels."""


@dataclass(frozen=True, slots=True)
class TrafficRate:
    """The traffic of one account or channel.

    points:  messages a second of each slot, the oldest first
    success: the delivered share of those that ended, in percent; None while none has
    """

    name: str
    points: tuple[float, ...]
    success: float | None

    @property
    def rate(self) -> float:
        """Returns messages a second over the whole time."""
        return round(sum(self.points) / len(self.points), 1)


def traffic_rates(tx: PagesTx, now_ms: int) -> dict[str, list[TrafficRate]]:
    """Returns the accounts and the channels with the most messages, the busiest first."""
    since_ms = now_ms - now_ms % SLOT_MS - (SLOTS - 1) * SLOT_MS
    rows = tx.traffic_since(first_id(since_ms), SLOT_MS * IDS_AN_HOUR // HOUR_MS, LOOKED_MOST)
    first = min((row["slot"] for row in rows), default=0) + 1 if sum(row["count"] for row in rows) >= LOOKED_MOST else 0
    seen = [row for row in rows if first <= row["slot"] < SLOTS]
    return {table: _busiest(seen, f"{table}_id", names_of(tx, table, seen), first) for table in ("account", "channel")}


def _busiest(rows: Iterable[dict[str, Any]], by: str, names: dict[int, str], first: int) -> list[TrafficRate]:
    of_one: dict[int, list[dict[str, Any]]] = {}
    totals: Counter[int] = Counter()
    for row in rows:
        if row[by] in names:
            of_one.setdefault(row[by], []).append(row)
            totals[row[by]] += row["count"]
    return [_rate(names[one], of_one[one], first) for one, _ in totals.most_common(SHOWN_MOST)]


def _rate(name: str, rows: Iterable[dict[str, Any]], first: int) -> TrafficRate:
    counts: Counter[str] = Counter()
    slots: Counter[int] = Counter()
    for row in rows:
        slots[row["slot"]] += row["count"]
        counts.update(ended=row["ended"], delivered=row["delivered"])
    points = tuple(round(slots[slot] * 1_000 / SLOT_MS, 2) for slot in range(first, SLOTS))
    return TrafficRate(name, points, round(100 * counts["delivered"] / counts["ended"], 1) if counts["ended"] else None)
