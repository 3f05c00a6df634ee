"""A scheduler of jobs: each runs at its own interval, independently of the others, and is counted."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from time import monotonic

from hongyan.model.histogram import Histogram
from hongyan.workers.failures import log_failure
from hongyan.workers.waiting import wait_or_timeout


class Scheduler:
    def __init__(self) -> None:
        self.runs: Counter[tuple[str, str]] = Counter()  # by job and result
        self.durations: defaultdict[str, Histogram] = defaultdict(Histogram)  # by job, whatever the result

    async def every(self, seconds: float, name: str, job: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        """Run a job at once and then at this interval until the process stops. A failed job is run again at its next turn.

        name: of the job, in logs and metrics
        """
        while not stopping.is_set():
            began = monotonic()
            try:
                await job()
                self.runs[name, "done"] += 1
            except Exception as error:  # a store that is away comes back; the job repeats safely
                self.runs[name, "failed"] += 1
                log_failure("job_failed", error, job=name)
            self.durations[name].add(monotonic() - began)
            await wait_or_timeout(stopping, seconds)
