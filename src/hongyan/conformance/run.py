"""Runs cases one after the other; later ones use values of earlier answers."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hongyan.conformance.case import Case, Push, RunContext, expectation
from hongyan.conformance.http_client import Reply, ask
from hongyan.conformance.push_listener import PushListener, ReceivedPost

ANSWER_S = 30.0
PUSH_S = 60.0  # what was refused comes again after 30 s
_AGAIN_S = 0.25
PATIENCE = 1.0  # times the patience of a case
_SHOWN = 2_000  # characters of an answer


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a case. `seen` is empty if nothing was asked."""

    case: Case
    outcome: Outcome
    expected: str = ""
    seen: str = ""
    why: str = ""


async def run(
    url: str, cases: Sequence[Case], context: RunContext, push_listener: PushListener | None = None
) -> AsyncIterator[Verdict]:
    """Try each case in order; pushes only if there is a listener. raises: Unreachable"""
    for case in cases:
        missing = [name for name in case.needs if name not in context.words]
        if case.push and push_listener is None:
            missing.append("--callback-port")
        if missing:
            yield Verdict(case, Outcome.SKIPPED, why=f"needs {', '.join(missing)}")
        elif case.push and push_listener is not None:
            yield await _try_push(url, case, case.push, context, push_listener)
        else:
            yield await _try(url, case, context)


async def _try_push(url: str, case: Case, push: Push, context: RunContext, push_listener: PushListener) -> Verdict:
    """Send the request, then judge the posts: as many as are due, and then each of them."""
    push_listener.begin(is_refused=push.is_refused)
    verdict = await _try(url, case, context)
    if verdict.outcome is not Outcome.PASSED:
        return verdict
    due = push.bodies * (2 if push.is_refused else 1)
    posts = await push_listener.take(len(due), PUSH_S * PATIENCE)
    wrong = _what_is_wrong_with(posts, [expectation(body, context) for body in due], push.media)
    if not wrong:
        return verdict
    seen = "\n".join(post.text for post in posts)
    return Verdict(case, Outcome.FAILED, context.fill("\n".join(due)), seen[:_SHOWN], wrong)


def _what_is_wrong_with(posts: Sequence[ReceivedPost], due: list[re.Pattern[str]], media: str) -> str:
    """Returns the first difference from the contract; "" if there is none."""
    for post in posts:
        if post.media != media:
            return f"posted as {post.media!r}, not {media!r}"
        fits = next((body for body in due if body.fullmatch(post.text)), None)
        if fits is None:
            return "the posted body differs"
        due.remove(fits)
    return f"{len(due)} posts did not come" if due else ""


async def _try(url: str, case: Case, context: RunContext) -> Verdict:
    end = time.monotonic() + case.within_s * PATIENCE
    while True:
        reply = await ask(url, case.ask(context), ANSWER_S)
        wrong = _what_is_wrong(case, context, reply)
        if not wrong or time.monotonic() >= end:
            break
        await asyncio.sleep(_AGAIN_S)
    if not wrong:
        return Verdict(case, Outcome.PASSED)
    return Verdict(case, Outcome.FAILED, context.fill(case.answer), _text(case, reply)[:_SHOWN], wrong)


def _what_is_wrong(case: Case, context: RunContext, reply: Reply) -> str:
    """Returns the first difference from the contract; "" if there is none. Values of the answer are remembered."""
    if reply.status != case.status:
        return f"status {reply.status}, not {case.status}"
    media = reply.headers.get("content-type", "")
    if media.lower() != case.media:
        return f"Content-Type {media!r}, not {case.media!r}"
    if "content-length" not in reply.headers:
        return "no Content-Length: clients of HTTP/1.0 read nothing else"
    found = expectation(case.answer, context).fullmatch(_text(case, reply))
    if found is None:
        return "the body differs"
    context.found.update(found.groupdict())
    return ""


def _text(case: Case, reply: Reply) -> str:
    return reply.body.decode(case.charset, "backslashreplace")
