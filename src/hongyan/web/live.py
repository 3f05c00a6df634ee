"""What this process knows of its links at this moment, as pages show it: rates need two looks, some seconds apart."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hongyan.model.histogram import Histogram
from hongyan.web.ops import Vitals

_LOOK_S = 2.0  # between two looks at least
_OLD_S = 30.0  # a look that is older says nothing of now

Counts = dict[str, dict[str, float]]
"""By channel, then by what is counted."""

_COUNTED = {
    ("hongyan_channel_connections", ""): "connections_up",
    ("hongyan_channel_window_used_ratio", ""): "window_used",
    ("hongyan_channel_submits_total", "accepted"): "submits",
    ("hongyan_channel_submits_total", "refused"): "refusals",
    ("hongyan_channel_submits_total", "unanswered"): "unanswered",
    ("hongyan_channel_throttled_total", ""): "throttled",
    ("hongyan_reports_total", "delivered"): "delivered",
    ("hongyan_reports_total", "failed"): "failures",
}


@dataclass(slots=True)
class Live:
    vitals: Vitals
    _looks: list[tuple[float, Counts]] = field(default_factory=list)

    def channel(self, name: str) -> dict[str, Any]:
        """Its connections that are up, the window in use, segments a second now, and what its receipts say; {} where it is not ours."""
        self._look()
        now = self._looks[-1][1].get(name)
        if now is None or "connections_up" not in now:
            return {}
        ended = now.get("delivered", 0) + now.get("failures", 0)
        return {
            **now, "rate_now": self._rate(name), "success": now.get("delivered", 0) / ended if ended else None,
        }  # fmt: skip

    def pdus(self, name: str) -> Sequence[Mapping[str, object]] | None:
        return self.vitals.pdus(name)

    def _rate(self, name: str) -> float | None:
        (before_s, before), (now_s, now) = self._looks[0], self._looks[-1]
        if now_s - before_s < _LOOK_S / 2:
            return None
        count = now[name].get("submits", 0) - before.get(name, {}).get("submits", 0)
        return max(0.0, count / (now_s - before_s))

    def _look(self) -> None:
        now_s = time.monotonic()
        if self._looks and now_s - self._looks[-1][0] < _LOOK_S:
            return
        self._looks = [look for look in self._looks if now_s - look[0] < _OLD_S]
        self._looks.append((now_s, _counts(self.vitals)))


def _counts(vitals: Vitals) -> Counts:
    found: Counts = defaultdict(dict)
    for name, (channel, *rest), value in (one for one in vitals.readings() if one[1]):
        counted = _COUNTED.get((name, rest[0] if rest else ""))
        if counted and not isinstance(value, Histogram):
            found[channel][counted] = value
    return dict(found)
