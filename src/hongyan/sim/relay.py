"""A simulated MMS relay/server: takes SubmitReqs and CancelReqs over HTTP, posts reports and replies to the VASP; scripts make
it misbehave.

Of a script it follows refuse, throttle, delay, no-answer, disconnect, garbage, wrong-id, fail, no-report, late, double, early and
reply; what else it says about connections of other protocols means nothing here. `user` is asked for by Basic, or by
Digest where `digest` says so.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count

import aiohttp
from aiohttp import web

from hongyan.adapters.carrier_time import BEIJING
from hongyan.sim.script import ConnectionFault, Script, SubmitBehaviour
from hongyan.wire.mm7.auth import basic, challenge, challenge_of, digest, is_digest_authentic
from hongyan.wire.mm7.codec import BadMm7, decode, encode
from hongyan.wire.mm7.pdu import ANSWERS, Answer, CancelReq, DeliverReq, Part, Report, Schema, Status, SubmitReq, Variant

BODY_OCTETS = 4 * 1024 * 1024
REALM = "mmsc"
_AGAIN_S = 0.5
_POSTS_MOST = 10_000  # under way
_STATUSES = {"DELIVRD": "Retrieved", "EXPIRED": "Expired", "REJECTD": "Rejected", "UNKNOWN": "Indeterminate"}


class RelayState(Enum):
    """How far an MMS has come."""

    WAITING = auto()
    CANCELLED = auto()
    REPORTED = auto()


@dataclass(slots=True)
class Counts:
    submits: int = 0
    accepted: int = 0
    refused: int = 0
    repeats: int = 0  # a TransactionID that was seen before
    strangers: int = 0  # without the right user and secret
    unreadable: int = 0
    delivered: int = 0  # reports and replies posted
    taken: int = 0  # of those, answered with 1000
    given_up: int = 0


@dataclass(slots=True)
class RelaySim:
    """A simulated MM7 relay on loopback.

    report_to: the VASP's address for reports and replies; without one there are none
    tries:     how often a report or a reply is posted until it is taken, twice a second
    hear:      called with each submit, before it is answered
    """

    port: int = 0
    user: str = ""
    secret: str = field(default="", repr=False)
    uses_digest: bool = False
    report_to: str = ""
    report_delay_s: float = 0.0
    tries: int = 5
    script: Script = field(default_factory=Script)
    variant: Variant = Variant.REL6
    path: str = "/mm7"
    hear: Callable[[SubmitReq], None] | None = None
    counts: Counts = field(default_factory=Counts)
    submits: deque[SubmitReq] = field(default_factory=lambda: deque(maxlen=1_000))
    _ids: "count[int]" = field(default_factory=lambda: count(112109300500000001), init=False)
    _known: dict[str, str] = field(default_factory=dict, init=False)  # TransactionID → MessageID
    _states: dict[str, RelayState] = field(default_factory=dict, init=False)  # by MessageID
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set, init=False)
    _nonce: str = field(default_factory=lambda: secrets.token_hex(8), init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)
    _session: aiohttp.ClientSession | None = field(default=None, init=False)

    async def start(self) -> None:
        """Listen. raises: OSError if the port is taken"""
        app = web.Application(client_max_size=BODY_OCTETS)
        app.router.add_post(self.path, self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # --- submits ---------------------------------------------------------------------------------------------------------

    async def _take(self, request: web.Request) -> web.StreamResponse:
        octets = await request.read()
        if self.user and not self._is_known(request):
            self.counts.strangers += 1
            asked = challenge(REALM, self._nonce) if self.uses_digest else f'Basic realm="{REALM}"'
            return web.Response(status=401, headers={"WWW-Authenticate": asked})
        try:
            message, schema = decode(request.headers.get("Content-Type", ""), octets)
        except BadMm7 as fault:
            self.counts.unreadable += 1
            return _answered(Answer(fault.transaction_id, ANSWERS.get(fault.request, "RSErrorRsp"), fault.code), Schema())
        if isinstance(message, CancelReq):
            return _answered(Answer(message.transaction_id, "CancelRsp", self._cancel(message.message_id)), schema)
        if not isinstance(message, SubmitReq):
            return _answered(Answer(message.transaction_id, "RSErrorRsp", Status.UNSUPPORTED_OPERATION), schema)
        return await self._submitted(request, message, schema)

    def _is_known(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "")
        if not self.uses_digest:
            return secrets.compare_digest(given, basic(self.user, self.secret))
        return is_digest_authentic(given, self.user, self.secret, "POST", REALM, self._nonce)

    async def _submitted(self, request: web.Request, message: SubmitReq, schema: Schema) -> web.StreamResponse:
        """Answer a submit. A TransactionID that was seen before is the same MMS again: it gets the same answer, and is not
        delivered twice.
        """
        self.counts.submits += 1
        self.submits.append(message)
        if self.hear is not None:
            self.hear(message)
        if message.transaction_id in self._known:
            self.counts.repeats += 1
            return _answered(Answer(message.transaction_id, "SubmitRsp", 1000, "", self._known[message.transaction_id]), schema)
        number = message.recipients[0].removeprefix("86") if message.recipients else ""
        behaviour = self.script.behaviour(number, asyncio.get_running_loop().time())
        code = Status.UNAVAILABLE if behaviour.is_throttled else behaviour.status
        if code:
            self.counts.refused += 1
            return _answered(Answer(message.transaction_id, "SubmitRsp", code), schema)
        message_id = str(next(self._ids))
        self._remember(message.transaction_id, message_id)
        self.counts.accepted += 1
        self._report(message, "0" if behaviour.has_wrong_id else message_id, behaviour)
        if behaviour.answer_after_s:
            await asyncio.sleep(behaviour.answer_after_s)
        return self._after(request, behaviour) or _answered(
            Answer(message.transaction_id, "SubmitRsp", 1000, "", message_id), schema
        )

    def _remember(self, transaction_id: str, message_id: str) -> None:
        self._known[transaction_id] = message_id
        self._states[message_id] = RelayState.WAITING
        if len(self._known) > _POSTS_MOST:
            del self._states[self._known.pop(next(iter(self._known)))]

    def _cancel(self, message_id: str) -> Status:
        """Cancel an MMS. One that was reported can no longer be cancelled; any other is reported as rejected when its time
        comes.
        """
        state = self._states.get(message_id)
        if state is None:
            return Status.ID_NOT_FOUND
        if state is RelayState.REPORTED:
            return Status.NOT_POSSIBLE
        self._states[message_id] = RelayState.CANCELLED
        return Status.SUCCESS

    @staticmethod
    def _after(request: web.Request, behaviour: SubmitBehaviour) -> web.StreamResponse | None:
        """Returns what comes instead of the answer."""
        if behaviour.fault is ConnectionFault.GARBAGE:
            return web.Response(body=b"\0\1\2 no MM7")
        if behaviour.fault is not None or not behaviour.is_answered:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return None

    # --- reports and replies ---------------------------------------------------------------------------------------------

    def _report(self, message: SubmitReq, message_id: str, behaviour: SubmitBehaviour) -> None:
        if not self.report_to:
            return
        delay_s = 0.0 if behaviour.is_early else self.report_delay_s + behaviour.report_after_s
        status = _STATUSES.get(behaviour.stat, "Unreachable")
        text = "1000" if status == "Retrieved" else "4446"
        for recipient in message.recipients:
            report = Report(
                transaction_id=f"R-{message_id}-{recipient}",
                message_id=message_id,
                recipient=recipient,
                sender=message.sender,
                date=_moment(delay_s),
                status=status,
                status_text=text,
            )
            for _ in range(behaviour.reports if message.delivery_report else 0):
                self._later(delay_s, report)
            if behaviour.reply:
                self.reply(recipient, message.sender, behaviour.reply, after_s=delay_s)

    def reply(self, sender: str, dest: str, text: str, *, after_s: float = 0.0, parts: tuple[Part, ...] = ()) -> None:
        """Let a handset send an MMS back."""
        body = (Part("1.txt", "text/plain", text.encode(), "utf-8"), *parts)
        self._later(after_s, DeliverReq(f"D-{next(self._ids)}", sender, (dest,), "", body))

    def _later(self, delay_s: float, message: Report | DeliverReq) -> None:
        if len(self._tasks) < _POSTS_MOST:
            task = asyncio.create_task(self._deliver(delay_s, message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delay_s: float, message: Report | DeliverReq) -> None:
        """Post it until it is taken, or was often enough."""
        assert self._session is not None
        await asyncio.sleep(delay_s)
        body = encode(self._as_it_ended(message) if isinstance(message, Report) else message, self.variant)
        headers = {"Content-Type": body.content_type, "SOAPAction": '""'}
        if self.user and not self.uses_digest:
            headers["Authorization"] = basic(self.user, self.secret)
        for _ in range(self.tries):
            self.counts.delivered += 1
            try:
                async with self._session.post(self.report_to, data=body.octets, headers=headers) as response:
                    if self.uses_digest and (asked := challenge_of(response.headers.get("WWW-Authenticate", ""))):
                        path = response.url.raw_path
                        headers["Authorization"] = digest(asked, self.user, self.secret, "POST", path, 1, secrets.token_hex(8))
                        continue
                    answer, _ = decode(response.headers.get("Content-Type", ""), await response.read())
            except (aiohttp.ClientError, TimeoutError, BadMm7):
                answer = None
            if isinstance(answer, Answer) and answer.is_success:
                self.counts.taken += 1
                return
            await asyncio.sleep(_AGAIN_S)
        self.counts.given_up += 1

    def _as_it_ended(self, report: Report) -> Report:
        state = self._states.get(report.message_id)
        if state is RelayState.CANCELLED:
            return replace(report, status="Rejected", status_text="")
        if state is RelayState.WAITING:
            self._states[report.message_id] = RelayState.REPORTED
        return report


def _moment(ahead_s: float) -> str:
    """Returns the moment so many seconds from now, in China."""
    return (datetime.now(BEIJING) + timedelta(seconds=ahead_s)).isoformat(timespec="seconds")


def _answered(answer: Answer, schema: Schema) -> web.Response:
    body = encode(answer, schema=schema)
    return web.Response(body=body.octets, headers={"Content-Type": body.content_type})
