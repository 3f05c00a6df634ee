"""Programs that no one here wrote, as child processes that report events in lines of JSON."""

import asyncio
import contextlib
import json
from pathlib import Path

NODE, PERL = (Path(__file__).parent / folder for folder in ("node", "perl"))
WITHIN_S = 20


class Peer:
    """A script of a peer; `events` are those that it has reported so far."""

    def __init__(self, process):
        self._process = process
        self.events = []
        self._news = asyncio.Event()
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self):
        while line := await self._process.stdout.readline():
            self.events.append(json.loads(line))
            self._news.set()

    def seen(self, event):
        return [one for one in self.events if one["event"] == event]

    async def wait_for(self, event, count=1):
        """Returns the first `count` events of this name; if they do not come, it fails and shows all events."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while len(self.seen(event)) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {count} times {event}: {self.events}") from None
        return self.seen(event)[:count]

    async def say(self, **facts):
        self._process.stdin.write(json.dumps(facts).encode() + b"\n")
        await self._process.stdin.drain()

    async def end(self):
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()
        await self._reader


def node(script, **task):
    """Run `tests/interop/node/<script>` with a task; it is ended with the block."""
    return _running("node", NODE / script, json.dumps(task))


def perl(script, *arguments):
    """Run `tests/interop/perl/<script>`; it is ended with the block."""
    return _running("perl", PERL / script, *(str(one) for one in arguments))


@contextlib.asynccontextmanager
async def _running(*command):
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    peer = Peer(process)
    try:
        yield peer
    finally:
        await peer.end()
