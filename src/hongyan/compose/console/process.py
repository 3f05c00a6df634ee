"""The parts of the console's process: pages and admin API over connections of its own, and the jobs that people ask for.

It reads from snapshots and writes in short transactions, as commands do. What only the serving process knows, it asks that
process.
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvloop
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message

from hongyan import __version__
from hongyan.compose.admin_store import CommandIds, DatabaseAdminStore, check_store
from hongyan.compose.console.socket_pipe import PipeClosed, SocketPipe, read_frame, write_frame
from hongyan.compose.console.trials import ConsoleTrials
from hongyan.compose.troubles import AlreadyInUse
from hongyan.http.address import address_block
from hongyan.model.act import Actor
from hongyan.model.approval import AloneRule
from hongyan.model.ids import HOUR_MS, IdSource
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.translatable import unpacked
from hongyan.ports.lane import Step
from hongyan.ports.tx import Tx
from hongyan.services.admin.login_guard import LoginGuard
from hongyan.services.admin.logins import Logins
from hongyan.services.admin.sessions import SessionRule
from hongyan.settings.load import Loaded
from hongyan.settings.sections.duties import Duty
from hongyan.settings.settings import Settings
from hongyan.store.database import Database, Reader, Writer
from hongyan.store.engine.lane import Answer, Item
from hongyan.store.engine.outage import Outage
from hongyan.web.api.app import AdminApi
from hongyan.web.api.openapi import PREFIX
from hongyan.web.console import console
from hongyan.web.ops import Check
from hongyan.web.pages import BROWSER_FILES
from hongyan.workers.failures import log_failure
from hongyan.workers.jobs import Found, JobRunner
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

READERS = 4
"""Connections that stay open for pages; each needs some megabytes."""

RENEW_S = 20.0
MINUTE_MS = 60_000


def run_console(loaded: Loaded, end: socket.socket) -> None:
    """Run the console until the other end of its socket is closed."""
    uvloop.run(serve_console(loaded, end))


async def serve_console(loaded: Loaded, end: socket.socket) -> None:
    pipe = SocketPipe(end)
    async with _parts(loaded, pipe) as (app, running):
        answer_requests(pipe, app)
        ended = asyncio.create_task(pipe.closed.wait())
        await asyncio.wait([ended, *running], return_when=asyncio.FIRST_COMPLETED)
        await pipe.close()
    for one in running:
        one.result()  # raises what ended it


@asynccontextmanager
async def _parts(loaded: Loaded, pipe: SocketPipe) -> AsyncIterator[tuple[ASGIApp, Sequence[asyncio.Task[None]]]]:
    """The application, and the loops that run while it lasts."""
    settings = loaded.settings
    database = Database(settings.database_url)
    job_writer = database.writer(syncs=False)
    sealer = await asyncio.to_thread(check_store, settings, database)
    ids, stopping = CommandIds(database, "console"), asyncio.Event()
    source = await asyncio.to_thread(ids)
    readers, job_reader = database.readers(READERS), database.reader()
    loops = [_keep(ids, stopping)]
    if Duty.CLOCK in settings.duties.run:
        loops.append(_jobs(settings, job_writer, job_reader, source, is_alone=database.is_sqlite).run(stopping))
    admin = DatabaseAdminStore(settings, database, sealer, ids, Actor("system", "console"), readers)
    running = [asyncio.create_task(loop) for loop in loops]
    try:
        yield _application(loaded, admin, AskServer(pipe)), running
    finally:
        stopping.set()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.to_thread(ids.close)
        readers.close()
        job_reader.close()
        job_writer.close()


async def _keep(ids: CommandIds, stopping: asyncio.Event) -> None:
    """Keep the node number, which is lent for a minute."""
    while not stopping.is_set():
        await wait_or_timeout(stopping, RENEW_S)
        try:
            await asyncio.to_thread(ids.renew)
        except AlreadyInUse:
            raise
        except Exception as error:  # noqa: BLE001  the store is away
            log_failure("node_not_renewed", error)


def _application(loaded: Loaded, admin: DatabaseAdminStore, server: "AskServer") -> Starlette:
    """The browser's files, the admin API, and the pages at all other paths."""
    settings, rules = loaded.settings, loaded.settings.console
    session = SessionRule(rules.session_idle_min * MINUTE_MS, rules.session_hours * HOUR_MS, rules.second_factor)
    alone = AloneRule(rules.alone_points, rules.alone_prices)
    logins = Logins(admin, LoginGuard(admin.now_ms, address_block), session)
    trials = ConsoleTrials(admin, settings)
    api, pages = (
        AdminApi(admin, server, trials, alone, __version__).app(),
        console(admin, logins, server, trials, alone, loaded.rows, rules.environment),
    )
    return Starlette(routes=[BROWSER_FILES.route(), Mount(PREFIX, api), Mount("/", pages)])


class AskServer:
    """Implements web.live.ServerFacts: asks the process that serves."""

    def __init__(self, pipe: SocketPipe) -> None:
        self._pipe = pipe

    async def links(self) -> Mapping[str, Mapping[str, Any]]:
        return await self._ask("links") or {}

    async def pdus(self, channel: str, *, clear: bool = False) -> Sequence[Mapping[str, object]] | None:
        pdus: list[dict[str, object]] | None = await self._ask("pdus", channel=channel, clear="yes" if clear else "")
        return pdus

    async def listeners(self) -> Mapping[str, Mapping[str, Any]]:
        found = await self._ask("listeners") or {}
        return {name: now | {"trouble": unpacked(now["trouble"])} for name, now in found.items()}

    async def session_pdus(self, session_id: int) -> Sequence[Mapping[str, object]] | None:
        pdus: list[dict[str, object]] | None = await self._ask("session_pdus", session=str(session_id))
        return pdus

    async def checks(self) -> Sequence[Check]:
        return [Check(**check | {"detail": unpacked(check["detail"])}) for check in await self._ask("checks") or ()]

    async def _ask(self, what: str, **facts: str) -> Any:
        """Returns the answer; None if the process does not answer any more, since it is stopping, and so are we."""
        try:
            reader, writer = await self._pipe.open()
            try:
                write_frame(writer, {"what": what} | facts)
                return (await read_frame(reader))[0]
            finally:
                writer.close()
        except PipeClosed:
            return None


def answer_requests(pipe: SocketPipe, app: ASGIApp) -> None:
    """Let an application answer what the serving process passes on."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(app, reader, writer)

    pipe.listen(answer)


async def _answer(app: ASGIApp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request; the first frame has the status and the headers."""
    sent, body = await read_frame(reader)
    parts = iter([body])

    async def receive() -> Message:
        for part in parts:
            return {"type": "http.request", "body": part, "more_body": False}
        await reader.read()  # returns when the asking side is gone
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())]
            write_frame(writer, {"status": message["status"], "headers": headers})
        else:
            write_frame(writer, message.get("more_body", False), message.get("body", b""))
        await writer.drain()

    await app(_scope(sent), receive, send)


def _scope(sent: dict[str, Any]) -> dict[str, Any]:
    """Returns the request as ASGI has it; what JSON made lists are tuples again."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent["headers"]]
    octets = {name: sent[name].encode("latin-1") for name in ("raw_path", "query_string")}
    ends = {name: tuple(sent[name]) if sent[name] else None for name in ("client", "server")}
    return (
        {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "root_path": ""}
        | sent
        | octets
        | ends
        | {"headers": headers}
    )


def _jobs(settings: Settings, writer: Writer, reader: Reader, ids: IdSource, *, is_alone: bool) -> JobRunner:
    state = ProcessState(ConfigSnapshot(), ids, lambda: time.time_ns() // 1_000_000, settings.limits.parcel_messages, ())
    outage = Outage("jobs")

    def read(ask: Callable[[Tx], Found]) -> Found:
        with outage.watching("job"):
            return reader.read(ask)

    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    return JobRunner(state, TransactionLane(writer, outage), Steps(state), read, owner, is_alone=is_alone)


class TransactionLane:
    """Implements ports.Lane for work that may be lost with the power and is then done again. Each item is a transaction."""

    def __init__(self, writer: Writer, outage: Outage) -> None:
        self._writer, self._outage = writer, outage

    def ask(
        self,
        step: Step[Item, Answer],
        item: Item,
        *,
        is_urgent: bool = False,  # noqa: ARG002  nobody waits for a job
    ) -> "asyncio.Future[Answer]":
        return asyncio.ensure_future(asyncio.to_thread(self._run, step, item))

    def _run(self, step: Step[Item, Answer], item: Item) -> Answer:
        with self._outage.watching(step.name), self._writer.transaction() as tx:
            (answer,) = step.run(tx, [item])
        if isinstance(answer, Exception):
            raise answer
        return answer
