"""A trial of a channel from the command line: log in, send one text if a phone is named, and report what came back and when."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from hongyan.carriers.factory import make_link
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.errors import NotFound
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.model.translatable import Translatable
from hongyan.policy.codes import meaning_of
from hongyan.ports.admin import AdminStore
from hongyan.services.queries.channel_details import channel_details

LOGIN_S = 15.0


@dataclass(slots=True)
class TrialResult:
    """The outcome of each step; milliseconds since the start."""

    is_good: bool = False
    login: str = ""
    login_ms: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    beside: str = ""  # the process that holds the channel meanwhile
    is_deaf: bool = False  # whether no report can come
    pdus: list[dict[str, Any]] = field(default_factory=list)


class _TrialEvents:
    """Implements ports.LinkEvents: keeps the first answer and the first report."""

    def __init__(self) -> None:
        self.began = monotonic()
        self.settle: Callable[[int], None] = lambda _: None
        self.answer: tuple[int, Answered] | None = None
        self.receipt: tuple[int, Receipt] | None = None

    def ms(self) -> int:
        return round((monotonic() - self.began) * 1000)

    def answered(self, answers: Sequence[Answered]) -> None:
        self.answer = self.answer or (self.ms(), answers[0])
        asyncio.get_running_loop().call_soon(self.settle, len(answers))

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:
        """Take the report on our own text; the others come again, to the server."""
        mine = [one for one in receipts if self.answer and self.answer[1].carrier_id in one.carrier_ids]
        self.receipt = self.receipt or ((self.ms(), mine[0]) if mine else None)
        asyncio.get_running_loop().call_soon(confirm, len(mine) == len(receipts))

    def replied(self, parts: Sequence[ReplyPart], confirm: Callable[[bool], None]) -> None:  # noqa: ARG002 - they come again
        asyncio.get_running_loop().call_soon(confirm, False)

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None:
        """Do nothing: no reply is kept."""

    async def unreported(self, *_: object) -> tuple[list[str], None]:
        return [], None

    def ready(self) -> None: ...

    def changed(self) -> None: ...


async def try_channel(admin: AdminStore, name: str, phone: int | None, text: str, report_s: float) -> TrialResult:
    """Log in as the channel would. Nothing is stored and nobody is charged.

    raises: NotFound
    """
    channel = next((one for one in (await admin.snapshot()).channels.values() if one.name == name), None)
    if channel is None:
        raise NotFound("there is no channel {name}", name=name)
    held = await admin.read(channel_details, name)
    result = TrialResult(beside=held["owner"] if held["link"] == "up" else "", is_deaf=channel.lacks_listener)
    number = await admin.change(lambda _, act: act.new_id())
    segment = (
        OutSegment(
            message_id=number, part=1, parts=1, phone=phone, text=text, source=channel.access, parcel_id=0, ticket=number
        )
        if phone
        else None
    )
    await _try(channel, segment, report_s, admin.now_ms, result)
    return result


async def _try(
    channel: Channel, segment: OutSegment | None, report_s: float, clock: Callable[[], int], result: TrialResult
) -> None:
    alone = replace(channel, connections=1, state=ChannelState.RUNNING)
    events, began_ms = _TrialEvents(), clock()
    link = make_link(alone, events, clock)
    events.settle = link.settled
    await link.open()
    await _until(lambda: link.is_up or link.trouble, LOGIN_S)
    result.login_ms, result.is_good = events.ms(), link.is_up
    result.login = "ok" if link.is_up else link.trouble or Translatable("no answer within {seconds} s", seconds=f"{LOGIN_S:g}")
    if segment and link.is_up:
        link.offer([segment])
        await _until(lambda: events.answer, channel.answer_timeout_s)
        if events.answer and events.answer[1].result is SegmentResult.ACCEPTED and not result.is_deaf:
            await _until(lambda: events.receipt, report_s)
        _report(result, events, channel)
    await link.close(1)
    result.pdus = [
        {"ms": pdu["at_ms"] - began_ms} | {name: v for name, v in pdu.items() if name != "at_ms"} for pdu in link.pdus() or []
    ]


def _report(result: TrialResult, events: _TrialEvents, channel: Channel) -> None:
    if events.answer is None:
        result.is_good, result.answer = False, {"result": "none in time"}
        return
    at_ms, answer = events.answer
    result.is_good = answer.result is SegmentResult.ACCEPTED
    result.answer = {"ms": at_ms, "result": answer.result.name.lower(), "carrier_id": answer.carrier_id, "code": answer.code}
    result.answer |= _meaning(channel, answer.code)
    if events.receipt is not None:
        at_ms, receipt = events.receipt
        result.report = {"ms": at_ms, "state": receipt.state.name.lower(), "code": receipt.code} | _meaning(
            channel, receipt.code
        )


def _meaning(channel: Channel, code: str) -> dict[str, str]:
    meaning = meaning_of(channel, code) if code else None
    return {"meaning": meaning.english, "chinese": meaning.chinese, "fault": str(meaning.fault)} if meaning else {}


async def _until(claim: Callable[[], object], within_s: float) -> None:
    end = monotonic() + within_s
    while not claim() and monotonic() < end:  # noqa: ASYNC110 - once a command
        await asyncio.sleep(0.005)
