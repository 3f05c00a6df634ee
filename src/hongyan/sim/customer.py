"""A customer that receives pushes: for trials, for `hongyan sim customer`, and as a witness in tests.

It reads the bodies of manual 001, chapter 6 (XML) and of manual 002 (JSON) strictly, notes every item, and answers as
configured.
It keeps a bounded amount: the last items, and how often each mobile was named; the mobile unnamed for longest is forgotten
first.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree as ET

import orjson
from aiohttp import web

from hongyan.wire.url import in_url

BODY_OCTETS_MOST = 4 << 20  # of one push


class Answer(StrEnum):
    """How the customer answers a push that it could read."""

    TAKEN = "1"
    ERROR = "error"
    OTHER = "other"  # neither of the two words: manual 001 takes it for success
    DROP = "drop"  # the connection ends without an answer
    HANG = "hang"  # no answer at all


@dataclass(frozen=True, slots=True)
class Item:
    """One report or reply as the customer read it; values that its format does not have are empty."""

    kind: str  # report, reply
    mobile: str
    taskid: str
    status: str  # 10 and 20 in XML, 0 and 1 in JSON
    code: str
    text: str
    time: str
    extno: str


_WORDS = {  # the answer, by its kind and format: media type and body
    (Answer.TAKEN, "xml"): ("text/plain", "1"),
    (Answer.ERROR, "xml"): ("text/plain", "error"),
    (Answer.OTHER, "xml"): ("text/plain", "thank you"),
    (Answer.TAKEN, "json"): ("application/json", '{"respCode":"00000"}'),
    (Answer.ERROR, "json"): ("application/json", '{"respCode":"00001"}'),
    (Answer.OTHER, "json"): ("application/json", '{"thank":"you"}'),
}


def read_push(body: bytes) -> tuple[str, list[Item]]:
    """Read a whole push.

    returns: its format, "xml" or "json", and its items in order
    raises:  ValueError if it is no body of the manuals
    source:  manual 001, 6.2 and 6.3; manual 002; wire contract, 4.5 and 4.6
    """
    try:
        return ("json", list(_json_items(body))) if body[:1] == b"{" else ("xml", list(_xml_items(body)))
    except (ET.ParseError, KeyError, TypeError, AttributeError, LookupError) as error:
        raise ValueError(f"not a push: {error}") from error


def _xml_items(body: bytes) -> Iterator[Item]:
    root = ET.fromstring(body)  # noqa: S314  expat bounds the growth of entities; the body is bounded by the server
    if root.tag != "returnsms":
        raise ValueError(f"the root is {root.tag}")
    for box in root:
        values = {child.tag: child.text or "" for child in box}
        kind = {"statusbox": "report", "callbox": "reply"}[box.tag]
        yield Item(
            kind=kind,
            mobile=values["mobile"],
            taskid=values["taskid"],
            status=values["status"] if kind == "report" else "",
            code=values.get("errorcode", ""),
            text=values["content"] if kind == "reply" else "",
            time=values["receivetime"],
            extno=values["extno"],
        )


def _json_items(body: bytes) -> Iterator[Item]:
    values = orjson.loads(body)
    if "smsResult" not in values:  # one reply a push
        yield Item(
            kind="reply",
            mobile=values["phone"],
            taskid="",
            status="",
            code="",
            text=values["content"],
            time=values["MOTime"],
            extno=values["MOPort"],
        )
        return
    for one in values["smsResult"]:
        yield Item(
            kind="report",
            mobile=one["phone"],
            taskid=one["smsId"],
            status=one["status"],
            code=one["respMessage"],
            text="",
            time=one["receiveTime"],
            extno="",
        )


class Customer:
    """An HTTP server on loopback that takes any POST for a push.

    `answer` may be changed while it runs. `received` holds the last items, including those it answered with an error. A body
    that is no push is counted in `unreadable` and answered 400.
    """

    def __init__(
        self,
        port: int = 0,
        answer: Answer | str = Answer.TAKEN,
        *,
        host: str = "127.0.0.1",
        keep: int = 10_000,
        keep_mobiles: int = 1_000_000,
        seen: Callable[[Item], None] | None = None,
    ) -> None:
        """`port`: 0 takes a free one, which is `port` after `start`; `seen` is called with each item."""
        self.host = host
        self.port = port
        self.answer = Answer(answer)
        self.received: deque[Item] = deque(maxlen=keep)
        self.mobiles: OrderedDict[str, int] = OrderedDict()
        self.pushes = self.items = self.unreadable = 0
        self._keep_mobiles = keep_mobiles
        self._seen = seen
        self._runner: web.AppRunner | None = None
        self._news = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://{in_url(self.host)}:{self.port}/"

    async def start(self) -> None:
        """Listen. raises: OSError if the port is taken"""
        app = web.Application(client_max_size=BODY_OCTETS_MOST)
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError:
            await self.stop()
            raise
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._over.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def wait_for(self, items: int, within_s: float) -> bool:
        """Returns whether so many items, since the start, have come before the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.items < items:
                    self._news.clear()
                    await self._news.wait()
        return self.items >= items

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.pushes += 1
        try:
            form, items = read_push(body)
        except ValueError as error:
            self.unreadable += 1
            return web.Response(status=400, text=str(error))
        for item in items:
            self._note(item)
        self._news.set()
        return await self._reply(request, form)

    def _note(self, item: Item) -> None:
        self.items += 1
        self.received.append(item)
        self.mobiles[item.mobile] = self.mobiles.pop(item.mobile, 0) + 1
        if len(self.mobiles) > self._keep_mobiles:
            self.mobiles.popitem(last=False)
        if self._seen is not None:
            self._seen(item)

    async def _reply(self, request: web.Request, form: str) -> web.StreamResponse:
        if self.answer is Answer.HANG:
            await self._over.wait()
        if self.answer in {Answer.DROP, Answer.HANG}:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError
        media, words = _WORDS[self.answer, form]
        return web.Response(text=words, content_type=media)


def facts_of(item: Item, answer: Answer) -> dict[str, Any]:
    """Returns an item and how it was answered, for people; values that it lacks are left out."""
    return {name: value for name, value in asdict(item).items() if value} | {"answer": str(answer)}
