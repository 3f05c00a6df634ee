"""The ops listener: /metrics, /livez, /readyz, /version, and the console behind them. On loopback unless configured otherwise.

Metrics are made when they are asked for: the hot path only raises plain numbers, and `Vitals` reports them. No label ever
holds a phone, a message id, a signature or an address. A channel that is down never makes the process unready.
"""

import platform
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from hongyan import BUILD
from hongyan.web.metrics import Metrics, MetricValue


@dataclass(frozen=True, slots=True)
class Check:
    """One condition for taking requests: database, schema, secrets, disk, draining."""

    name: str
    is_good: bool
    detail: str = ""  # what is wrong, and what to do
    is_warning: bool = False  # requests are served, but somebody should look


class Vitals(Protocol):
    """What a running process reports of itself."""

    def readings(self) -> Iterable[MetricValue]:
        """Yields all metrics at this moment; reads memory only."""
        ...

    async def pdus(self, channel: str, *, clear: bool = False) -> Sequence[Mapping[str, object]] | None:
        """Returns the last PDUs of a channel's link, here or in another process; None if no process has it.

        clear: phones and texts in clear, and the octets of each PDU; else phones are masked and texts left out
        """
        ...

    async def session_pdus(self, session_id: int) -> Sequence[Mapping[str, object]] | None:
        """Returns the same of a customer's session, phones masked and texts left out."""
        ...

    def checks(self) -> Awaitable[Sequence[Check]]:
        """Returns every condition for being ready, within a second or two, whatever the database does."""
        ...


def ops_app(vitals: Vitals, version: str, pages: Sequence[BaseRoute] = ()) -> Starlette:
    """Returns the application of the ops listener: readings for programs, and the pages of the console."""
    answers = _Answers(vitals, version)
    return Starlette(
        routes=[
            Route("/metrics", answers.metrics),
            Route("/livez", answers.livez),
            Route("/readyz", answers.readyz),
            Route("/version", answers.version),
            Route("/channels/{name}/pdus", answers.channel_pdus),
            Route("/sessions/{number:int}/pdus", answers.session_pdus),
            *pages,
        ]
    )


class _Answers:
    """Readings for programs, without a login."""

    def __init__(self, vitals: Vitals, version: str) -> None:
        self._vitals, self._version = vitals, version
        self._registry = CollectorRegistry()
        self._registry.register(Metrics(vitals.readings, version))
        ProcessCollector(registry=self._registry)

    async def metrics(self, request: Request) -> Response:
        if _is_passed_on(request):
            return PlainTextResponse("metrics are shown to who asks this port itself, not through a proxy\n", 403)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    async def livez(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        """Answer whether it is ready. Through a proxy the answer says nothing else."""
        checks = await self._vitals.checks()
        is_ready = all(check.is_good for check in checks)
        status = 200 if is_ready else 503
        if _is_passed_on(request):
            return PlainTextResponse("ok\n" if is_ready else "not ready\n", status)
        if is_ready and not any(check.is_warning for check in checks) and "verbose" not in request.query_params:
            return PlainTextResponse("ok\n")
        return JSONResponse(_readiness(checks), status)

    async def version(self, _: Request) -> Response:
        return JSONResponse({"version": self._version, "build": BUILD, "python": platform.python_version()})

    async def channel_pdus(self, request: Request) -> Response:
        name = request.path_params["name"]
        missing = f"no process that answers has a link of the channel {name}"
        return _pdus(request, {"channel": name}, await self._vitals.pdus(name), missing)

    async def session_pdus(self, request: Request) -> Response:
        number = request.path_params["number"]
        missing = f"no process that answers has the session {number}"
        return _pdus(request, {"session": number}, await self._vitals.session_pdus(number), missing)


def _readiness(checks: Sequence[Check]) -> dict[str, object]:
    failed = [check.name for check in checks if not check.is_good]
    warned = [check.name for check in checks if check.is_warning]
    return {"ready": not failed, "failed": failed, "warned": warned, "checks": [asdict(check) for check in checks]}


def _pdus(request: Request, whose: dict[str, object], pdus: Sequence[Mapping[str, object]] | None, missing: str) -> Response:
    """Answer the command line on this machine only. Other people use the console, as their role permits."""
    if not _is_of_this_machine(request):
        return JSONResponse({"error": "PDUs are shown to this machine alone, and in the console"}, 403)
    if pdus is None:
        return JSONResponse({"error": missing}, 404)
    return JSONResponse(whose | {"pdus": list(pdus)})


def _is_of_this_machine(request: Request) -> bool:
    return request.client is not None and request.client.host == request.scope["server"][0]


def _is_passed_on(request: Request) -> bool:
    """Returns whether a proxy asks for somebody else, who may be anybody: these readings need no login."""
    return any(name in request.headers for name in ("x-forwarded-for", "x-forwarded-host", "forwarded", "via"))
