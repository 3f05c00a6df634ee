"""Replays: what was handed out, pushed or parked within a span is owed again; one slice covers some seconds of the span."""

from hongyan.model.act import Act
from hongyan.model.job import Job, Slice
from hongyan.model.owed import OwedKind
from hongyan.ports.tx import Tx
from hongyan.services.steps import owed

WINDOW_MS = 10_000


def replay(tx: Tx, act: Act, job: Job) -> Slice:
    since = int(job.place or job.asked["since_ms"])
    until = min(since + WINDOW_MS, job.asked["until_ms"])
    count = owed.owe_again(tx, act, job.asked["account"], OwedKind[job.asked["owed"].upper()], since, until)
    return Slice(count, str(until) if until < job.asked["until_ms"] else None, {"owed": count})
