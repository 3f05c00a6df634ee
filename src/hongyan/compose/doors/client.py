"""The side of the doors' process: requests of customers go to the writer, and its answers come back.

An admission gets its ids here, before it leaves. When the connection is lost, nobody knows what became of the admissions under
way. They wait until the writer is back, which is asked for each by its ids. If it has stored one, that is answered as accepted.
What it has not stored it never will, and the customer may send it again. Everything else that was under way is refused.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from hongyan.compose.doors import values
from hongyan.compose.doors.frames import MESSAGE_MOST, BadFrame, FrameConnection, Message
from hongyan.model.account import Account, Balance, Product
from hongyan.model.ids import name_task
from hongyan.model.owed import OwedKind, OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.ports.clock import Clock
from hongyan.ports.lane import StoreAway
from hongyan.workers.customer_api import SNAPSHOT_S
from hongyan.workers.process_state import Configuration
from hongyan.workers.task_numbers import TaskNumbers

ASKED_AT_ONCE = 500
"""Lost answers that are asked for in one message."""

Notified = Callable[..., None]


class WriterFailed(Exception):
    """A bug in the writer; its log names it."""


@dataclass(slots=True)
class _Call:
    answer: "asyncio.Future[Any]"
    octets: int
    admission: Admission | None  # of a submission


class SocketCustomerApi:
    """Implements ports.CustomerApi."""

    def __init__(self, configuration: Configuration, clock: Clock, calls_most: int, octets_most: int) -> None:
        """calls_most, octets_most: bounds of all that is under way; beyond them a request is refused as busy"""
        self._configuration, self._clock = configuration, clock
        self._calls_most, self._octets_most = calls_most, octets_most
        self._numbers = TaskNumbers(self._take_block)
        self._origin = secrets.token_hex(8)
        self._connection: FrameConnection | None = None
        self._calls: dict[int, _Call] = {}
        self._lost: dict[int, _Call] = {}  # submissions whose outcome is unknown
        self._last = 0
        self._octets = 0
        self._notified: dict[str, Notified] = {}

    @property
    def snapshot(self) -> ConfigSnapshot:
        return self._configuration.snapshot

    def on_notice(self, name: str, notified: Notified) -> None:
        """Set what is called with the writer's notices of this name."""
        self._notified[name] = notified

    # --- the connection -------------------------------------------------------------------------------------------

    async def connect(self, connection: FrameConnection) -> list[int]:
        """Use this connection from now on, and ask what became of the submissions that were under way on the one before.

        returns: the channels that are down. raises: StoreAway if it is lost meanwhile
        """
        if not connection.is_open:
            raise StoreAway("the writer was lost")
        self._connection = connection
        down: list[int] = await self._ask("hello")
        await self._ask_for_lost()
        return down

    def abort(self) -> None:
        if self._connection is not None:
            self._connection.abort()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def disconnected(self) -> None:
        """Note that nobody can be asked until there is another connection."""
        self._connection = None
        calls, self._calls = self._calls, {}
        for call in calls.values():
            if call.admission is not None:
                self._lost[call.admission.task_id] = call
                continue
            self._octets -= call.octets
            if not call.answer.done():
                call.answer.set_exception(StoreAway("the writer was lost"))

    async def _ask_for_lost(self) -> None:
        while self._lost:
            asked = list(self._lost.values())[:ASKED_AT_ONCE]
            named = [(call.admission.task_id, call.admission.sms_id) for call in asked if call.admission is not None]
            found = await self._ask("lost_answers", named)
            for call, row in zip(asked, found, strict=True):
                self._settle(call, row)

    def _settle(self, call: _Call, row: values.Row | None) -> None:
        """Answer a submission whose answer was lost."""
        assert call.admission is not None
        del self._lost[call.admission.task_id]
        self._octets -= call.octets
        if call.answer.done():
            return
        if row is None:
            call.answer.set_exception(Refusal(Code.BUSY))
        else:
            accepted = values.accepted(row)
            accepted.rejected = call.admission.rejected
            call.answer.set_result(accepted)

    def notify(self, name: str, *facts: Any) -> None:
        """Send a notice to the writer, if it is there."""
        if self._connection is not None:
            self._connection.say(orjson.dumps((0, name, *facts)))

    def take(self, message: Message) -> None:
        """Handle a message of the writer. raises: BadFrame"""
        number = message[0]
        call = self._calls.get(number) if number else None
        if call is not None:
            if not call.answer.done():  # otherwise the caller is gone
                _answer(call, message)
            del self._calls[number]  # an answer that could not be read is asked for anew
            self._octets -= call.octets
        elif number == 0 and len(message) > 1 and message[1] in self._notified:
            self._notified[message[1]](*message[2:])
        else:
            raise BadFrame("an answer that nobody asked for")

    def _call(self, name: str, facts: tuple[Any, ...], admission: Admission | None = None) -> "asyncio.Future[Any]":
        """raises: StoreAway; Refusal INTERNAL for a call that fits no frame"""
        if self._connection is None:
            raise StoreAway("the writer is not there")
        number = self._last = self._last + 1
        message = orjson.dumps((number, name, *facts))
        if len(message) > MESSAGE_MOST:
            raise Refusal(Code.INTERNAL, octets=len(message), most=MESSAGE_MOST)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[number] = _Call(answer, len(message), admission)
        self._octets += len(message)
        self._connection.say(message)
        return answer

    async def _ask(self, name: str, *facts: Any) -> Any:
        """Ask for this process itself."""
        return await self._call(name, facts)

    async def _ask_for(self, name: str, account: Account, *facts: Any) -> Any:
        """Ask for a customer. raises: Refusal BUSY"""
        self._check_room()
        return await self._call(name, (account.id, *facts))

    def _check_room(self) -> None:
        """raises: Refusal BUSY if too much is under way, or there is no writer"""
        if (
            self._connection is None
            or len(self._calls) + len(self._lost) >= self._calls_most
            or self._octets >= self._octets_most
        ):
            raise Refusal(Code.BUSY)

    # --- what customers ask ---------------------------------------------------------------------------------------

    def accept(self, admission: Admission) -> Awaitable[Accepted]:
        self._check_room()
        number = self._numbers.next(self._clock())
        return self._accept(admission, *number) if number else asyncio.ensure_future(self._accept_later(admission))

    async def _accept_later(self, admission: Admission) -> Accepted:
        """Accept one that has to wait for its ids: the first of a process, and of a day."""
        return await self._accept(admission, *await self._numbers.take(self._clock()))

    def _accept(self, admission: Admission, day: str, number: int) -> "asyncio.Future[Accepted]":
        admission.task_id, admission.sms_id = name_task(day, number, self._origin)
        return self._call("accept", (values.admission_row(admission),), admission)

    async def _take_block(self, day: str) -> int:
        return int(await self._ask("task_block", day))

    async def balance(self, account: Account, product: Product) -> Balance:
        return values.balance(await self._ask_for("balance", account, int(product)))

    async def change_secret(self, account: Account, secret: str) -> None:
        version = await self._ask_for("change_secret", account, secret)
        with suppress(TimeoutError):  # it is changed in any case
            async with asyncio.timeout(SNAPSHOT_S):
                await self._configuration.until_snapshot(version)

    async def take_reports(self, account: Account, most: int, task_id: int | None) -> list[OwedReport]:
        return values.reports(await self._ask_for("take_reports", account, most, task_id))

    async def take_again(self, account: Account, most: int, task_id: int) -> list[OwedReport]:
        return values.reports(await self._ask_for("take_again", account, most, task_id))

    async def take_replies(self, account: Account, most: int, task_id: int | None) -> list[OwedReply]:
        return values.replies(await self._ask_for("take_replies", account, most, task_id))

    async def give_back(self, kind: OwedKind, owed_ids: Sequence[int]) -> None:
        await self._ask("give_back", int(kind), list(owed_ids))


def _answer(call: _Call, message: Message) -> None:
    """Answer a call: its number with a value, or without one and with the trouble. raises: BadFrame"""
    if len(message) == 2:
        call.answer.set_result(message[1] if call.admission is None else values.accepted(message[1]))
        return
    trouble = message[-1]
    if isinstance(trouble, list):
        call.answer.set_exception(values.refusal(trouble))
    else:
        call.answer.set_exception(StoreAway("the store is away") if trouble == "away" else WriterFailed("see the writer's log"))
