"""Asks another platform once more for the report of a message that has had none for some time.

A pull's answer may be lost on its way, or with this process before its commit, and a push may be given up. Then the report does
not come again by itself. So each message without a report for `ask_after_s` is asked for by its task, once; after a start
everything older is asked for too. `again=1` asks for what was handed out before: Hongyan knows the parameter, and a platform
that does not answers as to a usual pull.

A question without an answer holds up nothing: it goes to the back (`carriers/http/unanswered`), and the next one is asked.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import structlog

from hongyan.adapters.aspx.client import AspxClient
from hongyan.adapters.carrier_ids import is_unnamed
from hongyan.adapters.options import seconds_of
from hongyan.carriers.http.client import HttpClient, Response
from hongyan.carriers.http.pull import Taker
from hongyan.carriers.http.unanswered import Unanswered
from hongyan.carriers.long_body import read_beside
from hongyan.model.channel import Channel
from hongyan.model.rows import PageCursor
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents
from hongyan.wire.aspx.codec import BadAnswer, read_pull
from hongyan.wire.aspx.pdu import Item, Refused, Status

log = structlog.get_logger(__name__)

ROUND_S = 60.0
"""Pause between looks for messages without a report."""

QUESTION_S = 1.0
"""Pause between questions: gentle enough for any limit of pulls."""

WITHIN_S = 30.0
"""How long an answer is waited for."""

_AFTER_S = 3600.0
_MOST = "100"
_BEGIN = (0, 0)


class Reconciler:
    def __init__(self, name: str, client: HttpClient, events: LinkEvents, clock: Clock, take: Taker) -> None:
        """name: of the channel"""
        self._name = name
        self._client, self._events, self._clock, self._take = client, events, clock, take
        self._unanswered = Unanswered()
        self._asked_to_ms = 0

    async def run(self, channel: Callable[[], Channel], words: Callable[[], AspxClient | None]) -> None:
        """Runs until it is cancelled. The settings are read each time, since they change."""
        while True:
            after_s = ask_after_s(channel())
            if after_s and words() is not None:
                await self._round(self._clock() - round(1000 * after_s), words)
                await self._rest(words)
            else:
                await asyncio.sleep(ROUND_S)

    async def _round(self, until_ms: int, words: Callable[[], AspxClient | None]) -> None:
        """Ask for everything that was sent between the last round's end and this one's, and between questions for what is due
        again.

        If the clock was put back, messages get times before the last end; they are asked for too.
        """
        self._asked_to_ms = min(self._asked_to_ms, until_ms)
        place: PageCursor | None = _BEGIN
        while place is not None:
            try:
                names, place = await self._events.unreported(place, self._asked_to_ms, until_ms)
            except Exception as error:  # noqa: BLE001 - a store that is away comes back: the next round asks for the same
                log.warning("unreported_not_read", error=type(error).__name__)
                return
            for name in names:
                if name not in self._unanswered and not is_unnamed(name):  # else a round that was broken off has asked for it
                    await self._ask(name, words)
                await self._ask_again(words)
                while self._unanswered.is_full:
                    await self._ask_again_or_wait(words)
        self._asked_to_ms = until_ms

    async def _rest(self, words: Callable[[], AspxClient | None]) -> None:
        """Ask for what is due again, until the next round."""
        until = monotonic() + ROUND_S
        while monotonic() < until:
            await self._ask_again_or_wait(words)

    async def _ask_again_or_wait(self, words: Callable[[], AspxClient | None]) -> None:
        if not await self._ask_again(words):
            await asyncio.sleep(QUESTION_S)

    async def _ask_again(self, words: Callable[[], AspxClient | None]) -> bool:
        """Ask for one message that is due again; returns False if none is."""
        name = self._unanswered.due(monotonic())
        if name is not None:
            await self._ask(name, words)
        return name is not None

    async def _ask(self, name: str, words: Callable[[], AspxClient | None]) -> None:
        """Ask once, then pause. A question without an answer has another turn, until it is given up."""
        task_id = AspxClient.task_of(name)
        response = await self._post(task_id, words())
        if response.is_good:
            self._unanswered.forget(name)
            if items := await _read(response, task_id):
                await self._take(items)
        elif not self._unanswered.note(name, monotonic(), is_silence=response.was_sent):
            log.warning("report_given_up", channel=self._name, task=task_id, what=response.trouble, limit_by=("channel",))
        await asyncio.sleep(QUESTION_S)

    async def _post(self, task_id: str, words: AspxClient | None) -> Response:
        if words is None:
            return Response(was_sent=False, trouble="the channel's settings are unfit")
        question = words.question("query", taskid=task_id, again="1", statusNum=_MOST)
        return await self._client.post(words.url("statusApi.aspx"), question, WITHIN_S)


async def _read(response: Response, task_id: str) -> list[Item]:
    """Returns the reports, under the name that was asked for; none if the question is refused."""
    try:
        pulled = await read_beside(read_pull, response.body)
    except BadAnswer:
        return []
    return [] if isinstance(pulled, Refused) else [replace(one, task_id=task_id) for one in pulled if isinstance(one, Status)]


def ask_after_s(channel: Channel) -> float:
    """Returns option `ask_after_s` (3600); 0: never."""
    return seconds_of(channel, "ask_after_s", _AFTER_S)
