"""The lines of the benchmark: each sets up a fresh installation, loads it once and returns its figures by name."""

import operator
import statistics
import sys
import time
from dataclasses import replace

from bench.codec import codec_us
from bench.doors import DOORS, Door, batch
from bench.end_to_end import WARM_UP, WARM_UP_TAG, RefusedError, rates, running, settled, task, through
from bench.flood import CMPP, SMPP, link_ceiling
from bench.half_load import BUSY, IDLE, beside_a_task, beside_pages, half_load, many_connections
from bench.hostile import costs
from bench.hostile_sessions import beside_each_kind
from bench.installation import API_AND_LINK, SINGLE, Installation
from bench.kannel import Kannel, kannel
from bench.links import LINKS, RATE, WINDOW, links, round_trip_s, slow_share
from bench.mms import door_us
from bench.plan import Figures, Line, Plan
from bench.postgres import postgres
from bench.pythons import newer_python
from bench.rate_limit import LIMIT, at_limit
from bench.sessions import by_sessions
from bench.stored import with_many_stored
from bench.tools import MessageCentre, loading

ANSWER_MS = 20  # of the line `link`
ROUNDS = 10  # of the line `doors`: whatever else the machine does meets all doors
_IN_TWO = {"HONGYAN_DUTIES__PROCESSES": "2"}
_TAIL_S = 0.3  # what is recorded after the last callback is this door's, not the next one's


def end_to_end(plan: Plan) -> Figures:
    """Single-number requests as fast as they are answered; SQLite, one process."""
    with MessageCentre() as centre, running(plan, centre) as installation:
        return through(plan, installation, centre, plan.messages)


def in_two(plan: Plan) -> Figures:
    """The same with the doors in a process of their own; also what a message costs in each of the two."""
    with MessageCentre() as centre, running(plan, centre, environment=_IN_TWO) as installation:
        names = ("hongyan-doors", "hongyan-writer")
        before = [installation.cpu_s_of(name) for name in names]
        figures = through(plan, installation, centre, plan.messages)
        spent = [installation.cpu_s_of(name) - cpu for name, cpu in zip(names, before, strict=True)]
        return figures | {f"{name} CPU µs/message": cpu / plan.messages * 1e6 for name, cpu in zip(names, spent, strict=True)}


def by_smpp(plan: Plan) -> Figures:
    """Customers submit over SMPP sessions, and get their reports there."""
    return by_sessions(plan.folder, SMPP, plan.messages, plan.rate_s, WINDOW)


def by_cmpp(plan: Plan) -> Figures:
    """The same by CMPP 3.0."""
    return by_sessions(plan.folder, CMPP, plan.messages, plan.rate_s, WINDOW)


def beside_kannel(plan: Plan) -> Figures:
    """What Kannel reaches here and now with the same tools, window and connections; neither fsync nor a ledger."""
    with MessageCentre() as centre, kannel(plan.folder / "kannel", centre) as peer:
        _through_kannel(plan, peer, centre, WARM_UP, first_tag=WARM_UP_TAG)
        centre.reset()
        return _through_kannel(plan, peer, centre, plan.messages)


def _through_kannel(plan: Plan, peer: Kannel, centre: MessageCentre, messages: int, *, first_tag: int = 1) -> Figures:
    cpu, began = peer.cpu_s(), time.monotonic()
    with loading(
        peer.port, peer.request, messages=messages, first_tag=first_tag, connections=plan.connections, success="Accepted"
    ) as load:
        answers = load.result()
    stats = settled(centre, answers.accepted)
    return {
        "accepted/s": answers.rate,
        **rates(stats, began),
        "CPU µs/message": (peer.cpu_s() - cpu) / max(1, answers.accepted) * 1e6,
        "not called back": answers.accepted - stats["cb_uniq"],
    }


def on_postgres(plan: Plan) -> Figures:
    """The same on PostgreSQL, doors in one process and links in another."""
    with (
        postgres(plan.folder / "pg") as server,
        MessageCentre() as centre,
        running(plan, centre, server.uri, API_AND_LINK) as installation,
    ):
        before = server.cpu_s()
        figures = through(plan, installation, centre, plan.messages)
        return figures | {"PostgreSQL CPU µs/message": (server.cpu_s() - before) / plan.messages * 1e6}


def on_newer_python(plan: Plan) -> Figures:
    """Single-number requests on this Python and on a newer one, half of them on each in turn."""
    newer, half = str(newer_python(plan.python)), replace(plan, messages=plan.messages // 2)
    costs: dict[str, float] = {}
    for name, python in (("this", sys.executable), ("newer", newer)):
        with MessageCentre() as centre, running(plan, centre, python=python) as installation:
            costs[name] = through(half, installation, centre, half.messages)["CPU µs/message"]
    return {f"CPU µs/message, {name}": cost for name, cost in costs.items()} | {"newer ÷ this": costs["newer"] / costs["this"]}


def one_task(plan: Plan) -> Figures:
    """One request with many numbers."""
    with MessageCentre() as centre, running(plan, centre) as installation:
        return task(installation, centre, plan.numbers)


def slow_link(plan: Plan) -> Figures:
    """A message centre that takes 20 ms for an answer: how much of window ÷ round trip one connection carries."""
    with MessageCentre(answer_ms=ANSWER_MS) as centre:
        took_s = round_trip_s(centre)
        ceiling = link_ceiling(centre.port, messages=plan.numbers // 5, window=WINDOW)
        with running(plan, centre) as installation:
            sent = task(installation, centre, plan.numbers // 2)["sent/s"]
    return {
        "sent/s": sent,
        f"share of window ÷ {ANSWER_MS} ms %": 100 * sent / WINDOW * ANSWER_MS / 1e3,
        "round trip ms": took_s * 1e3,
        "share of window ÷ round trip %": 100 * sent / WINDOW * took_s,
        "the C client's share %": 100 * ceiling / WINDOW * took_s,
    }


def links_alone(plan: Plan) -> Figures:
    """Links fed from memory: four at once, and one at that slow centre."""
    return links(plan.rate_s) | {f"one, {ANSWER_MS} ms: share of window ÷ round trip %": slow_share(ANSWER_MS, plan.rate_s)}


def flow(plan: Plan) -> Figures:
    """A link at a carrier's limit, for several round trips."""
    return at_limit(plan.rate_s)


def codecs(plan: Plan) -> Figures:  # noqa: ARG001 - they need no installation
    """Encoding and decoding what every message needs, in each protocol."""
    return codec_us()


def an_mms(plan: Plan) -> Figures:  # noqa: ARG001 - it needs no installation
    """Reading and judging an MMS, by KB."""
    return door_us()


def hostile(plan: Plan) -> Figures:
    """What is refused: CPU, and memory beyond its octets."""
    with MessageCentre() as centre, running(plan, centre) as installation:
        return costs(installation)


def hostile_sessions(plan: Plan) -> Figures:
    """Others over sessions and at the doors beside who keeps no bounds, kind by kind."""
    return beside_each_kind(plan.folder, plan.kinds, plan.pairs)


def memory(plan: Plan) -> Figures:
    """Resident memory while many messages pass."""
    with MessageCentre() as centre, running(plan, centre) as installation:
        before, samples = installation.resident_mib(), [0.0]
        with loading(
            installation.port, SINGLE, messages=plan.memory_messages, connections=plan.connections, limit_s=900
        ) as load:
            while load.process.poll() is None:
                time.sleep(1)
                samples.append(installation.resident_mib())
            accepted = load.result().accepted
        stats = settled(centre, accepted)
        tenth = samples[max(1, len(samples) // 10)]
        return {
            "MiB before": before,
            "MiB at a tenth": tenth,
            "MiB at the end": installation.resident_mib(),
            "MiB at most": max(samples),
            "accepted": accepted,
            "not called back": accepted - stats["cb_uniq"],
        }


def each_door(plan: Plan) -> Figures:
    """The same single-number messages by each door in turn, and round again: what a door costs over the first, in the middle."""
    count = plan.messages // 5 // ROUNDS
    costs: dict[str, list[float]] = {door.path[1:]: [] for door in DOORS}
    with MessageCentre() as centre, running(plan, centre) as installation:
        for turn, door in enumerate(DOORS * ROUNDS):
            costs[door.path[1:]].append(_one_door(plan, installation, centre, door, turn * count + 1, count))
    (first, usual), *others = costs.items()
    over = {path: statistics.median(map(operator.sub, cost, usual)) for path, cost in others}
    return {f"{first} CPU µs/message": statistics.median(usual)} | {
        f"{path} CPU µs over it": more for path, more in over.items()
    }


def _one_door(plan: Plan, installation: Installation, centre: MessageCentre, door: Door, first_tag: int, count: int) -> float:
    """CPU of all our processes for a message, in microseconds."""
    requests = [door.request(tag) for tag in range(first_tag, first_tag + count)]
    before, cpu = centre.stats()["cb_uniq"], installation.cpu_s()
    with loading(
        installation.port, requests, messages=count, first_tag=first_tag, connections=plan.connections, success=door.success
    ) as load:
        accepted = load.result().accepted
    if accepted < count:
        raise RefusedError(f"{door.path} took {accepted} of {count} messages")
    settled(centre, before + count)
    time.sleep(_TAIL_S)
    return (installation.cpu_s() - cpu) / count * 1e6


def one_batch(plan: Plan) -> Figures:
    """One BatchSms: each number with its own text."""
    numbers = plan.numbers // 2
    pairs = [(f"138{tag:08}", f"尊敬的客户，您的订单{tag * 7919}已发货，感谢您的惠顾【测试】") for tag in range(1, numbers + 1)]
    body = batch(pairs).decode()
    with MessageCentre() as centre, running(plan, centre) as installation:
        before = installation.resident_mib()
        figures = task(installation, centre, numbers, "/BatchSms.ashx", body)
        return figures | {"MiB grown": installation.resident_mib() - before}


LINES = (
    Line("end", "end to end, SQLite, one process", end_to_end),
    Line("end-two", "the same, the doors in a process of their own", in_two, then="end"),
    Line("smpp-in", "end to end over customers' SMPP sessions, SQLite, one process", by_smpp),
    Line("cmpp-in", "the same over CMPP 3.0", by_cmpp),
    Line("kannel", "Kannel, the same way, on this machine", beside_kannel),
    Line("half", "accept latency at half load", half_load),
    Line("task", "one task of many numbers", one_task),
    Line("batch", "one BatchSms, a text for each number", one_batch),
    Line("doors", "one message by each door", each_door),
    Line("mms", "an MMS at its door", an_mms),
    Line("hostile", "hostile requests, until they are refused", hostile),
    Line("hostile-in", "others beside who keeps no bounds", hostile_sessions),
    Line("beside", "half load beside that task", beside_a_task),
    Line("many", f"half load on {BUSY} connections beside {IDLE:,} idle ones", many_connections),
    Line("pythons", "one message on a newer Python", on_newer_python),
    Line("pages", "half load while ten people browse", beside_pages),
    Line("postgres", "end to end, PostgreSQL, two processes", on_postgres),
    Line("link", f"centre answering after {ANSWER_MS} ms, window {WINDOW}", slow_link),
    Line("links", f"{LINKS} links at {RATE:,} a second each, no store", links_alone),
    Line("flow", f"a link at a limit of {LIMIT} a second", flow),
    Line("codec", "codecs, one PDU", codecs),
    Line("stored", "one message beside millions", with_many_stored),
    Line("memory", "resident memory over many messages", memory),
)
