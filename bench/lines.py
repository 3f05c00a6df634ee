"""The lines of the benchmark: each sets up a fresh installation, loads it once and returns its figures by name.

Every rate counts from the first request of the load, so `pushed/s` is the whole way: accepted, stored with fsync, sent over
SMPP, receipted, settled and posted to the customer. What was answered Success is compared by tag with what arrived.
"""

import contextlib
import http.client
import itertools
import operator
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import orjson

from bench import processes
from bench.codec import codec_us
from bench.doors import DOORS, Door, batch
from bench.flood import CMPP, SMPP, link_ceiling
from bench.hostile import costs
from bench.hostile_sessions import beside_each_kind
from bench.installation import ACCOUNT, ALL_DUTIES, API_AND_LINK, CUSTOMER_ID, SECRET, SINGLE, Installation, Measured
from bench.kannel import Kannel, kannel
from bench.large_store import fill, lists_ms
from bench.links import LINKS, RATE, WINDOW, links, round_trip_s, slow_share
from bench.mms import door_us
from bench.pages import browsing, seen_ms
from bench.postgres import Postgres, postgres
from bench.pythons import newer_python
from bench.rate_limit import LIMIT, at_limit
from bench.servers import idle_connections
from bench.sessions import by_sessions
from bench.tools import Load, MessageCentre, loading

Figures = dict[str, float]

WARM_UP, WARM_UP_TAG = 500, 60_000_000
ANSWER_MS = 20  # of the line `link`
ROUNDS = 10  # of the line `doors`: whatever else the machine does meets all doors
PAGES_ROUNDS = 8  # of the line `pages`, each a fourth as long as a rate is kept
_CLOSED_S = 1.0  # that the platform has to close thousands of connections, before others are measured
MANY_ROUNDS = 4  # of the line `many`, each a fourth as long as a rate is kept
_QUIET_S = 15.0  # without any progress of the callbacks, what has not come will not come
_SETTLE_S = 300.0
_SLOWEST = 3  # lists that the line `stored` names
_IDLE, _BUSY, _FEW = 5_000, 200, 64  # connections of the line `many`
_ROOMY = {
    "HONGYAN_LIMITS__CONNECTIONS": "6000",
    "HONGYAN_LIMITS__ADDRESS_CONNECTIONS": "0",
    "HONGYAN_LIMITS__NETWORK_CONNECTIONS": "0",
}
_IN_TWO = {"HONGYAN_DUTIES__PROCESSES": "2"}
_AS_IT_COMES: Mapping[str, str] = {}
_TAIL_S = 0.3  # what is recorded after the last callback is this door's, not the next one's


class RefusedError(RuntimeError):
    """A request that had to be accepted was not; the text is its answer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run."""

    folder: Path  # on the disk to be measured; emptied after each run
    messages: int = 100_000  # single-number requests
    numbers: int = 100_000  # of one task
    memory_messages: int = 1_000_000
    stored: int = 10_000_000  # messages of the last three months
    connections: int = 64  # that the requests come on
    rate_s: float = 10.0  # how long a fixed rate is kept
    python: str = ""  # of the line `pythons`; empty: the newest on PATH
    kinds: Sequence[str] = ()  # of the line `hostile-in`; none: all
    pairs: int = 8  # of each of these kinds
    half_rate: float = 4_000.0  # requests a second; half of what the line `end` reached, when it ran before


@contextlib.contextmanager
def _running(
    plan: Plan,
    centre: MessageCentre,
    database: str = "",
    duties: Sequence[str] = ALL_DUTIES,
    *,
    environment: Mapping[str, str] = _AS_IT_COMES,
    python: str = sys.executable,
) -> Iterator[Installation]:
    """A fresh installation, connected and warm; its folder is removed afterwards."""
    shutil.rmtree(plan.folder / "data", ignore_errors=True)
    with Measured(plan.folder / "data", database, duties, environment, python, centre=centre, window=WINDOW) as installation:
        installation.start()
        _through(plan, installation, centre, WARM_UP, first_tag=WARM_UP_TAG)
        centre.reset()
        yield installation
        installation.stop()
    shutil.rmtree(plan.folder / "data", ignore_errors=True)


def end_to_end(plan: Plan) -> Figures:
    """Single-number requests as fast as they are answered; SQLite, one process."""
    with MessageCentre() as centre, _running(plan, centre) as installation:
        return _through(plan, installation, centre, plan.messages)


def in_two(plan: Plan) -> Figures:
    """The same with the doors in a process of their own; also what a message costs in each of the two."""
    with MessageCentre() as centre, _running(plan, centre, environment=_IN_TWO) as installation:
        names = ("hongyan-doors", "hongyan-writer")
        before = [installation.cpu_s_of(name) for name in names]
        figures = _through(plan, installation, centre, plan.messages)
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
    stats = _settled(centre, answers.accepted)
    return {
        "accepted/s": answers.rate,
        **_rates(stats, began),
        "CPU µs/message": (peer.cpu_s() - cpu) / max(1, answers.accepted) * 1e6,
        "not called back": answers.accepted - stats["cb_uniq"],
    }


def on_postgres(plan: Plan) -> Figures:
    """The same on PostgreSQL, doors in one process and links in another."""
    with (
        postgres(plan.folder / "pg") as server,
        MessageCentre() as centre,
        _running(plan, centre, server.uri, API_AND_LINK) as installation,
    ):
        before = _postgres_cpu_s(server)
        figures = _through(plan, installation, centre, plan.messages)
        return figures | {"PostgreSQL CPU µs/message": (_postgres_cpu_s(server) - before) / plan.messages * 1e6}


def with_many_stored(plan: Plan) -> Figures:
    """What a message costs with millions stored, over what it costs with none, and how long the slowest lists take; both engines."""
    with MessageCentre() as centre:
        with _running(plan, centre) as installation:
            figures = _stored(plan, installation, centre, f"sqlite:///{installation.folder / 'hongyan.db'}", installation.cpu_s)
        with postgres(plan.folder / "pg") as server, _running(plan, centre, server.uri, API_AND_LINK) as installation:
            costs = lambda: installation.cpu_s() + _postgres_cpu_s(server)  # noqa: E731
            figures = {f"SQLite: {name}": value for name, value in figures.items()}
            return figures | {
                f"PostgreSQL: {name}": v for name, v in _stored(plan, installation, centre, server.uri, costs).items()
            }


def _stored(plan: Plan, installation: Installation, centre: MessageCentre, url: str, cpu_s: Callable[[], float]) -> Figures:
    empty = _cost_us(plan, installation, centre, cpu_s)
    installation.stop()
    fill(url, plan.stored, time.time_ns() // 10**6, installation.sealing_key())
    installation.start()
    _through(plan, installation, centre, WARM_UP, first_tag=WARM_UP_TAG)
    full = _cost_us(plan, installation, centre, cpu_s)
    now_ms = time.time_ns() // 10**6
    slowest = _slowest("list {} ms", lists_ms(url, now_ms))
    if url.startswith("sqlite"):
        slowest |= _slowest("list {} ms, out of memory", lists_ms(url, now_ms, is_cold=True))
    return {"CPU µs/message, empty": empty, "CPU µs/message, stored": full, "stored ÷ empty": full / empty} | slowest


def _slowest(name: str, took: Mapping[str, float]) -> Figures:
    slowest = sorted(took.items(), key=operator.itemgetter(1), reverse=True)[:_SLOWEST]
    return {name.format(of): ms for of, ms in slowest}


def _cost_us(plan: Plan, installation: Installation, centre: MessageCentre, cpu_s: Callable[[], float]) -> float:
    centre.reset()
    before = cpu_s()
    _through(plan, installation, centre, plan.messages)
    return (cpu_s() - before) / plan.messages * 1e6


def half_load(plan: Plan) -> Figures:
    """How long an answer takes when half as many requests come as the platform can carry."""
    with MessageCentre() as centre, _running(plan, centre) as installation:
        figures = _through(plan, installation, centre, int(plan.half_rate * plan.rate_s), rate=plan.half_rate)
        return {"offered/s": plan.half_rate} | figures


def many_connections(plan: Plan) -> Figures:
    """Half load on a few connections alone, and on more of them beside thousands that rest, in turn."""
    requests = int(plan.half_rate * plan.rate_s / MANY_ROUNDS)
    few_plan, many_plan = replace(plan, connections=_FEW), replace(plan, connections=_BUSY)
    few: list[Load] = []
    many: list[Load] = []
    idle_mib: list[float] = []
    with MessageCentre() as centre, _running(plan, centre, environment=_ROOMY) as installation:

        def at_half(of: Plan, loads: list[Load]) -> None:
            before = requests * (len(few) + len(many))
            loads.append(_at_half(of, installation, requests, before + 1))
            _settled(centre, before + requests)

        for _ in range(MANY_ROUNDS):
            at_half(few_plan, few)
            before_mib = installation.resident_mib()
            with contextlib.ExitStack() as lines:
                for line in idle_connections(installation.port, _IDLE):
                    lines.enter_context(line)
                idle_mib.append(installation.resident_mib() - before_mib)
                at_half(many_plan, many)
            time.sleep(_CLOSED_S)
    few_ms, many_ms = (statistics.median(load.p99_us for load in loads) / 1e3 for loads in (few, many))
    return {
        "offered/s": plan.half_rate,
        f"accept p99 ms, {_FEW} connections": few_ms,
        f"accept p99 ms, {_BUSY} and {_IDLE} idle": many_ms,
        "many ÷ few": many_ms / few_ms,
        f"MiB of {_IDLE} idle": idle_mib[0],
        "not accepted": sum(load.refused for load in (*few, *many)),
    }


def on_newer_python(plan: Plan) -> Figures:
    """Single-number requests on this Python and on a newer one, half of them on each in turn."""
    newer, half = str(newer_python(plan.python)), replace(plan, messages=plan.messages // 2)
    costs: dict[str, float] = {}
    for name, python in (("this", sys.executable), ("newer", newer)):
        with MessageCentre() as centre, _running(plan, centre, python=python) as installation:
            costs[name] = _through(half, installation, centre, half.messages)["CPU µs/message"]
    return {f"CPU µs/message, {name}": cost for name, cost in costs.items()} | {"newer ÷ this": costs["newer"] / costs["this"]}


def one_task(plan: Plan) -> Figures:
    """One request with many numbers."""
    with MessageCentre() as centre, _running(plan, centre) as installation:
        return _task(installation, centre, plan.numbers)


def beside_a_task(plan: Plan) -> Figures:
    """How long others' answers take at half load while one large task is taken and sent."""
    requests = int(plan.half_rate * plan.rate_s)
    body = _same_text(first_tag=requests + 1, numbers=plan.numbers)  # before the load, which would wait for a core meanwhile
    with MessageCentre() as centre, _running(plan, centre) as installation:
        with loading(
            installation.port,
            SINGLE,
            messages=requests,
            connections=plan.connections,
            rate=plan.half_rate,
            limit_s=plan.rate_s + 20,
        ) as load:
            time.sleep(plan.rate_s / 10)
            took = _post(installation, "/sms.aspx", body)
            answers = load.result()
        stats = _settled(centre, answers.accepted + plan.numbers)
        return {
            "offered/s": plan.half_rate,
            "accept p50 ms": answers.p50_us / 1e3,
            "accept p99 ms": answers.p99_us / 1e3,
            "task accept s": took,
            "missing": _missing(centre, answers.tags),
            "not called back": answers.accepted + plan.numbers - stats["cb_uniq"],
        }


def beside_pages(plan: Plan) -> Figures:
    """How long answers take at half load: alone, while ten people browse the console, and while one exports messages beside them.

    All three in turn, some rounds: the machine swings from one moment to the next.
    """
    plan = replace(plan, rate_s=plan.rate_s / 4)
    requests = int(plan.half_rate * plan.rate_s)
    tags = itertools.count(plan.numbers + 1, requests)
    p99_ms: dict[str, list[float]] = {"alone": [], "while ten browse": [], "while exporting too": []}

    def measure(what: str) -> None:
        p99_ms[what].append(_at_half(plan, installation, requests, next(tags)).p99_us / 1e3)

    with MessageCentre() as centre, _running(plan, centre) as installation:
        _task(installation, centre, plan.numbers)
        (person, seen), took = seen_ms(installation), list[float]()
        for _ in range(PAGES_ROUNDS):
            measure("alone")
            with browsing(person, took):
                measure("while ten browse")
                with _exporting(installation):
                    measure("while exporting too")
        pages = statistics.quantiles(took, n=100)
        alone = statistics.median(p99_ms["alone"])
        return {
            "offered/s": plan.half_rate,
            **{f"accept p99 ms {what}": statistics.median(all_ms) for what, all_ms in p99_ms.items()},
            **{f"accept p99 % {what}": 100 * statistics.median(p99_ms[what]) / alone for what in list(p99_ms)[1:]},
            **seen,
            "pages": len(took),
            "page p50 ms": pages[49] * 1e3,
            "page p99 ms": pages[98] * 1e3,
            "MiB of the console": installation.console_mib(),
        }


@contextlib.contextmanager
def _exporting(installation: Installation) -> Iterator[None]:
    """While it lasts, a job exports all messages; raises RuntimeError if it ended before."""
    number = str(orjson.loads(installation.command("job", "export", "messages", "--json"))["job"])

    def state() -> str:
        return str(orjson.loads(installation.command("job", "show", number, "--json"))["state"])

    while state() == "queued":
        time.sleep(0.1)
    yield
    if (found := state()) != "running":
        raise RuntimeError(f"the export was {found} before the load ended")
    installation.command("job", "cancel", number)
    while state() == "running":  # until its last slice is over
        time.sleep(0.1)


def _at_half(plan: Plan, installation: Installation, requests: int, first_tag: int) -> Load:
    with loading(
        installation.port,
        SINGLE,
        messages=requests,
        first_tag=first_tag,
        connections=plan.connections,
        rate=plan.half_rate,
        limit_s=plan.rate_s + 20,
    ) as load:
        return load.result()


def slow_link(plan: Plan) -> Figures:
    """A message centre that takes 20 ms for an answer: how much of window ÷ round trip one connection carries."""
    with MessageCentre(answer_ms=ANSWER_MS) as centre:
        took_s = round_trip_s(centre)
        ceiling = link_ceiling(centre.port, messages=plan.numbers // 5, window=WINDOW)
        with _running(plan, centre) as installation:
            sent = _task(installation, centre, plan.numbers // 2)["sent/s"]
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
    with MessageCentre() as centre, _running(plan, centre) as installation:
        return costs(installation)


def hostile_sessions(plan: Plan) -> Figures:
    """Others over sessions and at the doors beside who keeps no bounds, kind by kind."""
    return beside_each_kind(plan.folder, plan.kinds, plan.pairs)


def memory(plan: Plan) -> Figures:
    """Resident memory while many messages pass."""
    with MessageCentre() as centre, _running(plan, centre) as installation:
        before, samples = installation.resident_mib(), [0.0]
        with loading(
            installation.port, SINGLE, messages=plan.memory_messages, connections=plan.connections, limit_s=900
        ) as load:
            while load.process.poll() is None:
                time.sleep(1)
                samples.append(installation.resident_mib())
            accepted = load.result().accepted
        stats = _settled(centre, accepted)
        tenth = samples[max(1, len(samples) // 10)]
        return {
            "MiB before": before,
            "MiB at a tenth": tenth,
            "MiB at the end": installation.resident_mib(),
            "MiB at most": max(samples),
            "accepted": accepted,
            "not called back": accepted - stats["cb_uniq"],
        }


def _through(
    plan: Plan, installation: Installation, centre: MessageCentre, messages: int, *, rate: float = 0, first_tag: int = 1
) -> Figures:
    """Put single-number requests through and wait until all callbacks have come, or none comes any more."""
    cpu, began = installation.cpu_s(), time.monotonic()
    with loading(
        installation.port, SINGLE, messages=messages, first_tag=first_tag, connections=plan.connections, rate=rate
    ) as load:
        answers = load.result()
    stats = _settled(centre, answers.accepted)
    return {
        "accepted/s": answers.rate,
        **_rates(stats, began),
        "CPU µs/message": (installation.cpu_s() - cpu) / max(1, answers.accepted) * 1e6,
        "accept p50 ms": answers.p50_us / 1e3,
        "accept p99 ms": answers.p99_us / 1e3,
        "not accepted": answers.refused,
        "missing": _missing(centre, answers.tags),
        "doubled": stats["dup"],
        "not called back": answers.accepted - stats["cb_uniq"],
    }


def each_door(plan: Plan) -> Figures:
    """The same single-number messages by each door in turn, and round again: what a door costs over the first, in the middle."""
    count = plan.messages // 5 // ROUNDS
    costs: dict[str, list[float]] = {door.path[1:]: [] for door in DOORS}
    with MessageCentre() as centre, _running(plan, centre) as installation:
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
    _settled(centre, before + count)
    time.sleep(_TAIL_S)
    return (installation.cpu_s() - cpu) / count * 1e6


def one_batch(plan: Plan) -> Figures:
    """One BatchSms: each number with its own text."""
    numbers = plan.numbers // 2
    pairs = [(f"138{tag:08}", f"尊敬的客户，您的订单{tag * 7919}已发货，感谢您的惠顾【测试】") for tag in range(1, numbers + 1)]
    body = batch(pairs).decode()
    with MessageCentre() as centre, _running(plan, centre) as installation:
        before = installation.resident_mib()
        figures = _task(installation, centre, numbers, "/BatchSms.ashx", body)
        return figures | {"MiB grown": installation.resident_mib() - before}


def _task(installation: Installation, centre: MessageCentre, numbers: int, path: str = "/sms.aspx", body: str = "") -> Figures:
    body = body or _same_text(first_tag=1, numbers=numbers)
    cpu, began = installation.cpu_s(), time.monotonic()
    took = _post(installation, path, body)
    stats = _settled(centre, numbers)
    return {
        "accept s": took,
        **_rates(stats, began + took),
        "CPU µs/message": (installation.cpu_s() - cpu) / numbers * 1e6,
        "missing": _missing(centre, range(1, numbers + 1)),
        "doubled": stats["dup"],
        "not called back": numbers - stats["cb_uniq"],
    }


def _same_text(*, first_tag: int, numbers: int) -> str:
    """The body of one request with one text to many numbers."""
    mobiles = ",".join(f"138{tag:08}" for tag in range(first_tag, first_tag + numbers))
    return (
        f"action=send&userid={CUSTOMER_ID}&account={ACCOUNT}&password={SECRET}&mobile={mobiles}&content={quote('您好【测试】')}"
    )


def _post(installation: Installation, path: str, body: str) -> float:
    """Post one form; returns the seconds until the answer. raises: RefusedError"""
    began = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)) as line:
        line.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = line.getresponse().read().decode()
    took = time.monotonic() - began
    if "Success" not in answer:
        raise RefusedError(answer)
    return took


def _settled(centre: MessageCentre, expected: int) -> dict[str, int]:
    """Wait until so many messages were called back, or nothing moves any more. Returns what the message centre counted."""
    limit, moved, seen = time.monotonic() + _SETTLE_S, time.monotonic(), -1
    while True:
        stats = centre.stats()
        now = time.monotonic()
        if stats["cb_uniq"] > seen:
            moved, seen = now, stats["cb_uniq"]
        if seen >= expected or now > moved + _QUIET_S or now > limit:
            return stats
        time.sleep(0.1)


def _rates(stats: dict[str, int], began: float) -> Figures:
    """Messages a second since `began` (seconds of the monotonic clock), up to the last event of each kind."""

    def rate(count: int, last_us: int) -> float:
        return count / (last_us / 1e6 - began) if count else 0.0

    return {
        "sent/s": rate(stats["submits"], stats["last_us"]),
        "receipted/s": rate(stats["dlr_ack"], stats["ack_last_us"]),
        "pushed/s": rate(stats["cb_uniq"], stats["cb_last_us"]),
    }


def _missing(centre: MessageCentre, tags: Sequence[int]) -> int:
    """How many of these tags never arrived at the message centre."""
    if not tags:
        return 0
    first = min(tags)
    arrived = centre.arrived(first, max(tags) - first + 1)
    return sum(1 for tag in tags if not arrived[tag - first])


def _postgres_cpu_s(server: Postgres) -> float:
    return processes.cpu_s([server.pid])


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    title: str
    measure: Callable[[Plan], Figures]
    then: str = ""  # the line of an older revision that it is compared with; empty: the one of this name


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
    Line("many", f"half load on {_BUSY} connections beside {_IDLE:,} idle ones", many_connections),
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
