"""Customers who connect as to a carrier: the whole way by SMPP or CMPP, the reports back over the same sessions.

Half load is half of what the same run reached on the whole way.
"""

import contextlib
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.flood import ClientProtocol, flood
from bench.installation import ACCOUNT, POINTS, SECRET, Measured
from bench.plan import Figures
from bench.tools import MessageCentre, free_ports

SESSIONS, WINDOW = 4, 100
HALF_SESSIONS, ASLEEP, BINDS = 10, 190, 1_000
TURNS = ("alone", "beside", "beside", "alone") * 2
"""Rounds at half load, without and with sessions asleep: the machine swings from one moment to the next."""

_SLEEPER = "asleep"
_WARM_UP_TAG, _HALF_TAG = 60_000_000, 70_000_000


def by_sessions(folder: Path, protocol: ClientProtocol, messages: int, rate_s: float, window: int) -> Figures:
    """As fast as the answers come, then at half of that, alone and beside sessions of another login that sleep."""
    with MessageCentre() as centre, _served(folder, protocol, centre, window) as (installation, port):
        flood(port, protocol, 500, _WARM_UP_TAG, sessions=SESSIONS, window=WINDOW)
        bound = _binds(installation, port, protocol)
        full = _full(installation, centre, port, protocol, messages)
        return full | _half(installation, port, protocol, full["reported/s"] / 2, rate_s / 4) | bound


@contextlib.contextmanager
def _served(folder: Path, protocol: ClientProtocol, centre: MessageCentre, window: int) -> Iterator[tuple[Measured, int]]:
    """A fresh installation with one listener, and its port."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    (port,) = free_ports(1)
    with Measured(folder / "data", centre=centre, window=window) as installation:
        where = f"--address 127.0.0.1 --port {port} --connections-most 2000"
        installation.command(*f"listener add in --protocol {protocol.name} {where}".split())
        installation.command(*f"account add {_SLEEPER} --secret-file - --userid 8 --points {POINTS}".split(), stdin=SECRET)
        for account in (ACCOUNT, _SLEEPER):
            bounds = f"--sessions-most 1000 --window-in {WINDOW} --window-out {WINDOW}"
            installation.command(*f"account set {account} --protocol {protocol.name} {bounds}".split())
        installation.start()
        yield installation, port
        installation.stop()
    shutil.rmtree(folder / "data", ignore_errors=True)


def _binds(installation: Measured, port: int, protocol: ClientProtocol) -> Figures:
    """How long many logins at once take, and what they need of memory."""
    before = installation.resident_mib()
    with _asleep(port, protocol, BINDS) as took_s:
        grown = installation.resident_mib() - before
    return {f"{BINDS:,} binds s": took_s, "KiB a session": grown * 1024 / BINDS}


@contextlib.contextmanager
def _asleep(port: int, protocol: ClientProtocol, count: int) -> Iterator[float]:
    """Sessions that do nothing; yields how many seconds all of them took to log in, at once."""
    login = protocol.log_in(_SLEEPER, SECRET)
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        lines = []
        for number in range(count):
            line = stack.enter_context(socket.socket())
            line.bind((f"127.0.1.{1 + number % 250}", 0))
            line.connect(("127.0.0.1", port))
            line.sendall(login)
            lines.append(line)
        for line in lines:
            answer = line.recv(256)
            if any(answer[protocol.status_at : protocol.status_at + 4]) or not answer:
                raise RuntimeError(f"a login was refused: {answer.hex()}")
        yield time.monotonic() - began


def _full(installation: Measured, centre: MessageCentre, port: int, protocol: ClientProtocol, messages: int) -> Figures:
    centre.reset()
    cpu, began = installation.cpu_s(), time.monotonic()
    seen = flood(port, protocol, messages, 1, sessions=SESSIONS, window=WINDOW)
    spent, stats = installation.cpu_s() - cpu, centre.stats()
    return {
        "accepted/s": seen["ok"] / seen["elapsed"],
        "sent/s": stats["submits"] / (stats["last_us"] / 1e6 - began),
        "reported/s": seen["reports"] / seen["reports_s"] if seen["reports_s"] else 0.0,
        "CPU µs/message": spent / max(1, seen["ok"]) * 1e6,
        **_latency("accept", seen),
        "not accepted": seen["err"],
        "missing": centre.arrived(1, messages).count(0),
        "doubled": stats["dup"],
        "not reported": seen["ok"] - seen["reports"],
    }


def _half(installation: Measured, port: int, protocol: ClientProtocol, rate: float, seconds: float) -> Figures:
    rounds: dict[str, list[Figures]] = {"alone": [], "beside": []}
    messages = int(rate * seconds)
    for number, turn in enumerate(TURNS):
        with _asleep(port, protocol, ASLEEP) if turn == "beside" else contextlib.nullcontext():
            cpu, tag = installation.cpu_s(), _HALF_TAG + number * messages
            seen = flood(port, protocol, messages, tag, sessions=HALF_SESSIONS, window=WINDOW, rate=rate)
            spent = (installation.cpu_s() - cpu) / messages * 1e6
        rounds[turn].append(_latency("accept", seen) | {"CPU µs/message": spent})
    alone, beside = ({name: median(one[name] for one in some) for name in some[0]} for some in rounds.values())
    return (
        {"half load, offered/s": rate}
        | {f"half load: {name}": value for name, value in alone.items()}
        | {f"beside {ASLEEP} asleep: {name}": value for name, value in beside.items()}
    )


def _latency(what: str, seen: dict[str, Any]) -> Figures:
    return {f"{what} p50 ms": seen["p50_us"] / 1e3, f"{what} p99 ms": seen["p99_us"] / 1e3}
