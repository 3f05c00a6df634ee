"""The side of the process that serves: passes requests for pages to the console's process, and answers its questions."""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from time import monotonic
from typing import Any, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hongyan.compose.console.socket_pipe import PipeClosed, SocketPipe, read_frame, write_frame
from hongyan.compose.vitals import ProcessVitals
from hongyan.http.asgi import BodyTooLarge, ClientGone, read_body
from hongyan.model.translatable import packed
from hongyan.workers.failures import log_failure

log = structlog.get_logger(__name__)

AGAIN_S, AGAIN_MOST_S = 1.0, 30.0
"""Pause before another console is started: the first time, and after some that died at once."""

BODY_MOST = 4 * 1024 * 1024
ANSWER_S = 120.0
"""How long the head of an answer may take."""

_SENT = ("method", "path", "query_string", "scheme", "http_version", "client", "server")


class Child(Protocol):
    """A process with the console, and our end of the socket to it."""

    end: socket.socket

    def begin(self) -> None: ...

    def start_again(self) -> None:
        """Blocks. raises: OSError"""
        ...


class ConsoleForward:
    """An ASGI application, in front of the console's process."""

    def __init__(self, child: Child, vitals: ProcessVitals) -> None:
        self._child, self._pipe, self._vitals = child, SocketPipe(child.end), vitals
        self._keeping: asyncio.Task[None] | None = None

    @property
    def is_gone(self) -> bool:
        """Returns whether the console died, and no other has been started yet."""
        return self._pipe.closed.is_set()

    def start(self) -> None:
        self._child.begin()
        self._pipe.listen(self._answer)
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await self._pipe.close()

    async def _keep(self) -> None:
        """Start another console whenever one has died."""
        pause_s = AGAIN_S / 2
        while True:
            began = monotonic()
            await self._pipe.closed.wait()
            await self._pipe.close()
            pause_s = AGAIN_S if monotonic() - began > AGAIN_MOST_S else min(2 * pause_s, AGAIN_MOST_S)
            await asyncio.sleep(pause_s)
            try:
                await asyncio.to_thread(self._child.start_again)
            except OSError as error:
                log_failure("console_not_started", error)
            else:
                self._pipe = SocketPipe(self._child.end)
                self._pipe.listen(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive, BODY_MOST)
        except ClientGone:
            return
        except BodyTooLarge:
            await _answer_text(scope, receive, send, 413, f"the console takes {BODY_MOST} octets at most")
            return
        try:
            reader, writer = await self._pipe.open()
        except PipeClosed:
            await _answer_text(scope, receive, send, 503, "the console does not run")
            return
        try:
            write_frame(writer, _request_of(scope), body)
            await self._pass_on(reader, scope, receive, send)
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the answer as it comes. One that breaks off gets no end, so that its client notices."""
        try:
            async with asyncio.timeout(ANSWER_S):
                head, _ = await read_frame(reader)
        except (PipeClosed, TimeoutError):
            await _answer_text(scope, receive, send, 503, "the console was interrupted; try again")
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in head["headers"]]
        await send({"type": "http.response.start", "status": head["status"], "headers": headers})
        with suppress(PipeClosed):
            more = True
            while more:
                more, body = await read_frame(reader)
                await send({"type": "http.response.body", "body": body, "more_body": more})

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked, _ = await read_frame(reader)
        write_frame(writer, await self._found(asked))
        await writer.drain()

    async def _found(self, asked: Mapping[str, str]) -> Any:
        """Returns what the console asks of this process: figures of its links and listeners, PDUs, or its conditions."""
        match asked["what"]:
            case "links":
                return self._vitals.links()
            case "pdus":
                pdus = await self._vitals.pdus(asked["channel"], clear=asked["clear"] == "yes")
                return None if pdus is None else list(pdus)
            case "listeners":
                return self._vitals.listeners()
            case "session_pdus":
                pdus = await self._vitals.session_pdus(int(asked["session"]))
                return None if pdus is None else list(pdus)
            case "checks":
                return [asdict(check) | {"detail": packed(check.detail)} for check in await self._vitals.checks()]
        raise AssertionError(asked)


def _request_of(scope: Scope) -> dict[str, Any]:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    request = {name: scope.get(name) for name in _SENT} | {"query_string": scope["query_string"].decode("latin-1")}
    return request | {"headers": headers, "raw_path": scope["raw_path"].decode("latin-1")}


async def _answer_text(scope: Scope, receive: Receive, send: Send, status: int, line: str) -> None:
    await PlainTextResponse(line + "\n", status)(scope, receive, send)


async def no_console(_: Request) -> Response:
    """Answers the paths of pages if this process has no console."""
    return PlainTextResponse("this process has no console\n", 404)
