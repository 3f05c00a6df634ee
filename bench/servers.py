"""Kept HTTP servers in the place of ours: the real doors over a customers' API that accepts at once, served by each in turn.

    python -m bench.servers [--rounds 8] [--requests 6000] [--connections 64]

uvicorn (httptools, uvloop) and granian (ASGI) are measured where they are installed; the project does not need them.
Rounds alternate between the servers, and CPU is what the system counts for the processes of each, so that other work on the
machine falls on all alike.
"""

import argparse
import asyncio
import contextlib
import hashlib
import importlib.util
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.tools import end, free_ports, loading, wait_listening
from hongyan.doors.app import customers_app
from hongyan.doors.router import Router
from hongyan.model.account import Account
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission, Submission

SERVERS = ("ours", "uvicorn", "granian")
IDLE = 5_000
PAGE = os.sysconf("SC_PAGE_SIZE")
REQUEST = (
    "POST /sms.aspx HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/x-www-form-urlencoded;charset=UTF-8\n"
    "Content-Length: {LEN}\n\naction=send&userid=12&account=demo&password=abc123&mobile=138{TAG}"
    "&content=B{TAG} {TS}【测试】&sendTime=&extno="
)
RAW = "GET /sms.aspx?action=send&userid=12&account=demo&password=abc123&mobile=13800000001&content=你 好# HTTP/1.1\r\nHost: h\r\n\r\n"
"""What real clients write: raw Chinese, a blank and `#` in the request line."""


class InstantApi:
    """As much of ports.CustomerApi as sms.aspx asks to send. It stores nothing, so that the server is what is measured."""

    def __init__(self) -> None:
        account = Account(1, 12, "demo", Secret("abc123", hashlib.md5(b"abc123").hexdigest().upper()))  # noqa: S324
        self.snapshot = ConfigSnapshot(accounts={account.name: account}, accounts_by_id={account.id: account})

    def accept(self, admission: Admission) -> asyncio.Future[Accepted]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Accepted] = loop.create_future()
        count = len(admission.phones)
        loop.call_soon(answer.set_result, Accepted(1504080852350206, "f" * 32, 100, count, count))
        return answer


def admit(_snapshot: ConfigSnapshot, submission: Submission, _now_ms: int) -> Admission:
    return Admission(submission, [1] * len(submission.numbers), None, [], [], [], [], 0)


async def admit_in_batches(snapshot: ConfigSnapshot, submission: Submission, now_ms: int) -> Admission:
    return admit(snapshot, submission, now_ms)


def app() -> Router:
    return customers_app(InstantApi(), admit, admit_in_batches, lambda: time.time_ns() // 1_000_000)  # type: ignore[arg-type]


def serve(server: str, port: int) -> None:
    """Serve until this process is ended."""
    if server == "uvicorn":
        import uvicorn  # noqa: PLC0415 - only the server that is measured is loaded

        uvicorn.run(
            app(),
            host="127.0.0.1",
            port=port,
            http="httptools",
            loop="uvloop",
            access_log=False,
            log_level="critical",
            timeout_keep_alive=75,
            lifespan="off",
            ws="none",
            interface="asgi3",
            backlog=1024,
        )
    elif server == "granian":
        from granian import Granian  # noqa: PLC0415

        Granian(
            "bench.servers:app",
            factory=True,
            address="127.0.0.1",
            port=port,
            interface="asginl",
            loop="uvloop",
            http="1",
            websockets=False,
            log_enabled=False,
            backlog=1024,
            backpressure=10_000,
        ).serve()
    else:
        import uvloop  # noqa: PLC0415

        from hongyan.http.server import Listener  # noqa: PLC0415

        async def ours() -> None:
            await Listener(app(), "127.0.0.1", port).start()
            await asyncio.Event().wait()

        uvloop.run(ours())


class Served:
    """A server in processes of its own."""

    def __init__(self, server: str) -> None:
        self.server, (self.port,) = server, free_ports(1)
        command = [sys.executable, "-m", "bench.servers", "--serve", server, "--port", str(self.port)]
        self.process = subprocess.Popen(command, start_new_session=True)  # a process group, by which its workers are found

    def _folders(self) -> Iterator[Path]:
        """/proc of every process of the group."""
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if int((path / "stat").read_text().rpartition(")")[2].split()[2]) == self.process.pid:
                    yield path

    def cpu_s(self) -> float:
        """User and system time of all threads, by the scheduler's own count in nanoseconds."""
        threads = [thread for folder in self._folders() for thread in folder.glob("task/*/schedstat")]
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def memory_mib(self) -> float:
        return sum(int((folder / "statm").read_text().split()[1]) for folder in self._folders()) * PAGE / 2**20


def raw_status(port: int) -> str:
    """The status line that answers RAW."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(RAW.encode())
        return line.recv(4096).partition(b"\r\n")[0].decode()


def idle_connections(port: int, count: int) -> list[socket.socket]:
    """Connections that sent one request each, and rest."""
    lines = []
    for _ in range(count):
        line = socket.create_connection(("127.0.0.1", port), 10)
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
        line.recv(4096)
        lines.append(line)
    return lines


class Comparison:
    """Servers that are loaded in turn, and what was seen of each."""

    def __init__(self, names: Sequence[str], requests: int, connections: int) -> None:
        self._requests, self._connections = requests, connections
        self.runs = {name: Served(name) for name in names}
        self.results: dict[str, dict[str, object]] = {name: {} for name in names}
        self._seen: dict[str, dict[str, list[float]]] = {name: {} for name in names}

    def warm_up(self) -> float:
        """Returns half of the rate that the slowest one reaches."""
        for name, served in self.runs.items():
            wait_listening(served.port, 30)
            self.results[name]["raw request line"] = raw_status(served.port)
            self.load(name, " warm")
        return min(seen["rate warm"][0] for seen in self._seen.values()) / 2

    def load(self, name: str, suffix: str, rate: float = 0) -> None:
        served = self.runs[name]
        before = served.cpu_s()
        with loading(
            served.port, REQUEST, messages=self._requests, connections=self._connections, rate=rate, limit_s=60
        ) as under_way:
            result = under_way.result()
        assert result.refused == 0, f"{name} refused {result.refused}"
        self._note(name, f"cpu_us{suffix}", (served.cpu_s() - before) / result.accepted * 1e6)
        self._note(name, f"rate{suffix}", result.rate)
        self._note(name, f"p99_ms{suffix}", result.p99_us / 1e3)

    def load_beside_idle(self, name: str) -> None:
        """Load it while IDLE connections rest."""
        served, results = self.runs[name], self.results[name]
        results["memory_mib"] = round(served.memory_mib(), 1)
        lines = idle_connections(served.port, IDLE)
        results[f"memory_mib with {IDLE} idle"] = round(served.memory_mib(), 1)
        before = served.cpu_s()
        time.sleep(5)
        results[f"cpu % of {IDLE} idle"] = round((served.cpu_s() - before) / 5 * 100, 1)
        self.load(name, f" with {IDLE} idle")
        for line in lines:
            line.close()

    def medians(self) -> dict[str, dict[str, object]]:
        for name, seen in self._seen.items():
            self.results[name] |= {
                figure: round(statistics.median(values), 2) for figure, values in seen.items() if "warm" not in figure
            }
        return self.results

    def _note(self, name: str, figure: str, value: float) -> None:
        self._seen[name].setdefault(figure, []).append(value)


def measure(rounds: int, requests: int, connections: int) -> dict[str, dict[str, object]]:
    names = [name for name in SERVERS if name == "ours" or importlib.util.find_spec(name)]
    for missing in set(SERVERS) - set(names):
        print(f"{missing} is not installed, and not measured: pip install {missing}")
    comparison = Comparison(names, requests, connections)
    try:
        half = comparison.warm_up()
        for number in range(rounds):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                comparison.load(name, "")
                comparison.load(name, " half", half)
        for name in names:
            comparison.load_beside_idle(name)
    finally:
        for served in comparison.runs.values():
            end(served.process)
    return comparison.medians()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=8)
    asked.add_argument("--requests", type=int, default=6_000)
    asked.add_argument("--connections", type=int, default=64)
    asked.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    asked.add_argument("--port", type=int, help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.serve:
        serve(args.serve, args.port)
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for name, figures in measure(args.rounds, args.requests, args.connections).items():
        print(name, json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
