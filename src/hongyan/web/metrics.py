"""All metrics by name, and what makes Prometheus' families of their values.

No label ever holds a phone, a message id, a signature or an address.
"""

import platform
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from hongyan.model.histogram import Histogram

MetricValue = tuple[str, tuple[str, ...], float | Histogram]
"""A metric's name as in METRICS, its label values in order, and its value now."""


class Kind(Enum):
    COUNTER = CounterMetricFamily
    GAUGE = GaugeMetricFamily
    HISTOGRAM = HistogramMetricFamily


METRICS: dict[str, tuple[Kind, tuple[str, ...], str]] = {
    "hongyan_build_info": (Kind.GAUGE, ("version", "python"), "The running version; always 1."),
    "hongyan_api_requests_total": (Kind.COUNTER, ("endpoint", "code"), "Answered requests by door and result code."),
    "hongyan_api_request_duration_seconds": (Kind.HISTOGRAM, ("endpoint",), "From the request read to the answer written."),
    "hongyan_door_faults_total": (Kind.COUNTER, ("what",), "What strangers asked of the doors in vain."),
    "hongyan_addresses_held_back": (Kind.GAUGE, (), "Addresses that the doors hold back for that."),
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
    "hongyan_counters_unsummed_hours": (Kind.GAUGE, (), "Hours that are over and whose counters are not in the sums yet."),
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


class Metrics(Collector):
    """The metrics of a running process, made when they are asked for."""

    def __init__(self, readings: Callable[[], Iterable[MetricValue]], version: str) -> None:
        self._readings = readings
        self._build: MetricValue = ("hongyan_build_info", (version, platform.python_version()), 1)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for name, labels, value in (self._build, *self._readings()):
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
