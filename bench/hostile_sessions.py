"""Others over SMPP, CMPP or HTTP beside who keeps no bounds, kind by kind: how long their answers take, and what more of a core is used.

The program that keeps no bounds is as busy as what it is measured beside, on the same cores. So each round has three measures in turn:
alone, beside the same program with a peer of its own, and beside it at our port. What it costs others is the last over the
middle one.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from statistics import median

from bench import hostile_customer
from bench.flood import CMPP, SMPP, ClientProtocol, flood
from bench.hostile_customer import HTTP
from bench.installation import ACCOUNT, SINGLE, Measured
from bench.tools import MessageCentre, build, free_ports, loading

WINDOW, SESSIONS, CONNECTIONS = 100, 4, 16
RATE, ROUND_S = 1_000, 2.5
SETTLED_S = 1.5
"""After the program began."""

_ALONE, _ELSEWHERE, _BESIDE = "alone", "elsewhere", "beside"

Figures = dict[str, float]


def beside_each_kind(folder: Path, rounds: int) -> Figures:
    """All kinds of all protocols: p50 and p99 beside over elsewhere, and what more of a core."""
    found: Figures = {}
    for protocol in (SMPP, CMPP, HTTP):
        for kind in hostile_customer.AT_DOORS if protocol is HTTP else hostile_customer.KINDS:
            measured = beside_hostile(folder, protocol, kind, rounds)
            found |= {f"{protocol.name} {kind}: {name}": value for name, value in compared(measured).items()}
    return found


def compared(measured: dict[str, list[Figures]]) -> Figures:
    """The medians of rounds, one over the other."""
    of = {turn: {name: median(one[name] for one in some) for name in some[0]} for turn, some in measured.items()}
    over = {f"{name} % over elsewhere": 100 * of[_BESIDE][name] / of[_ELSEWHERE][name] for name in ("p50 ms", "p99 ms")}
    return {
        "p99 ms alone": of[_ALONE]["p99 ms"],
        **over,
        "more of a core": of[_BESIDE]["share of a core"] - of[_ELSEWHERE]["share of a core"],
    }


def beside_hostile(folder: Path, protocol: ClientProtocol, kind: str, rounds: int) -> dict[str, list[Figures]]:
    """Returns the rounds of each of the three. raises: RuntimeError if a message of the others was not accepted"""
    build()
    found: dict[str, list[Figures]] = {_ALONE: [], _ELSEWHERE: [], _BESIDE: []}
    with MessageCentre() as centre, _served(folder, protocol, centre) as (installation, port):
        _measure(installation, port, protocol)  # warm
        for number in range(rounds):
            for turn in (_ALONE, _ELSEWHERE, _BESIDE) if number % 2 else (_BESIDE, _ELSEWHERE, _ALONE):
                at = port if turn == _BESIDE else 0
                with nullcontext() if turn == _ALONE else _hostile(at, protocol, kind):
                    found[turn].append(_measure(installation, port, protocol))
    return found


@contextmanager
def _served(folder: Path, protocol: ClientProtocol, centre: MessageCentre) -> Iterator[tuple[Measured, int]]:
    shutil.rmtree(folder / "data", ignore_errors=True)
    (port,) = free_ports(1)
    with Measured(folder / "data", centre=centre) as installation:
        added = f"account add {hostile_customer.ACCOUNT} --userid 8 --secret-file - --points 1000000000"
        installation.command(*added.split(), stdin=hostile_customer.SECRET)
        if protocol is not HTTP:
            _listen(installation, port, protocol)
        installation.start()
        yield installation, installation.port if protocol is HTTP else port
        installation.stop()
    shutil.rmtree(folder / "data", ignore_errors=True)


def _listen(installation: Measured, port: int, protocol: ClientProtocol) -> None:
    where = f"--address 127.0.0.1 --port {port} --connections-most 2000"
    installation.command(*f"listener add in --protocol {protocol.name} {where}".split())
    for account in (ACCOUNT, hostile_customer.ACCOUNT):
        installation.command(*f"account set {account} --protocol {protocol.name} --sessions-most 50".split())


@contextmanager
def _hostile(port: int, protocol: ClientProtocol, kind: str) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.hostile_customer", str(port), protocol.name, kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as program:
        time.sleep(SETTLED_S)
        yield
        if program.poll() is not None:
            raise RuntimeError(f"{kind} ended with {program.returncode}")
        assert program.stdin is not None
        program.stdin.close()


_tags = iter(range(1, 10**8, round(RATE * ROUND_S)))


def _measure(installation: Measured, port: int, protocol: ClientProtocol) -> Figures:
    messages, cpu, began = round(RATE * ROUND_S), installation.cpu_s(), time.monotonic()
    accepted, p50_us, p99_us = (_over_http if protocol is HTTP else partial(_over_sessions, protocol))(port, messages)
    if accepted != messages:
        raise RuntimeError(f"{messages - accepted} of {messages} messages were not accepted")
    spent = (installation.cpu_s() - cpu) / (time.monotonic() - began)
    return {"p50 ms": p50_us / 1e3, "p99 ms": p99_us / 1e3, "share of a core": spent}


def _over_sessions(protocol: ClientProtocol, port: int, messages: int) -> tuple[int, int, int]:
    """Returns how many were accepted, and p50 and p99 in microseconds."""
    seen = flood(port, protocol, messages, next(_tags), sessions=SESSIONS, window=WINDOW, rate=RATE)
    return seen["ok"], seen["p50_us"], seen["p99_us"]


def _over_http(port: int, messages: int) -> tuple[int, int, int]:
    """The same."""
    with loading(port, SINGLE, messages=messages, first_tag=next(_tags), connections=CONNECTIONS, rate=RATE) as load:
        seen = load.result()
    return seen.accepted, seen.p50_us, seen.p99_us
