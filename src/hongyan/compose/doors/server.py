"""The writer's side: takes the requests of the doors' process, and answers after the commit.

To the platform it is one more listener, which is opened, started and stopped like those of the ports.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import structlog

from hongyan.compose.door_counts import Observed
from hongyan.compose.doors import values
from hongyan.compose.doors.frames import BadFrame, FrameConnection, Message
from hongyan.compose.doors.guesses import Guess, SharedGuesses, guess_of
from hongyan.compose.doors.run_socket import DIRECTORY, listen_at
from hongyan.compose.troubles import StoreNotReady
from hongyan.doors.context import HandedOut
from hongyan.doors.give_back import give_back
from hongyan.model.account import Account, Product
from hongyan.model.owed import OwedKind
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted
from hongyan.ports.lane import Lane, StoreAway
from hongyan.services.guessing import Guesses
from hongyan.services.steps.lost_answers import AnswerLost
from hongyan.workers.customer_api import SNAPSHOT_S, LaneCustomerApi
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

LEAVE_S = 5.0
"""How much longer than its customers the doors' process may take to end."""

_HANDED_OUT = {"take_reports": OwedKind.REPORT, "take_again": OwedKind.REPORT, "take_replies": OwedKind.REPLY}
"""Calls that hand something out, and what."""

LEAVE_FILE: Mapping[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
"""Python 3.13 and later remove the file of a socket that ends, by the path it was bound to; ours is no path any more
(`run_socket`)."""


class DoorsServer:
    """Where the doors' process connects. There is one at a time: a new one replaces the one before."""

    def __init__(
        self,
        *,
        data: Path,
        port: int,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        api: LaneCustomerApi,
        guesses: Guesses,
        observe: Callable[[Observed], None],
    ) -> None:
        """data: the folder whose run directory has the socket. port: that of the doors"""
        self._data, self.port = data, port
        self._process_state, self._lane, self._steps, self._api = process_state, lane, steps, api
        self._observe = observe
        self.guard = SharedGuesses(guesses, self._notify_guess)
        self._server: asyncio.Server | None = None
        self._connection: FrameConnection | None = None
        self._left = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting: dict[int, asyncio.Future[Accepted]] = {}  # by task
        self._asked: Mapping[str, Callable[..., Awaitable[Any]]] = {
            "hello": self._channels_down,
            "task_block": lambda day: lane.ask(steps.task_block, day),
            "lost_answers": self._lost_answers,
            "balance": self._balance,
            "change_secret": self._change_secret,
            "take_reports": self._take_reports,
            "take_again": self._take_again,
            "take_replies": self._take_replies,
            "give_back": lambda kind, owed_ids: api.give_back(OwedKind(kind), owed_ids),
        }
        self._notified: Mapping[str, Callable[..., None]] = {
            "serving": self._note_serving,
            "observed": self._note_observed,
            "guess": lambda fields: self.guard.count_remote(guess_of(fields)),
        }
        self.is_serving = False  # whether customers are answered
        self.is_without_descriptors = False
        self.held_addresses: Sequence[str] = ()
        process_state.signals.on_down(lambda channel_ids: self._notify("down", sorted(channel_ids)))

    # --- a listener -----------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """raises: StoreNotReady"""
        try:
            self._socket = listen_at(self._data)
        except OSError as error:
            raise StoreNotReady(
                "cannot use {file}: {reason}",
                "choose a data folder that you may write to",
                file=self._data / DIRECTORY,
                reason=error,
            ) from error

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._connected, sock=self._socket, **LEAVE_FILE)

    def reload_certificate(self) -> None:
        """Nothing to do: the doors' process has the certificate."""

    async def stop(self, drain_s: float) -> int:
        """Wait for the doors' process, which has the connections of customers; the supervisor has asked it to stop."""
        if self._server is None:
            return 0
        self._server.close()
        self._socket.close()
        if self._connection is not None:
            await wait_or_timeout(self._left, drain_s + LEAVE_S)
        if self._connection is not None:
            log.error("doors_stay", seconds=drain_s + LEAVE_S)
            self._connection.close()
        for task in list(self._tasks):
            task.cancel()
        return 0

    # --- the connection -------------------------------------------------------------------------------------------

    def _connected(self) -> FrameConnection:
        if self._connection is not None:
            self._connection.close()
        self._left.clear()
        connection: FrameConnection | None = None

        def take(message: Message) -> None:
            assert connection is not None
            self._take(connection, message)

        def lost() -> None:
            if self._connection is connection:
                self._connection, self.is_serving = None, False
                self._left.set()

        connection = self._connection = FrameConnection(take, lost)
        return connection

    def _notify(self, name: str, *facts: Any) -> None:
        if self._connection is not None:
            self._connection.say(orjson.dumps((0, name, *facts)))

    def _notify_guess(self, guess: Guess) -> None:
        self._notify("guess", guess)

    def _take(self, connection: FrameConnection, message: Message) -> None:
        """raises: BadFrame"""
        number, name, *facts = message if len(message) > 1 else (0, "")
        if name == "accept" and len(facts) == 1:
            self._accept(connection, number, facts[0])
        elif number == 0 and (notified := self._notified.get(name)) is not None:
            notified(*facts)
        elif number and name in self._asked:
            self._start(self._answer(connection, number, name, facts))
        else:
            raise BadFrame(f"{name}")

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- submissions ----------------------------------------------------------------------------------------------

    def _accept(self, connection: FrameConnection, number: int, row: values.Row) -> None:
        account = self._process_state.snapshot.accounts_by_id.get(values.account_of(row))
        if account is None:
            self._start(self._accept_later(connection, number, row))
        else:
            self._accept_of(account, connection, number, row)

    def _accept_of(self, account: Account, connection: FrameConnection, number: int, row: values.Row) -> None:
        admission = values.admission(row, account)
        try:
            asked = self._api.accept(admission)
        except Refusal as refusal:
            _say_trouble(connection, number, refusal)
        else:
            self._accepting[admission.task_id] = asked
            asked.add_done_callback(partial(self._accepted, connection, number, admission.task_id))

    def _accepted(self, connection: FrameConnection, number: int, task_id: int, done: "asyncio.Future[Accepted]") -> None:
        self._accepting.pop(task_id, None)
        if done.cancelled():  # the process ends
            return
        error = done.exception()
        if error is not None:
            _say_trouble(connection, number, error)
        else:
            connection.say(orjson.dumps((number, values.accepted_row(done.result()))))

    async def _accept_later(self, connection: FrameConnection, number: int, row: values.Row) -> None:
        """Accept one for which this process has to load the ConfigSnapshot that the doors' process has."""
        try:
            account = await self._account(values.account_of(row))
            if connection.is_open:  # otherwise it was asked for meanwhile, and was not stored
                self._accept_of(account, connection, number, row)
        except Refusal as refusal:
            _say_trouble(connection, number, refusal)

    async def _account(self, account_id: int) -> Account:
        """Returns the account from our ConfigSnapshot, or from the next one. raises: Refusal"""
        state = self._process_state
        try:
            async with asyncio.timeout(SNAPSHOT_S):
                while (account := state.snapshot.accounts_by_id.get(account_id)) is None:
                    await state.turned.wait()
        except TimeoutError as error:
            raise Refusal(Code.ACCOUNT_UNKNOWN) from error
        return account

    # --- everything else ------------------------------------------------------------------------------------------

    async def _answer(self, connection: FrameConnection, number: int, name: str, facts: Sequence[Any]) -> None:
        try:
            found = await self._asked[name](*facts)
            if name in _HANDED_OUT and not connection.is_open:  # no customer can have it
                await give_back(self._api, HandedOut(_HANDED_OUT[name], [row[0] for row in found]))
        except Exception as error:  # noqa: BLE001  who asked gets it
            _say_trouble(connection, number, error)
        else:
            connection.say(orjson.dumps((number, found)))

    async def _channels_down(self) -> list[int]:
        """Returns which channels are down."""
        return sorted(self._process_state.snapshot.down)

    async def _lost_answers(self, named: Sequence[values.Row]) -> list[values.Row | None]:
        """Returns for each the answer if it was accepted. What this process still has under way is waited for."""
        under_way = [self._accepting[task_id] for task_id, _ in named if task_id in self._accepting]
        if under_way:
            await asyncio.wait(under_way)
        asked = [self._lane.ask(self._steps.lost_answers, AnswerLost(*one)) for one in named]
        return [values.accepted_row(found) if found else None for found in await asyncio.gather(*asked)]

    async def _balance(self, account_id: int, product: int) -> values.Row:
        return values.balance_row(await self._api.balance(await self._account(account_id), Product(product)))

    async def _change_secret(self, account_id: int, secret: str) -> int:
        """Returns the version of the ConfigSnapshot that has the new secret."""
        await self._api.change_secret(await self._account(account_id), secret)
        return self._process_state.snapshot.version

    async def _take_reports(self, account_id: int, most: int, task_id: int | None) -> Any:
        return values.report_rows(await self._api.take_reports(await self._account(account_id), most, task_id))

    async def _take_again(self, account_id: int, most: int, task_id: int) -> Any:
        return values.report_rows(await self._api.take_again(await self._account(account_id), most, task_id))

    async def _take_replies(self, account_id: int, most: int, task_id: int | None) -> Any:
        return values.reply_rows(await self._api.take_replies(await self._account(account_id), most, task_id))

    # --- notices of the doors' process ---------------------------------------------------------------------------

    def _note_serving(self) -> None:
        self.is_serving = True

    def _note_observed(self, observed: Sequence[Any], is_without_descriptors: bool, held: Sequence[str]) -> None:
        answers, durations, faults = observed  # a list: JSON has no tuples
        self._observe((answers, durations, faults))
        self.is_without_descriptors, self.held_addresses = is_without_descriptors, held


def _say_trouble(connection: FrameConnection, number: int, error: BaseException) -> None:
    if isinstance(error, Refusal):
        trouble: Any = values.refusal_row(error)
    elif isinstance(error, StoreAway):
        trouble = "away"
    else:
        log.error("doors_request_failed", error=type(error).__name__, detail=str(error)[:200])
        trouble = "failed"
    connection.say(orjson.dumps((number, None, trouble), default=str))
