"""What is the same at all doors: reading requests, wording and logging refusals, and sending the answer.

A door raises a Refusal or returns an Answer. A bug becomes the door's own 系统内部错误, with an id for the log. Items that were
handed out in an answer that did not leave are given back.
"""

from collections.abc import Callable
from time import perf_counter

import structlog

from hongyan.doors.context import Answer, Door
from hongyan.doors.dialect import cause_of
from hongyan.doors.give_back import hand_out
from hongyan.doors.request import Request, read_request
from hongyan.http.asgi import DELIVERED, BodyTooLarge, ClientGone, Receive, Scope, Send, note_fault, respond_line
from hongyan.http.direct import Headers, WholeRequest
from hongyan.http.trouble import short_id, source_lines
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.customer_api import CustomerApi
from hongyan.ports.guard import Guard
from hongyan.ports.lane import StoreAway

_log = structlog.get_logger("hongyan.doors")

Observe = Callable[[str, str, float], None]
"""Called with every answer: the door's name, the refusal's code or OK, and the seconds that it took."""


_NAMING = ("account", "accountsid", "userid")  # parameters that name the sender, the clearest first
_OURS = ("OK", Code.INTERNAL.name, Code.BUSY.name)
_NAME_MOST = 64  # characters of such a name, in the log


class DoorApp:
    """One door as an ASGI application."""

    def __init__(self, door: Door, api: CustomerApi, observe: Observe, guard: Guard, body_octets: int) -> None:
        self._door, self._api, self._observe, self.guard = door, api, observe, guard
        self._body_octets = body_octets
        self._headers = ((b"content-type", door.content_type),)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        if scope["method"] not in ("GET", "POST"):
            note_fault(scope)
            await respond_line(send, 405, "use GET or POST", (b"allow", b"GET, POST"))
            return
        try:
            request = await read_request(scope, receive, self._door.charset, self._body_octets)
        except BodyTooLarge:
            request = None
        except ClientGone:
            return
        if request is None:
            note_fault(scope)
            await respond_line(send, 413, "the request body is too large")
            return
        request.guard = self.guard
        answer, code, more = await self._ask(request)
        if is_fault(request, code):
            note_fault(scope)
        await send({"type": "http.response.start", "status": answer.status, "headers": self._headers_of(answer, more)})
        if answer.handed_out is None:
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await hand_out(_leaves(scope, send, answer.body), self._api, answer.handed_out, self._door.name)
        self._observe(self._door.name, code, perf_counter() - began)

    def write(self, whole: WholeRequest, answer: Answer, code: str, more: Headers, began: float) -> None:
        """Answer a request that did not come by ASGI."""
        whole.answer(answer.status, self._headers_of(answer, more), answer.body)
        self._observe(self._door.name, code, perf_counter() - began)

    def _headers_of(self, answer: Answer, more: Headers) -> Headers:
        headers = ((b"content-type", answer.content_type),) if answer.content_type else self._headers
        if not more:
            return headers
        return [*headers, *more]  # a list: only tuples are cached in written form, and these never come again

    async def _ask(self, request: Request) -> tuple[Answer, str, Headers]:
        """Returns the door's answer, its code, and further headers."""
        try:
            return await self._door.answer(request), "OK", ()
        except Exception as error:  # noqa: BLE001 - the customer is answered in any case
            return self.refused(request, error)

    def refused(self, request: Request, error: Exception) -> tuple[Answer, str, Headers]:
        """Returns the answer to a request that failed, its code, and further headers. The log has it under an id."""
        if isinstance(error, Refusal):
            return self._door.refuse(request, error), error.code.name, self._log_refusal(request, error)
        request_id = short_id()
        note = _log.info if isinstance(error, StoreAway) else _log.error  # the lane logs an outage, which is no bug
        note(
            "door_failed",
            door=self._door.name,
            request_id=request_id,
            error=type(error).__name__,
            at=source_lines(error),
            limit_by=("door", "error"),
        )
        answer = self._door.refuse(request, Refusal(Code.INTERNAL))
        return answer, Code.INTERNAL.name, _cause_headers(request_id, Code.INTERNAL.name, "")

    def _log_refusal(self, request: Request, refusal: Refusal) -> Headers:
        """Log a refusal; returns headers that name the line, and the cause as far as the sender may know it.

        If the customer reads only 其他错误, the log says what it was. Facts contain no text, secret or phone. A sender that proved
        itself has log lines of its own, so that strangers cannot crowd them out.
        """
        request_id, sender, code = short_id(), request.sender, refusal.code
        cause, parameter = cause_of(refusal, self._door.parameters, is_proved=sender is not None)
        facts = {
            "request_id": request_id,
            "address": request.address,
            **_named(request),
            **refusal.facts,
            "door": self._door.name,
            "code": code.words.number,
            "cause": code.name,
            "limit_by": ("cause", "account") if sender else ("cause",),
        }
        _log.info("request_refused", **facts)
        return _cause_headers(request_id, cause, parameter)


def is_fault(request: Request, code: str) -> bool:
    """Returns whether a request was refused before it proved a secret, and not by trouble of ours."""
    return request.sender is None and code not in _OURS


async def _leaves(scope: Scope, send: Send, body: bytes) -> bool:
    """Send a body; returns whether it left our write buffer."""
    await send({"type": "http.response.body", "body": body})
    return bool(await scope["extensions"][DELIVERED]())


def _named(request: Request) -> dict[str, str]:
    """Returns the account of a request; before the proof, the name in the request."""
    if request.sender is not None:
        return {"account": request.sender.name}
    return next(({name: request.value(name)[:_NAME_MOST]} for name in _NAMING if request.value(name)), {})


def _cause_headers(request_id: str, cause: str, parameter: str) -> Headers:
    """Returns the headers that name a refusal's log line and its cause."""
    named = f"{cause}; parameter={parameter}" if parameter else cause
    return ((b"x-request-id", request_id.encode()), (b"x-cause", named.encode()))
