"""PDUs that links and sessions recorded: those of this process at once, those of other processes by asking for them.

A process with links or sessions looks every POLL_S for what others ask, and answers what it recorded itself.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any

import orjson

from hongyan.model.recording import AskedRecording, RecordedBy, Recording
from hongyan.ports.clock import Clock
from hongyan.ports.lane import Lane, StoreAway
from hongyan.services.steps.recordings import OLD_MS, RecordingAnswer
from hongyan.workers.failures import log_failure
from hongyan.workers.lease_manager import LeaseManager
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

POLL_S = 0.5
AGAIN_S = 0.1
"""Pause between two looks for an answer."""

ANSWER_S = 3.0
"""How long an answer is waited for: a person looks at the page."""

Pdus = Sequence[Mapping[str, Any]]


class Recordings:
    def __init__(
        self,
        lane: Lane,
        steps: Steps,
        lease_manager: LeaseManager,
        of_session: Callable[[int], Pdus | None],
        asked: Callable[[], Sequence[AskedRecording]],
        clock: Clock,
        *,
        is_alone: bool,
    ) -> None:
        """of_session: returns what a session of this process recorded
        asked: reads what is asked for; called in a thread
        is_alone: there is no other process
        """
        self._lane, self._steps, self._lease_manager = lane, steps, lease_manager
        self._of_session, self._asked, self._clock, self._is_alone = of_session, asked, clock, is_alone

    async def find(self, recording: Recording) -> Pdus | None:
        """Returns the PDUs, the oldest first; None if no process has them, or the one that has them does not answer."""
        own = self._own(recording)
        if own is not None or self._is_alone:
            return own
        try:
            return await self._elsewhere(recording)
        except StoreAway as error:
            log_failure("recording_not_asked", error)
            return None

    async def run(self, stopping: asyncio.Event) -> None:
        """Answer what others ask for."""
        while not stopping.is_set():
            try:
                for one in await asyncio.to_thread(self._asked):
                    await self._answer(one)
            except Exception as error:  # a store that is away comes back
                log_failure("recordings_not_answered", error)
            await wait_or_timeout(stopping, POLL_S)

    def _own(self, recording: Recording) -> Pdus | None:
        if recording.by is RecordedBy.SESSION:
            return self._of_session(int(recording.name))
        for worker in self._lease_manager.workers.values():
            if worker.channel.name == recording.name:
                return worker.link.pdus(clear=recording.is_clear)
        return None

    async def _elsewhere(self, recording: Recording) -> Pdus | None:
        """Ask other processes. raises: StoreAway"""
        row_id = await self._lane.ask(self._steps.ask_recording, recording)
        if row_id is None:
            return None
        until = monotonic() + ANSWER_S
        while monotonic() < until:
            await asyncio.sleep(AGAIN_S)
            answer = await self._lane.ask(self._steps.take_recording, row_id)
            if answer is not None:
                return unpacked(answer)
        await self._lane.ask(self._steps.drop_recordings, [row_id])
        return None

    async def _answer(self, one: AskedRecording) -> None:
        if self._clock() - one.asked_ms > OLD_MS:
            await self._lane.ask(self._steps.drop_recordings, [one.id])
        elif not one.is_answered and (own := self._own(one.recording)) is not None:
            await self._lane.ask(self._steps.answer_recording, RecordingAnswer(one.id, packed(own)))


def packed(pdus: Pdus) -> bytes:
    return zlib.compress(orjson.dumps(list(pdus), option=orjson.OPT_NON_STR_KEYS), 1)


def unpacked(octets: bytes) -> Pdus:
    pdus: list[dict[str, Any]] = orjson.loads(zlib.decompress(octets))
    return pdus
