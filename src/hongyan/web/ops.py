"""The ops listener: /metrics, /livez, /readyz, /version, and the console behind them. On loopback unless configured otherwise.

Metrics are made when they are asked for: the hot path only raises plain numbers, and `Vitals` reports them. No label ever
holds a phone, a message id, a signature or an address. A channel that is down never makes the process unready.
"""

import platform
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from itertools import accumulate
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from hongyan.model.histogram import Histogram

MetricValue = tuple[str, tuple[str, ...], float | Histogram]
"""A metric's name as in METRICS, its label values in order, and its value now."""


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


class Kind(Enum):
    COUNTER = CounterMetricFamily
    GAUGE = GaugeMetricFamily
    HISTOGRAM = HistogramMetricFamily


METRICS: dict[str, tuple[Kind, tuple[str, ...], str]] = {
    "hongyan_build_info": (Kind.GAUGE, ("version", "python"), "The running version; always 1."),
    "hongyan_api_requests_total": (Kind.COUNTER, ("endpoint", "code"), "Answered requests by door and result code."),
    "hongyan_api_request_duration_seconds": (Kind.HISTOGRAM, ("endpoint",), "From the request read to the answer written."),
    "hongyan_messages_accepted_total": (Kind.COUNTER, ("source",), "Numbers accepted, by doors or command line."),
    "hongyan_messages_ended_total": (
        Kind.COUNTER,
        ("channel", "state"),
        "Messages that ended, by the channel that had them last.",
    ),
    "hongyan_messages_rejected_total": (
        Kind.COUNTER,
        ("reason",),
        "Numbers of requests accepted in part, and requests refused whole, by cause.",
    ),
    "hongyan_segments_charged_total": (Kind.COUNTER, ("product",), "Segments of accepted numbers."),
    "hongyan_points_held_total": (Kind.COUNTER, ("product",), "Points held at acceptance."),
    "hongyan_points_returned_total": (Kind.COUNTER, ("product",), "Points returned by a verdict."),
    "hongyan_queue_messages": (Kind.GAUGE, ("queue",), "Messages, reports or submissions that wait."),
    "hongyan_queue_oldest_age_seconds": (Kind.GAUGE, ("queue",), "How long the oldest of a queue has waited."),
    "hongyan_channel_up": (Kind.GAUGE, ("channel",), "1 while a connection is logged in."),
    "hongyan_channel_owned": (Kind.GAUGE, ("channel",), "1 while a process has the channel; 0: it is nobody's."),
    "hongyan_channel_connections": (Kind.GAUGE, ("channel",), "Connections that are logged in."),
    "hongyan_channel_window_used_ratio": (Kind.GAUGE, ("channel",), "Unanswered requests, of the window."),
    "hongyan_channel_submits_total": (Kind.COUNTER, ("channel", "result"), "Segments by the carrier's answer."),
    "hongyan_channel_submit_duration_seconds": (Kind.HISTOGRAM, ("channel",), "From a submit to its answer."),
    "hongyan_channel_throttled_total": (Kind.COUNTER, ("channel",), "Answers that asked us to slow down."),
    "hongyan_channel_reconnects_total": (Kind.COUNTER, ("channel",), "Connections lost and tried again."),
    "hongyan_reports_total": (Kind.COUNTER, ("channel", "outcome"), "Receipts by what became of them."),
    "hongyan_report_delay_seconds": (Kind.HISTOGRAM, ("channel",), "From a submit to its receipt, of one in each read."),
    "hongyan_codes_unknown": (Kind.GAUGE, (), "Codes that failed messages and that nobody has explained."),
    "hongyan_secrets_shut": (Kind.GAUGE, (), "Accounts and channels whose secret the sealing key does not open; must be 0."),
    "hongyan_replies_total": (Kind.COUNTER, ("channel",), "Texts that handsets sent."),
    "hongyan_sessions": (Kind.GAUGE, ("protocol",), "Sessions of customers who connect as to a carrier."),
    "hongyan_session_submits_total": (Kind.COUNTER, ("protocol",), "Submits that came over sessions."),
    "hongyan_session_refusals_total": (Kind.COUNTER, ("protocol",), "Those of them that were not accepted."),
    "hongyan_session_deliveries_total": (Kind.COUNTER, ("protocol",), "Reports and replies written to sessions."),
    "hongyan_session_delivered_total": (Kind.COUNTER, ("protocol",), "Reports and replies that customers took from sessions."),
    "hongyan_session_faults_total": (Kind.COUNTER, ("protocol",), "PDUs of customers that did nothing."),
    "hongyan_sessions_cut_total": (Kind.COUNTER, ("protocol",), "Sessions that were closed for too many of them."),
    "hongyan_session_logins_refused_total": (
        Kind.COUNTER,
        ("protocol", "what"),
        "Connections that were not let in, logins that were refused, and connections that said something else first.",
    ),
    "hongyan_callbacks_total": (Kind.COUNTER, ("kind", "result"), "Pushes to customers by result."),
    "hongyan_callback_duration_seconds": (Kind.HISTOGRAM, ("kind",), "How long a customer took to answer a push."),
    "hongyan_callbacks_pending": (Kind.GAUGE, ("kind",), "Reports or replies that wait to be pushed."),
    "hongyan_alarms_firing": (Kind.GAUGE, ("kind",), "Alarms that fire now, by kind."),
    "hongyan_ledger_imbalance_points": (Kind.GAUGE, (), "Points by which wallets differ from their entries; must be 0."),
    "hongyan_jobs_total": (Kind.COUNTER, ("job", "result"), "Periodic jobs by result."),
    "hongyan_job_duration_seconds": (Kind.HISTOGRAM, ("job",), "How long a periodic job took."),
}
"""All metrics: kind, labels, meaning."""


class _Readings(Collector):
    def __init__(self, vitals: Vitals, version: str) -> None:
        self._vitals = vitals
        self._build: MetricValue = ("hongyan_build_info", (version, platform.python_version()), 1)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for name, labels, value in (self._build, *self._vitals.readings()):
            if name not in families:
                families[name] = _family(name)
            _add(families[name], labels, value)
        yield from families.values()

    def describe(self) -> Iterable[Metric]:
        return map(_family, METRICS)


def _family(name: str) -> Metric:
    kind, labels, meaning = METRICS[name]
    family: Metric = kind.value(name, meaning, labels=labels)
    return family


def _add(family: Metric, labels: tuple[str, ...], value: float | Histogram) -> None:
    if isinstance(family, HistogramMetricFamily):
        assert isinstance(value, Histogram)
        bounds = [*map(str, value.bounds), "+Inf"]
        family.add_metric(labels, list(zip(bounds, accumulate(value.counts), strict=True)), value.total)
    else:
        assert isinstance(family, CounterMetricFamily | GaugeMetricFamily)
        assert not isinstance(value, Histogram)
        family.add_metric(labels, value)


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
        self._registry.register(_Readings(vitals, version))
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
        return JSONResponse({"version": self._version, "python": platform.python_version()})

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
