"""Descriptors of the process: as many as the system allows, shared out so that no other part takes those of the doors."""

import asyncio
import errno
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from hongyan.i18n import N_
from hongyan.settings.sections.limits import Limits
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

RESERVE = 256
"""Kept for the store, the log, links to carriers and the system; a quarter of the descriptors if there are few."""

MOST = 1 << 20
"""The most that are asked for, if the system allows any number."""

_PROBE_S = 1.0
_LOG_AGAIN_S = 60.0
_OUT = {errno.EMFILE, errno.ENFILE}
CURE = N_(
    "raise LimitNOFILE of the service (or ulimit -n), or lower connections, and those of channels, sessions and pushes, in [limits]"
)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many connections may be open at the same time."""

    doors: int
    channels: int  # of carriers to us
    sessions: int  # of customers who connect as to a carrier
    pushes: int


def raise_limit() -> int:
    """Raise the limit as far as the system allows; returns how many descriptors there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft if soft != resource.RLIM_INFINITY else MOST
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        return soft
    return wanted


def connections_of(limits: Limits) -> tuple[int, int, int, int]:
    """Returns the connections of each share, in the order of `Shares`."""
    return limits.connections, limits.channel_connections, limits.session_connections, limits.push_connections


def share_out(allowed: int, limits: Limits) -> Shares:
    """Returns the bounds of the settings, or as large a part of each as the descriptors allow, which is then logged."""
    connections = connections_of(limits)
    wanted, free = sum(connections) + RESERVE, allowed - min(RESERVE, allowed // 4)
    if allowed >= wanted:
        return Shares(*connections)
    shares = Shares(*(max(1, one * free // sum(connections)) for one in connections))
    log.warning(
        "descriptors_few",
        allowed=allowed,
        wanted=wanted,
        doors=shares.doors,
        channels=shares.channels,
        sessions=shares.sessions,
        pushes=shares.pushes,
        cure=CURE,
    )
    return shares


class Descriptors:
    """Checks once a second whether one more can be opened."""

    def __init__(self, probe: Callable[[], None] | None = None) -> None:
        self._probe = probe or _open_one
        self._logged_at = -_LOG_AGAIN_S
        self.is_out = False

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self.look(asyncio.get_running_loop().time())
            await wait_or_timeout(stopping, _PROBE_S)

    def look(self, now: float) -> None:
        try:
            self._probe()
        except OSError as error:
            self.is_out = error.errno in _OUT
        else:
            self.is_out = False
        if self.is_out and now - self._logged_at >= _LOG_AGAIN_S:
            self._logged_at = now
            log.error("descriptors_out", cure=CURE)


def _open_one() -> None:
    os.close(os.open(os.devnull, os.O_RDONLY))
