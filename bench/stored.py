"""What a message costs beside millions that are stored, and how long the slowest lists take."""

import operator
import time
from collections.abc import Callable, Mapping

from bench.end_to_end import WARM_UP, WARM_UP_TAG, running, through
from bench.installation import API_AND_LINK, Installation
from bench.large_store import fill, lists_ms
from bench.plan import Figures, Plan
from bench.postgres import postgres
from bench.tools import MessageCentre

_SLOWEST = 3  # lists that the line `stored` names


def with_many_stored(plan: Plan) -> Figures:
    """What a message costs with millions stored, over what it costs with none, and how long the slowest lists take; both engines."""
    with MessageCentre() as centre:
        with running(plan, centre) as installation:
            figures = _stored(plan, installation, centre, f"sqlite:///{installation.folder / 'hongyan.db'}", installation.cpu_s)
        with postgres(plan.folder / "pg") as server, running(plan, centre, server.uri, API_AND_LINK) as installation:
            costs = lambda: installation.cpu_s() + server.cpu_s()  # noqa: E731
            figures = {f"SQLite: {name}": value for name, value in figures.items()}
            return figures | {
                f"PostgreSQL: {name}": v for name, v in _stored(plan, installation, centre, server.uri, costs).items()
            }


def _stored(plan: Plan, installation: Installation, centre: MessageCentre, url: str, cpu_s: Callable[[], float]) -> Figures:
    empty = _cost_us(plan, installation, centre, cpu_s)
    installation.stop()
    fill(url, plan.stored, time.time_ns() // 10**6, installation.sealing_key())
    installation.start()
    through(plan, installation, centre, WARM_UP, first_tag=WARM_UP_TAG)
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
    through(plan, installation, centre, plan.messages)
    return (cpu_s() - before) / plan.messages * 1e6
