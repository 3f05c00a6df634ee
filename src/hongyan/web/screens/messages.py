"""The search, and the life of a message: what happened, when, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hongyan.i18n import _, language, yes_or_no
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.ids import DAY_MS
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import normalise
from hongyan.model.staff import Permission
from hongyan.model.submission import Accepted
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import refunds, rules, sending, tasks
from hongyan.services.queries import trace
from hongyan.services.queries.trace import Trace, TraceQuery
from hongyan.services.queries.trace_events import TraceEvent
from hongyan.web import words
from hongyan.web.access import Page, person_of
from hongyan.web.live import Live
from hongyan.web.pages import done, show
from hongyan.web.screens.channels import pdus_of
from hongyan.web.screens.screen import Screen

DAYS = (1, 3, 7, 31)
_MOMENTS = {"done_ms", "send_at_ms"}
_LENGTHS = {"took_ms"}
_LINKS = {"channel": "/channels/{channel}", "session": "/sessions/{session}"}
_FIRST = ("attempt", 0)
"""Not shown: the first submit is the usual case."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as a page shows it."""

    title: str
    at_ms: int
    after_ms: int | None  # since the step before
    tone: str
    facts: list[tuple[str, str, str]]  # name, value, and the page that it leads to, "" for none


class MessageScreen(Screen):
    def __init__(self, admin: AdminStore, live: Live) -> None:
        super().__init__(admin)
        self._live = live

    def pages(self) -> list[Page]:
        return [
            Page("/messages", self.search, Permission.SEE),
            Page("/messages/{number:int}", self.message, Permission.SEE),
            Page("/messages/{number:int}/blacklist", self.blacklist, Permission.BLACK_LIST, methods=["POST"]),
            Page("/messages/{number:int}/unlist", self.unlist, Permission.BLACK_LIST, methods=["POST"]),
            Page("/messages/{number:int}/cancel", self.cancel, Permission.TRAFFIC, methods=["POST"]),
            Page("/messages/{number:int}/resend", self.resend, Permission.TRAFFIC, methods=["POST"]),
            Page("/messages/{number:int}/refund", self.refund, Permission.MONEY, methods=["POST"]),
        ]

    async def search(self, request: Request) -> Response:
        """Show all traces of what was typed; if there is only one, its steps at once. Go to an account that is named."""
        what = request.query_params.get("what", "").strip()
        days = _days(request.query_params.get("days", "1"))
        try:
            traces = await self._traces(request, what, days) if what else []
        except NotFound:
            if await self.admin.read(lambda tx: tx.rows_of("account", name=what)):
                return RedirectResponse(f"/accounts/{quote(what, safe='')}", 303)
            traces = []
        facts = {
            "what": what,
            "days": days,
            "choices": DAYS,
            "traces": traces,
            "found": traces[0] if len(traces) == 1 else None,
        }
        return show(
            request,
            "screens/messages.html",
            facts | {"steps": steps(traces[0]) if len(traces) == 1 else [], "pdus": None, "no_pdus": []},
        )

    async def message(self, request: Request) -> Response:
        found = await self._trace(request)
        pdus, no_pdus = await self._pdus(request, found) if request.query_params.get("pdus") else (None, [])
        facts = {"found": found, "steps": steps(found), "pdus": pdus, "no_pdus": no_pdus}
        return show(request, "screens/message.html", facts)

    async def blacklist(self, request: Request) -> Response:
        """Black-list the number of this message."""
        number = request.path_params["number"]
        phone = await self._phone(number)
        note = _("from message {number}", number=number)
        await self.acting(request).change(rules.add_listed, [ListedNumber(phone=phone, end_s=FOREVER_S, note=note)], "")
        return done(
            f"/messages/{number}", _("{phone} is black-listed for all accounts.", phone=self.phone_text(request, phone))
        )

    async def unlist(self, request: Request) -> Response:
        """Take the number of this message off the list of all accounts."""
        number = request.path_params["number"]
        phone = await self._phone(number)
        await self.acting(request).change(rules.remove_listed, [phone], "")
        return done(f"/messages/{number}", _("{phone} is off the list of all accounts.", phone=self.phone_text(request, phone)))

    async def _phone(self, message_id: int) -> int:
        """raises: NotFound, and Invalid for a number that stands on no list"""
        query = TraceQuery(str(message_id), self.admin.now_ms(), full=True)
        (found, *_others) = await self.admin.read(trace.trace, query)
        phone = normalise(found.phone)
        if phone is None:
            raise Invalid("the number of this message cannot be listed")
        return phone

    async def cancel(self, request: Request) -> Response:
        """Cancel it if it was not sent. raises: NotFound, Conflict"""
        number = request.path_params["number"]
        stopped = await tasks.cancel_message(self.acting(request), number)
        facts = {"number": number, "points": stopped.points}
        if stopped.leaving:
            return done(
                f"/messages/{number}", _("Message {number} is leaving already: it is sent, and reported as usual.", **facts)
            )
        return done(f"/messages/{number}", _("Message {number} is cancelled; {points:point|points} came back.", **facts))

    async def resend(self, request: Request) -> Response:
        """Send the same text to the same number as a new task. raises: NotFound, Invalid, Refusal"""
        accepted = await sending.send_again(self.acting(request), request.path_params["number"], source="console")
        return done(f"/messages?what={accepted.task_id}", on_its_way(accepted))

    async def _pdus(self, request: Request, found: Trace) -> tuple[list[Mapping[str, Any]], list[str]]:
        """Returns its PDUs that links still remember: submits, their answers, and reports, in clear for people who may see
        phones; and why a link has none.
        """
        facts = [one.facts for one in found.events]
        ids = {str(one["carrier_id"]) for one in facts if one.get("carrier_id")}
        pdus, reasons = list[Mapping[str, Any]](), list[str]()
        for channel in dict.fromkeys(one["channel"] for one in facts if one.get("carrier_id") and one.get("channel")):
            kept, why = await pdus_of(self.admin, self._live, channel, clear=person_of(request).may(Permission.PHONES))
            pdus += pdus_with(kept, ids)
            reasons += [why] if why else []
        return pdus, reasons

    async def refund(self, request: Request) -> Response:
        """raises: NotFound, Invalid without a reason, Conflict if nothing is to be refunded"""
        number, note = request.path_params["number"], str((await request.form()).get("note", "")).strip()
        points = await self.acting(request).change(refunds.refund_message, number, note)
        return done(
            f"/messages/{number}", _("{points:point|points} of message {number} came back.", points=points, number=number)
        )

    async def _trace(self, request: Request) -> Trace:
        """raises: NotFound"""
        number = request.path_params["number"]
        traces = await self._traces(request, str(number), DAYS[-1])
        found = next((one for one in traces if one.id == number), None)
        if found is None:
            raise NotFound("nothing is known of {what}", what=number)
        return found

    async def _traces(self, request: Request, what: str, days: int) -> list[Trace]:
        is_full = person_of(request).may(Permission.PHONES)
        query = TraceQuery(what, self.admin.now_ms(), days * DAY_MS, full=is_full, language=language())
        return await self.admin.read(trace.trace, query)


def pdus_with(pdus: Sequence[Mapping[str, Any]], ids: set[str]) -> list[Mapping[str, Any]]:
    """Returns those that name one of these carrier's ids, with their answers or requests."""
    named = {_exchange(pdu) for pdu in pdus if any(one in str(list(pdu.values())) for one in ids)}
    return [pdu for pdu in pdus if _exchange(pdu) in named]


def _exchange(pdu: Mapping[str, Any]) -> tuple[Any, Any, bool]:
    """Returns what a request and its answer have in common: the connection, the sequence, and who asked."""
    is_answer = str(pdu["pdu"]).upper().endswith("RESP")
    return pdu["connection"], pdu.get("seq", pdu.get("sequence")), (pdu["way"] == "out") is not is_answer


def on_its_way(accepted: Accepted) -> str:
    points = words.number(accepted.points_held)
    return _("Task {task} is on its way; it holds {points:point|points}.", task=accepted.task_id, points=points)


def steps(found: Trace) -> list[Step]:
    before = [None, *(one.at_ms for one in found.events)]
    return [
        Step(words.event(one.event), one.at_ms, None if last is None else one.at_ms - last, _tone(one), _facts(one))
        for last, one in zip(before, found.events, strict=False)
    ]


def _tone(event: TraceEvent) -> str:
    """Returns the tone of a step; by default that of a step that is done."""
    word = event.facts.get("state") or event.facts.get("result") or event.facts.get("outcome")
    return words.tone(str(word)) if word else words.GOOD


def _facts(event: TraceEvent) -> list[tuple[str, str, str]]:
    known = [fact for fact in event.facts.items() if fact[1] not in {"", None} and fact != _FIRST]
    return [(words.head(name), _shown(name, value), words.filled(_LINKS.get(name, ""), event.facts)) for name, value in known]


def _shown(name: str, value: Any) -> str:
    if name in _MOMENTS:
        return words.china(value) if value else "–"
    if name in _LENGTHS:
        return f"{value} ms"
    if isinstance(value, bool):
        return yes_or_no(value)
    return words.value_word(name, value if isinstance(value, str) else str(value))


def _days(text: str) -> int:
    return int(text) if text in map(str, DAYS) else DAYS[0]
