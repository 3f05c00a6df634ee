"""Fetches reports and replies from another platform, which hands out each of them once.

The next batch is asked for once the last one is committed. An answer that is lost on its way, or with this process before
its commit, does not come again by itself: its reports are asked for by their tasks (`carriers/http/reconcile`), its replies
are lost. Hence batches are small. A push receiver (`carriers/http/push`) loses neither.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from hongyan.adapters.aspx.client import AspxClient
from hongyan.adapters.options import seconds_of
from hongyan.carriers.http.client import HttpClient, Response
from hongyan.carriers.long_body import read_beside
from hongyan.model.channel import Channel
from hongyan.model.translatable import Translatable
from hongyan.wire.aspx.codec import BadAnswer, read_pull
from hongyan.wire.aspx.pdu import Item, Refused

BATCH = 500
"""Items asked for at once. A crash before the commit loses at most so many."""

_PAGES = ("statusApi.aspx", "callApi.aspx")
_POLL_S = 10.0
_WITHIN_S = 30.0

Taker = Callable[[Sequence[Item]], Awaitable[None]]
"""Called with the items; returns after the commit."""


class Puller:
    def __init__(self, client: HttpClient, take: Taker) -> None:
        self._client, self._take = client, take
        self._troubles: dict[str, str] = {}  # page → what is wrong with it

    @property
    def trouble(self) -> str:
        return Translatable.joined(
            *(Translatable("{page}: {what}", page=page, what=what) for page, what in self._troubles.items() if what)
        )

    async def run(self, channel: Callable[[], Channel], words: Callable[[], AspxClient]) -> None:
        """Runs until it is cancelled. The settings are read each round, since they change."""
        while True:
            for page in _PAGES:
                await self._fetch(page, words)
            await asyncio.sleep(poll_s(channel()))

    async def _fetch(self, page: str, words: Callable[[], AspxClient]) -> None:
        """Ask as long as full batches come. One that is the last one again has a platform that would go on for ever."""
        last: list[Item] = []
        while len(items := await self._batch(page, words())) >= BATCH:
            if items == last:
                self._troubles[page] = Translatable("it hands out the same items again")
                return
            last = items

    async def _batch(self, page: str, words: AspxClient) -> list[Item]:
        """Make one request, and return what came."""
        response = await self._client.post(words.url(page), words.question("query", statusNum=str(BATCH)), _WITHIN_S)
        self._troubles[page], items = await _read(response)
        if items:
            await self._take(items)
        return items


async def _read(response: Response) -> tuple[str, list[Item]]:
    """Returns what is wrong with an answer, or its items."""
    if not response.is_good:
        return response.trouble, []
    try:
        items = await read_beside(read_pull, response.body)
    except BadAnswer as bad:
        return Translatable("the answer cannot be read: {what}", what=Translatable.of(bad)), []
    return (f"{items.error} {items.remark}".strip(), []) if isinstance(items, Refused) else ("", items)


def poll_s(channel: Channel) -> float:
    """Returns option `poll_s` (10), one second at the least."""
    return seconds_of(channel, "poll_s", _POLL_S, least=1.0)
