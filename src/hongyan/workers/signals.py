"""The signals between the loops of one process, and to other processes. They wake: nothing is lost with one."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from hongyan.model.owed import OwedKind
from hongyan.ports.outlets import Outlet
from hongyan.ports.receivers import Receiver

WakeOwed = Callable[[Iterable[int], Iterable[OwedKind]], None]


@dataclass(slots=True)
class Signals:
    """Wake-ups within the process. A poll finds what a signal missed: signals only make things faster."""

    released: asyncio.Event = field(default_factory=asyncio.Event)  # a task waits for release
    has_room: asyncio.Event = field(default_factory=asyncio.Event)  # a channel has claimed all that waited for it
    _queued: dict[int, Callable[[], None]] = field(default_factory=dict)
    _outlets: dict[int, Outlet] = field(default_factory=dict)
    _elsewhere: Callable[[Iterable[int]], None] | None = None
    _owed_elsewhere: Callable[[Iterable[int]], None] | None = None
    _owed: list[WakeOwed] = field(default_factory=list)
    _receivers: Callable[[int], Sequence[Receiver]] = lambda _: ()
    _is_cut_off: Callable[[int], bool] = lambda _: False
    _down: Callable[[frozenset[int]], None] | None = None

    def on_queued(self, channel_id: int, wake: Callable[[], None] | None) -> None:
        """Set what is called when a channel gets messages; None removes it."""
        if wake is None:
            self._queued.pop(channel_id, None)
        else:
            self._queued[channel_id] = wake

    def on_stored(self, channel_id: int, outlet: Outlet | None) -> None:
        """Set the outlet that takes a channel's new messages at once; None removes it."""
        if outlet is None:
            self._outlets.pop(channel_id, None)
        else:
            self._outlets[channel_id] = outlet

    def outlet(self, channel_id: int) -> Outlet | None:
        return self._outlets.get(channel_id)

    def on_reports(self, find: Callable[[int], Sequence[Receiver]]) -> None:
        """Set what returns the sessions that take an account's reports at once."""
        self._receivers = find

    def receivers(self, account_id: int) -> Sequence[Receiver]:
        return self._receivers(account_id)

    def on_cut_off(self, ask: Callable[[int], bool]) -> None:
        """Set what says of a session whether it gets no answers through."""
        self._is_cut_off = ask

    def is_cut_off(self, session_id: int) -> bool:
        return self._is_cut_off(session_id)

    def stored(self, channel_ids: Iterable[int], *, is_packed: bool) -> None:
        """An accept has stored messages that these channels, or the release, have to take from the store."""
        self.queued(channel_ids)
        if is_packed:
            self.released.set()

    def on_owed(self, wake: WakeOwed) -> None:
        """Add a function that is called with accounts that are owed something, and with the kinds that it may be."""
        self._owed.append(wake)

    def on_down(self, report: Callable[[frozenset[int]], None]) -> None:
        """Set what is called when other channels are down than before."""
        self._down = report

    def down(self, channel_ids: frozenset[int]) -> None:
        if self._down is not None:
            self._down(channel_ids)

    def on_elsewhere(self, announce: Callable[[Iterable[int]], None]) -> None:
        """Set what is called with the channels that no worker of this process has."""
        self._elsewhere = announce

    def queued(self, channel_ids: Iterable[int]) -> None:
        """These channels got messages: wake their workers, here or in other processes."""
        strangers = [channel_id for channel_id in channel_ids if not self._wake(channel_id)]
        if strangers and self._elsewhere:
            self._elsewhere(strangers)

    def queued_elsewhere(self, channel_ids: Iterable[int]) -> None:
        """Another process reports that these channels got messages."""
        for channel_id in channel_ids:
            self._wake(channel_id)

    def _wake(self, channel_id: int) -> bool:
        wake = self._queued.get(channel_id)
        if wake:
            wake()
        return wake is not None

    def on_owed_elsewhere(self, announce: Callable[[Iterable[int]], None]) -> None:
        """Set what is called with accounts that are owed something, for other processes."""
        self._owed_elsewhere = announce

    def owed(self, account_ids: Iterable[int], kind: OwedKind = OwedKind.REPORT) -> None:
        """These accounts are owed something: wake what delivers it, here and in other processes."""
        self._wake_owed(account_ids, (kind,))
        if self._owed_elsewhere:
            self._owed_elsewhere(account_ids)

    def owed_elsewhere(self, account_ids: Iterable[int]) -> None:
        """The same, reported by another process, which does not say of what kind."""
        self._wake_owed(account_ids, OwedKind)

    def _wake_owed(self, account_ids: Iterable[int], kinds: Iterable[OwedKind]) -> None:
        for wake in self._owed:
            wake(account_ids, kinds)
