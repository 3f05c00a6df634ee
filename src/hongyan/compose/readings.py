"""What a running process counts, for /metrics."""

from collections import Counter
from collections.abc import Iterator

from hongyan.compose.process_parts import ProcessParts
from hongyan.model.account import Product
from hongyan.model.alarm import AlarmKind
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.hourly import STATES
from hongyan.model.owed import OwedKind
from hongyan.ports.link import Link
from hongyan.web.metrics import MetricValue


def readings(parts: ProcessParts) -> Iterator[MetricValue]:
    yield from _doors(parts)
    yield from _channels(parts)
    yield from _receipts(parts)
    commands = parts.sweeps.command_counts
    yield "hongyan_messages_accepted_total", ("doors",), parts.api.accepted
    yield "hongyan_messages_accepted_total", ("command line",), commands.accepted
    for cause, number in _rejected(parts).items():
        yield "hongyan_messages_rejected_total", (cause,), number
    counted = parts.counted()
    for product in Product:
        segments = parts.api.segments[product] + commands.segments[product]
        yield "hongyan_segments_charged_total", (product.name.lower(),), segments
        yield "hongyan_points_held_total", (product.name.lower(),), parts.api.points[product] + commands.points[product]
        yield "hongyan_points_returned_total", (product.name.lower(),), counted["returned", product]
    yield "hongyan_queue_messages", ("submissions",), parts.api.waiting
    for kind in OwedKind:
        yield "hongyan_callbacks_total", (kind.name.lower(), "taken"), parts.pusher.pushed[kind]
        yield "hongyan_callbacks_total", (kind.name.lower(), "failed"), parts.pusher.failed[kind]
        yield "hongyan_callback_duration_seconds", (kind.name.lower(),), parts.pusher.durations[kind]
    yield from _sessions(parts)
    yield "hongyan_secrets_shut", (), len(parts.process_state.snapshot.shut)
    yield from _backlog(parts)


def _sessions(parts: ProcessParts) -> Iterator[MetricValue]:
    if parts.sessions is None:
        return
    for protocol, count in parts.sessions.up().items():
        yield "hongyan_sessions", (protocol,), count
    totals = parts.sessions.totals()
    for protocol in sorted({protocol for protocol, _ in totals}):
        yield "hongyan_session_submits_total", (protocol,), totals[protocol, "submits"]
        yield "hongyan_session_refusals_total", (protocol,), totals[protocol, "refused"]
        yield "hongyan_session_deliveries_total", (protocol,), totals[protocol, "deliveries"]
        yield "hongyan_session_delivered_total", (protocol,), totals[protocol, "delivered"]
        yield "hongyan_session_faults_total", (protocol,), totals[protocol, "faults"]
        yield "hongyan_sessions_cut_total", (protocol,), totals[protocol, "cut"]
        for what in ("connections", "logins", "strangers"):
            yield "hongyan_session_logins_refused_total", (protocol, what), totals[protocol, f"{what}_refused"]


def _rejected(parts: ProcessParts) -> Counter[str]:
    """Returns rejected numbers of requests that were accepted in part, and requests that were refused as a whole."""
    rejected = Counter(parts.api.rejected)
    for (_, code), number in parts.counts.answers.items():
        if code != "OK":
            rejected[code] += number
    return rejected


def _receipts(parts: ProcessParts) -> Iterator[MetricValue]:
    """Yields outcomes of receipts and of messages."""
    counted = parts.counted()
    for key, count in counted.items():
        if key[0] == "receipts" and (channel := parts.process_state.snapshot.channels.get(key[1])):
            yield "hongyan_reports_total", (channel.name, key[2]), count
        elif key[0] == "ended":
            ended_at = parts.process_state.snapshot.channels.get(key[1])
            yield "hongyan_messages_ended_total", (ended_at.name if ended_at else "", STATES[key[2]]), count


def _backlog(parts: ProcessParts) -> Iterator[MetricValue]:
    """Yields what the sweeps last saw in the store; nothing if this process does not have that duty."""
    sweeps = parts.sweeps
    for scheduler in (sweeps.scheduler, parts.alarms.scheduler):
        for (job, result), number in scheduler.runs.items():
            yield "hongyan_jobs_total", (job, result), number
        for job, histogram in scheduler.durations.items():
            yield "hongyan_job_duration_seconds", (job,), histogram
    for alarm in AlarmKind:
        yield "hongyan_alarms_firing", (alarm.value,), parts.alarms.firing[alarm]
    if parts.alarms.ledger_points is not None:
        yield "hongyan_ledger_imbalance_points", (), parts.alarms.ledger_points
    yield "hongyan_counters_unsummed_hours", (), sweeps.hours_not_summed
    backlog = sweeps.backlog
    if backlog is None:
        return
    for name, messages, age_s in backlog.queues:
        yield "hongyan_queue_messages", (name,), messages
        yield "hongyan_queue_oldest_age_seconds", (name,), age_s
    for kind, count in backlog.owed.items():
        yield "hongyan_callbacks_pending", (kind,), count
    yield "hongyan_codes_unknown", (), backlog.unknown_codes


def _doors(parts: ProcessParts) -> Iterator[MetricValue]:
    counts = parts.counts
    for (door, code), number in counts.answers.items():
        yield "hongyan_api_requests_total", (door, code), number
    for what, number in counts.faults.items():
        yield "hongyan_door_faults_total", (what,), number
    yield "hongyan_addresses_held_back", (), len(parts.held_addresses)
    for door, histogram in counts.durations.items():
        yield "hongyan_api_request_duration_seconds", (door,), histogram


def _channels(parts: ProcessParts) -> Iterator[MetricValue]:
    snapshot, workers = parts.process_state.snapshot, parts.lease_manager.workers
    for channel in snapshot.channels.values():
        worker = workers.get(channel.id)
        is_up = worker.link.is_up if worker else channel.state is not ChannelState.STOPPED and channel.id not in snapshot.down
        yield "hongyan_channel_up", (channel.name,), int(is_up)
        yield "hongyan_channel_owned", (channel.name,), int(channel.id not in parts.lease_manager.unowned)
        if worker is None:
            continue
        counts = worker.link.counts
        yield "hongyan_channel_connections", (channel.name,), counts.connections_up
        yield "hongyan_channel_window_used_ratio", (channel.name,), windows_used(worker.link, channel)
        yield "hongyan_channel_submit_duration_seconds", (channel.name,), counts.durations
        yield "hongyan_report_delay_seconds", (channel.name,), counts.delays.histogram
        yield "hongyan_channel_submits_total", (channel.name, "accepted"), counts.accepted
        yield "hongyan_channel_submits_total", (channel.name, "refused"), sum(counts.refused.values())
        yield "hongyan_channel_submits_total", (channel.name, "unanswered"), counts.unanswered + counts.resubmits
        yield "hongyan_channel_throttled_total", (channel.name,), counts.throttled
        yield "hongyan_channel_reconnects_total", (channel.name,), counts.disconnects + counts.connects_failed
        yield "hongyan_replies_total", (channel.name,), counts.replies


def windows_used(link: Link, channel: Channel) -> float:
    """Returns the share of the channel's windows that is in use."""
    return link.in_air / (channel.window * max(1, channel.connections))
