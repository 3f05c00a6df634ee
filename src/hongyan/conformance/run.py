"""Running cases one after the other: later ones build on what earlier ones were answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hongyan.conformance.case import Case, World, expectation
from hongyan.conformance.octets import Reply, ask

ANSWER_S = 30.0
_AGAIN_S = 0.25
PATIENCE = 1.0  # times what a case asks for
_SHOWN = 2_000  # characters of an answer


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a case went. `seen` is empty where nothing was asked."""

    case: Case
    outcome: Outcome
    expected: str = ""
    seen: str = ""
    why: str = ""


async def run(url: str, cases: Sequence[Case], world: World) -> AsyncIterator[Verdict]:
    """Try each case in order. raises: Unreachable"""
    for case in cases:
        missing = [name for name in case.needs if name not in world.words]
        if missing:
            yield Verdict(case, Outcome.SKIPPED, why=f"needs {', '.join(missing)}")
        else:
            yield await _try(url, case, world)


async def _try(url: str, case: Case, world: World) -> Verdict:
    end = time.monotonic() + case.within_s * PATIENCE
    while True:
        reply = await ask(url, case.ask(world), ANSWER_S)
        wrong = _what_is_wrong(case, world, reply)
        if not wrong or time.monotonic() >= end:
            break
        await asyncio.sleep(_AGAIN_S)
    if not wrong:
        return Verdict(case, Outcome.PASSED)
    return Verdict(case, Outcome.FAILED, world.fill(case.answer), _text(case, reply)[:_SHOWN], wrong)


def _what_is_wrong(case: Case, world: World, reply: Reply) -> str:
    """The first thing that is not as the contract says; "" if all is. What the answer told is remembered."""
    if reply.status != case.status:
        return f"status {reply.status}, not {case.status}"
    media = reply.headers.get("content-type", "")
    if media.lower() != case.media:
        return f"Content-Type {media!r}, not {case.media!r}"
    if "content-length" not in reply.headers:
        return "no Content-Length: clients of HTTP/1.0 read nothing else"
    found = expectation(case, world).fullmatch(_text(case, reply))
    if found is None:
        return "the body differs"
    world.told.update(found.groupdict())
    return ""


def _text(case: Case, reply: Reply) -> str:
    return reply.body.decode(case.charset, "backslashreplace")
