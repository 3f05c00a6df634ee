"""Asking another platform once more for the report of a message that has none after a time.

A pull's answer may be lost on its way, or with this process before its commit, and a push may be given up: then the report is
never said again by itself. So each message is asked for by its task, once, when it has been without a report for `ask_after_s`;
after a start everything that is older is asked for too. `again=1` asks for what was handed out before: Hongyan knows it, and
a platform that does not says what it says to such a pull.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from hongyan.carriers.httpclient import Came, HttpClient
from hongyan.carriers.httpwords import HttpWords
from hongyan.model.channel import Channel
from hongyan.model.rows import Place
from hongyan.ports import Clock, LinkEvents
from hongyan.wire.aspx import BadAnswer, Item, Refused, Status, read_pull

log = structlog.get_logger(__name__)

ROUND_S = 60.0
"""Between looks for messages without a report."""

QUESTION_S = 1.0
"""Between questions: gentle enough for any limit of pulls."""

_AFTER_S = 3600.0
_WITHIN_S = 30.0
_MOST = "100"
_BEGIN = (0, 0)


class Seeker:
    def __init__(
        self, client: HttpClient, events: LinkEvents, clock: Clock, take: Callable[[Sequence[Item]], Awaitable[None]]
    ) -> None:
        """take: called with what came; it returns after the commit"""
        self._client, self._events, self._clock, self._take = client, events, clock, take
        self._asked_to_ms = 0

    async def run(self, channel: Callable[[], Channel], words: Callable[[], HttpWords | None]) -> None:
        """For ever; both are asked anew each time, since settings change."""
        while True:
            after_s = ask_after_s(channel())
            if after_s and words() is not None:
                await self._round(self._clock() - round(1000 * after_s), words)
            await asyncio.sleep(ROUND_S)

    async def _round(self, until_ms: int, words: Callable[[], HttpWords | None]) -> None:
        """Ask for everything that was sent since the last round's end and until then."""
        place: Place | None = _BEGIN
        while place is not None:
            try:
                names, place = await self._events.unreported(place, self._asked_to_ms, until_ms)
            except Exception as error:  # noqa: BLE001 - a store that is away comes back: the next round asks for the same
                log.warning("unreported_not_read", error=type(error).__name__)
                return
            for name in names:
                await self._ask(name, words)
        self._asked_to_ms = until_ms

    async def _ask(self, name: str, words: Callable[[], HttpWords | None]) -> None:
        """Until there is an answer."""
        while (now := words()) is not None:
            task_id = now.task_of(name)
            question = now.question("query", taskid=task_id, again="1", statusNum=_MOST)
            came = await self._client.post(now.url("statusApi.aspx"), question, _WITHIN_S)
            items = _read(came, task_id) if came.is_good else []
            if items:
                await self._take(items)
            await asyncio.sleep(QUESTION_S)
            if came.is_good:
                return


def _read(came: Came, task_id: str) -> list[Item]:
    """The reports, under the name that was asked for; none where it is refused."""
    try:
        told = read_pull(came.body)
    except BadAnswer:
        return []
    return [] if isinstance(told, Refused) else [replace(one, task_id=task_id) for one in told if isinstance(one, Status)]


def ask_after_s(channel: Channel) -> float:
    """Option `ask_after_s` (3600); 0: never."""
    try:
        return max(0.0, float(channel.options["ask_after_s"]))
    except (KeyError, ValueError):
        return _AFTER_S
