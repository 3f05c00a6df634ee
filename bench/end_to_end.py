"""Loads a fresh installation, and waits until what it accepted was sent, receipted and posted to the customer.

Every rate counts from the first request of the load, so `pushed/s` is the whole way: accepted, stored with fsync, sent over
SMPP, receipted, settled and posted to the customer. What was answered Success is compared by tag with what arrived.
"""

import contextlib
import http.client
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from bench.installation import ACCOUNT, ALL_DUTIES, CUSTOMER_ID, SECRET, SINGLE, Installation, Measured
from bench.links import WINDOW
from bench.plan import Figures, Plan
from bench.tools import MessageCentre, loading

WARM_UP, WARM_UP_TAG = 500, 60_000_000
_QUIET_S = 15.0  # without any progress of the callbacks, what has not come will not come
_SETTLE_S = 300.0
_AS_IT_COMES: Mapping[str, str] = {}


class RefusedError(RuntimeError):
    """A request that had to be accepted was not; the text is its answer."""


@contextlib.contextmanager
def running(
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
        through(plan, installation, centre, WARM_UP, first_tag=WARM_UP_TAG)
        centre.reset()
        yield installation
        installation.stop()
    shutil.rmtree(plan.folder / "data", ignore_errors=True)


def through(
    plan: Plan, installation: Installation, centre: MessageCentre, messages: int, *, rate: float = 0, first_tag: int = 1
) -> Figures:
    """Put single-number requests through and wait until all callbacks have come, or none comes any more."""
    cpu, began = installation.cpu_s(), time.monotonic()
    with loading(
        installation.port, SINGLE, messages=messages, first_tag=first_tag, connections=plan.connections, rate=rate
    ) as load:
        answers = load.result()
    stats = settled(centre, answers.accepted)
    return {
        "accepted/s": answers.rate,
        **rates(stats, began),
        "CPU µs/message": (installation.cpu_s() - cpu) / max(1, answers.accepted) * 1e6,
        "accept p50 ms": answers.p50_us / 1e3,
        "accept p99 ms": answers.p99_us / 1e3,
        "not accepted": answers.refused,
        "missing": missing(centre, answers.tags),
        "doubled": stats["dup"],
        "not called back": answers.accepted - stats["cb_uniq"],
    }


def task(installation: Installation, centre: MessageCentre, numbers: int, path: str = "/sms.aspx", body: str = "") -> Figures:
    body = body or same_text(first_tag=1, numbers=numbers)
    cpu, began = installation.cpu_s(), time.monotonic()
    took = post(installation, path, body)
    stats = settled(centre, numbers)
    return {
        "accept s": took,
        **rates(stats, began + took),
        "CPU µs/message": (installation.cpu_s() - cpu) / numbers * 1e6,
        "missing": missing(centre, range(1, numbers + 1)),
        "doubled": stats["dup"],
        "not called back": numbers - stats["cb_uniq"],
    }


def same_text(*, first_tag: int, numbers: int) -> str:
    """The body of one request with one text to many numbers."""
    mobiles = ",".join(f"138{tag:08}" for tag in range(first_tag, first_tag + numbers))
    return (
        f"action=send&userid={CUSTOMER_ID}&account={ACCOUNT}&password={SECRET}&mobile={mobiles}&content={quote('您好【测试】')}"
    )


def post(installation: Installation, path: str, body: str) -> float:
    """Post one form; returns the seconds until the answer. raises: RefusedError"""
    began = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)) as line:
        line.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = line.getresponse().read().decode()
    took = time.monotonic() - began
    if "Success" not in answer:
        raise RefusedError(answer)
    return took


def settled(centre: MessageCentre, expected: int) -> dict[str, int]:
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


def rates(stats: dict[str, int], began: float) -> Figures:
    """Messages a second since `began` (seconds of the monotonic clock), up to the last event of each kind."""

    def rate(count: int, last_us: int) -> float:
        return count / (last_us / 1e6 - began) if count else 0.0

    return {
        "sent/s": rate(stats["submits"], stats["last_us"]),
        "receipted/s": rate(stats["dlr_ack"], stats["ack_last_us"]),
        "pushed/s": rate(stats["cb_uniq"], stats["cb_last_us"]),
    }


def missing(centre: MessageCentre, tags: Sequence[int]) -> int:
    """How many of these tags never arrived at the message centre."""
    if not tags:
        return 0
    first = min(tags)
    arrived = centre.arrived(first, max(tags) - first + 1)
    return sum(1 for tag in tags if not arrived[tag - first])
