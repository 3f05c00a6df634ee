"""Limits log lines that outsiders can cause as often as they like: a number of each kind a minute; one line then counts those
left out.

The key `limit_by` of a line names which of its keys make its kind: `limit_by=("cause",)`. Lines without it always pass.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from structlog.typing import EventDict, WrappedLogger

LINES_MOST = 60
"""The most of one kind in a minute; a line has some 200 octets."""

KINDS_MOST = 1_000
"""The most kinds that are counted apart; further ones share what is left of their event."""

WINDOW_S = 60.0

Kind = tuple[tuple[str, object], ...]
"""The event, and the named keys with their values."""


@dataclass(slots=True)
class _Window:
    ends_s: float
    lines: int = 0
    left_out: int = 0


class LogLimit:
    """A processor of structlog. Lines come from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[Kind, _Window] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        limit_by = event.pop("limit_by", None)
        if limit_by is not None and not self._passes(event, limit_by):
            raise structlog.DropEvent
        return event

    def _passes(self, event: EventDict, limit_by: tuple[str, ...]) -> bool:
        kind = (("event", event.get("event")), *((key, event.get(key)) for key in limit_by))
        with self._lock:
            window = self._window(kind, self._clock())
            if window.lines < LINES_MOST:
                window.lines += 1
                return True
            window.left_out += 1
            if self._timer is None:
                self._timer = _begun(self.settle)
            return False

    def _window(self, kind: Kind, now_s: float) -> _Window:
        if kind not in self._windows and len(self._windows) >= KINDS_MOST:
            self._windows = {kind: window for kind, window in self._windows.items() if window.left_out or window.ends_s > now_s}
            kind = kind if len(self._windows) < KINDS_MOST else kind[:1]
        window = self._windows.get(kind)
        if window is None or (window.ends_s <= now_s and not window.left_out):
            window = self._windows[kind] = _Window(now_s + WINDOW_S)
        return window

    def settle(self, *, is_end: bool = False) -> None:
        """Report every window that is over, at the end all of them; once a minute while lines are left out."""
        with self._lock:
            now_s = self._clock()
            over = {kind: window for kind, window in self._windows.items() if is_end or window.ends_s <= now_s}
            self._windows = {kind: window for kind, window in self._windows.items() if kind not in over}
            is_more = any(window.left_out for window in self._windows.values())
            self._timer = _begun(self.settle) if is_more else None
        for kind, window in over.items():
            if window.left_out:
                _report(kind, window.left_out)


def _begun(settle: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(WINDOW_S, settle)
    timer.daemon = True
    timer.start()
    return timer


def _report(kind: Kind, count: int) -> None:
    (_, event), *facts = kind
    structlog.get_logger().warning("lines_left_out", of=event, **dict(facts), count=count)
