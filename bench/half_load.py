"""How long answers take at half of what the platform can carry, alone and beside others."""

import contextlib
import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import orjson

from bench.end_to_end import missing, post, running, same_text, settled, task, through
from bench.installation import SINGLE, Installation
from bench.pages import browsing, seen_ms
from bench.plan import Figures, Plan
from bench.servers import idle_connections
from bench.tools import Load, MessageCentre, loading

PAGES_ROUNDS = 8  # of the line `pages`, each a fourth as long as a rate is kept
_CLOSED_S = 1.0  # that the platform has to close thousands of connections, before others are measured
MANY_ROUNDS = 4  # of the line `many`, each a fourth as long as a rate is kept
IDLE, BUSY, _FEW = 5_000, 200, 64  # connections of the line `many`
_ROOMY = {
    "HONGYAN_LIMITS__CONNECTIONS": "6000",
    "HONGYAN_LIMITS__ADDRESS_CONNECTIONS": "0",
    "HONGYAN_LIMITS__NETWORK_CONNECTIONS": "0",
}


def half_load(plan: Plan) -> Figures:
    """How long an answer takes when half as many requests come as the platform can carry."""
    with MessageCentre() as centre, running(plan, centre) as installation:
        figures = through(plan, installation, centre, int(plan.half_rate * plan.rate_s), rate=plan.half_rate)
        return {"offered/s": plan.half_rate} | figures


def many_connections(plan: Plan) -> Figures:
    """Half load on a few connections alone, and on more of them beside thousands that rest, in turn."""
    requests = int(plan.half_rate * plan.rate_s / MANY_ROUNDS)
    few_plan, many_plan = replace(plan, connections=_FEW), replace(plan, connections=BUSY)
    few: list[Load] = []
    many: list[Load] = []
    idle_mib: list[float] = []
    with MessageCentre() as centre, running(plan, centre, environment=_ROOMY) as installation:

        def at_half(of: Plan, loads: list[Load]) -> None:
            before = requests * (len(few) + len(many))
            loads.append(_at_half(of, installation, requests, before + 1))
            settled(centre, before + requests)

        for _ in range(MANY_ROUNDS):
            at_half(few_plan, few)
            before_mib = installation.resident_mib()
            with contextlib.ExitStack() as lines:
                for line in idle_connections(installation.port, IDLE):
                    lines.enter_context(line)
                idle_mib.append(installation.resident_mib() - before_mib)
                at_half(many_plan, many)
            time.sleep(_CLOSED_S)
    few_ms, many_ms = (statistics.median(load.p99_us for load in loads) / 1e3 for loads in (few, many))
    return {
        "offered/s": plan.half_rate,
        f"accept p99 ms, {_FEW} connections": few_ms,
        f"accept p99 ms, {BUSY} and {IDLE} idle": many_ms,
        "many ÷ few": many_ms / few_ms,
        f"MiB of {IDLE} idle": idle_mib[0],
        "not accepted": sum(load.refused for load in (*few, *many)),
    }


def beside_a_task(plan: Plan) -> Figures:
    """How long others' answers take at half load while one large task is taken and sent."""
    requests = int(plan.half_rate * plan.rate_s)
    body = same_text(first_tag=requests + 1, numbers=plan.numbers)  # before the load, which would wait for a core meanwhile
    with MessageCentre() as centre, running(plan, centre) as installation:
        with loading(
            installation.port,
            SINGLE,
            messages=requests,
            connections=plan.connections,
            rate=plan.half_rate,
            limit_s=plan.rate_s + 20,
        ) as load:
            time.sleep(plan.rate_s / 10)
            took = post(installation, "/sms.aspx", body)
            answers = load.result()
        stats = settled(centre, answers.accepted + plan.numbers)
        return {
            "offered/s": plan.half_rate,
            "accept p50 ms": answers.p50_us / 1e3,
            "accept p99 ms": answers.p99_us / 1e3,
            "task accept s": took,
            "missing": missing(centre, answers.tags),
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

    with MessageCentre() as centre, running(plan, centre) as installation:
        task(installation, centre, plan.numbers)
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
