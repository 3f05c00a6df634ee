"""The customers' platform as one ASGI application: the table of its doors, and what is the same at all of them.

A door raises a Refusal or returns an Answer. Here requests are read and refusals are worded. A bug becomes the door's own
系统内部错误, with an id for the log. What was handed out in an answer that did not leave is given back.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

import structlog

from hongyan.doors.batchsms import BatchDoor
from hongyan.doors.context import Admit, Answer, Door, DoorContext, HandedOut
from hongyan.doors.dialect import cause_of
from hongyan.doors.ensms import Text64Door
from hongyan.doors.front import front
from hongyan.doors.i18n import read_abroad
from hongyan.doors.lushang import LushangDoor
from hongyan.doors.mms import MMS_BODY_OCTETS, read_mms
from hongyan.doors.pwd import PwdDoor
from hongyan.doors.reports import REPLIES, REPORTS, PullDoor
from hongyan.doors.request import BODY_OCTETS, Request, read_request
from hongyan.doors.router import Router, alive, not_found
from hongyan.doors.signed import SignedLogin
from hongyan.doors.sms import JSON, XML, XML_GBK, SmsDoor
from hongyan.doors.webservice import SoapDoor
from hongyan.http.address import address_block
from hongyan.http.asgi import DELIVERED, App, BodyTooLarge, ClientGone, Receive, Scope, Send, respond_line
from hongyan.http.trouble import short_id, source_lines
from hongyan.model.account import Product
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.clock import Clock
from hongyan.ports.customer_api import CustomerApi
from hongyan.ports.guard import Guard
from hongyan.ports.lane import StoreAway
from hongyan.services.guessing import Guesses
from hongyan.services.pace import PullPace

_log = structlog.get_logger("hongyan.doors")

Observe = Callable[[str, str, float], None]
"""Called with every answer: the door's name, the refusal's code or OK, and the seconds that it took."""


_BODY_OCTETS = {"mms.aspx": MMS_BODY_OCTETS}
"""Body limits of doors that have their own."""


_NAMING = ("account", "accountsid", "userid")  # parameters that say who sends, the clearest first
_NAME_MOST = 64  # characters of such a name, in the log


Headers = Sequence[tuple[bytes, bytes]]


def _ignore(door: str, code: str, seconds: float) -> None:
    """Default of `observe`."""


def customers_app(
    api: CustomerApi,
    admit: Admit,
    now_ms: Clock,
    *,
    elsewhere: App = not_found,
    observe: Observe = _ignore,
    pulls_minute: int = 0,
    stamp_hours: int = 24,
    on_proved: Callable[[str], None] = lambda _: None,
) -> Router:
    """All doors, `/livez`, and `/`, which says what this is. `elsewhere` answers every other path.

    pulls_minute: pulls that an account may make in a minute, of each kind; 0 for no limit
    on_proved:    called with each address that proves a secret
    stamp_hours:  how far the stamp of a v2 request may be from the present; 0 for any
    """
    table: dict[str, App] = {"/": front(api, elsewhere), "/livez": alive}
    guard = Guesses(now_ms, address_block, on_proved=on_proved)
    for door in doors_of(DoorContext(api, admit, now_ms, PullPace(pulls_minute), stamp_hours)):
        octets = _BODY_OCTETS.get(door.name, BODY_OCTETS)
        table["/" + door.name.lower()] = DoorApp(door, api, observe, guard, octets)
    return Router(table, elsewhere)


def doors_of(context: DoorContext) -> list[Door]:
    sms = SmsDoor("sms.aspx", XML, context)
    signed = SignedLogin(context)
    v2 = SmsDoor("v2sms.aspx", XML, context, read=signed.read, log_in=signed)
    return [
        sms,
        SmsDoor("smsGBK.aspx", XML_GBK, context),
        SmsDoor("smsJson.aspx", JSON, context),
        SmsDoor("mms.aspx", XML, context, Product.MMS, read_mms),
        SmsDoor("I18NSms.aspx", XML, context, read=read_abroad),
        Text64Door(context),
        BatchDoor(context),
        SoapDoor(context),
        PwdDoor(context),
        PullDoor("statusApi.aspx", REPORTS, context, is_json=False, overage=sms),
        PullDoor("statusJsonApi.aspx", REPORTS, context, is_json=True),
        PullDoor("callApi.aspx", REPLIES, context, is_json=False, overage=sms),
        PullDoor("callJsonApi.aspx", REPLIES, context, is_json=True),
        v2,
        SmsDoor("v2smsGBK.aspx", XML_GBK, context, read=signed.read, log_in=signed),
        PullDoor("v2statusApi.aspx", REPORTS, context, is_json=False, overage=v2, log_in=signed),
        PullDoor("v2callApi.aspx", REPLIES, context, is_json=False, overage=v2, log_in=signed),
        LushangDoor("20150822/industrySMS/sendSMS", "00000", context),
        LushangDoor("20150822/affMarkSMS/sendSMS", "00000", context),
        LushangDoor("distributor/sendSMS", "0000", context),
    ]


class DoorApp:
    """One door as an ASGI application."""

    def __init__(self, door: Door, api: CustomerApi, observe: Observe, guard: Guard, body_octets: int) -> None:
        self._door, self._api, self._observe, self._guard = door, api, observe, guard
        self._body_octets = body_octets
        self._headers: Headers = ((b"content-type", door.content_type),)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        if scope["method"] not in ("GET", "POST"):
            await respond_line(send, 405, "use GET or POST")
            return
        try:
            request = await read_request(scope, receive, self._door.charset, self._body_octets)
        except BodyTooLarge:
            await respond_line(send, 413, "the request body is too large")
            return
        except ClientGone:
            return
        request.guard = self._guard
        answer, code, more = await self._ask(request)
        headers = ((b"content-type", answer.content_type),) if answer.content_type else self._headers
        if more:
            headers = [*headers, *more]  # a list: only tuples are cached as they are written, and these never come again
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if answer.handed_out is None:
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await self._hand_over(scope, send, answer.body, answer.handed_out)
        self._observe(self._door.name, code, perf_counter() - began)

    async def _ask(self, request: Request) -> tuple[Answer, str, Headers]:
        """The door's answer, its code, and further headers."""
        try:
            return await self._door.answer(request), "OK", ()
        except Refusal as refusal:
            return self._door.refuse(request, refusal), refusal.code.name, self._noted(request, refusal)
        except Exception as error:  # noqa: BLE001 - the customer is answered in any case; the log has it under an id
            request_id = short_id()
            note = _log.info if isinstance(error, StoreAway) else _log.error  # an outage is logged by the lane, and is no bug
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

    def _noted(self, request: Request, refusal: Refusal) -> Headers:
        """Log a refusal; the answer's headers name the line, and the cause as far as the sender may know it.

        The customer may only read 其他错误; the log says what it was. Facts hold no text, secret or phone. A sender that proved
        itself has lines of its own, so that strangers cannot crowd them out.
        """
        request_id, sender, code = short_id(), request.sender, refusal.code
        cause, parameter = cause_of(refusal, self._door.parameters, is_proved=sender is not None)
        facts = {
            "request_id": request_id, "address": request.address, **_named(request), **refusal.facts,
            "door": self._door.name, "code": code.words.number, "cause": code.name,
            "limit_by": ("cause", "account") if sender else ("cause",),
        }  # fmt: skip
        _log.info("request_refused", **facts)
        return _cause_headers(request_id, cause, parameter)

    async def _hand_over(self, scope: Scope, send: Send, body: bytes, handed_out: HandedOut) -> None:
        """Send what is handed out only once. When it does not leave our write buffer, for whatever reason, it is given back."""
        has_left = False
        try:
            await send({"type": "http.response.body", "body": body})
            has_left = await scope["extensions"][DELIVERED]()
        finally:
            if not has_left and handed_out.owed_ids:
                _log.info("handed_out_in_vain", door=self._door.name, items=len(handed_out.owed_ids), limit_by=("door",))
                await self._api.give_back(handed_out.kind, handed_out.owed_ids)


def _named(request: Request) -> dict[str, str]:
    """The account of a request; without a proof, the name that the request gives."""
    if request.sender is not None:
        return {"account": request.sender.name}
    return next(({name: request.value(name)[:_NAME_MOST]} for name in _NAMING if request.value(name)), {})


def _cause_headers(request_id: str, cause: str, parameter: str) -> Headers:
    """The headers that name a refusal's log line and its cause."""
    named = f"{cause}; parameter={parameter}" if parameter else cause
    return ((b"x-request-id", request_id.encode()), (b"x-cause", named.encode()))
