"""Customers who connect as to a carrier: the whole way by SMPP or CMPP, the reports back over the same sessions."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bench.flood import ClientProtocol, flood
from bench.installation import ACCOUNT, Measured
from bench.tools import MessageCentre, build, free_ports

SESSIONS, WINDOW = 4, 100
ASLEEP = 190
"""Sessions that do nothing, beside ten that work at half load."""

_BUSY = 10

Figures = dict[str, float]


@contextlib.contextmanager
def _served(folder: Path, protocol: ClientProtocol, centre: MessageCentre, window: int) -> Iterator[tuple[Measured, int]]:
    """A fresh installation with one listener, and its port."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    (port,) = free_ports(1)
    with Measured(folder / "data", centre=centre, window=window) as installation:
        where = f"--address 127.0.0.1 --port {port} --connections-most 2000"
        installation.command(*f"listener add in --protocol {protocol.name} {where}".split())
        bounds = f"--sessions-most 1000 --window-in {WINDOW} --window-out {WINDOW}"
        installation.command(*f"account set {ACCOUNT} --protocol {protocol.name} {bounds}".split())
        installation.start()
        yield installation, port
        installation.stop()
    shutil.rmtree(folder / "data", ignore_errors=True)


def by_sessions(folder: Path, protocol: ClientProtocol, messages: int, half_rate: float, rate_s: float, window: int) -> Figures:
    """As fast as the answers come, then at half load beside sessions that sleep."""
    build()
    with MessageCentre() as centre, _served(folder, protocol, centre, window) as (installation, port):
        flood(port, protocol, 500, 60_000_000, sessions=SESSIONS, window=WINDOW)
        centre.reset()
        cpu, began = installation.cpu_s(), time.monotonic()
        full = flood(port, protocol, messages, 1, sessions=SESSIONS, window=WINDOW)
        spent = installation.cpu_s() - cpu
        stats = centre.stats()
        arrived = centre.arrived(1, messages)
        before = installation.resident_mib()
        half = flood(
            port, protocol, int(half_rate * rate_s), messages + 1, sessions=_BUSY, idle=ASLEEP, window=WINDOW, rate=half_rate
        )
        grown = installation.resident_mib() - before
    return {
        "accepted/s": full["ok"] / full["elapsed"],
        "sent/s": stats["submits"] / (stats["last_us"] / 1e6 - began),
        "reported/s": full["reports"] / full["reports_s"] if full["reports_s"] else 0.0,
        "CPU µs/message": spent / max(1, full["ok"]) * 1e6,
        "accept p50 ms": full["p50_us"] / 1e3,
        "accept p99 ms": full["p99_us"] / 1e3,
        "not accepted": full["err"],
        "missing": sum(1 for times in arrived if not times),
        "doubled": stats["dup"],
        "not reported": full["ok"] - full["reports"],
        f"half load beside {ASLEEP} asleep: p50 ms": half["p50_us"] / 1e3,
        f"half load beside {ASLEEP} asleep: p99 ms": half["p99_us"] / 1e3,
        f"{ASLEEP + _BUSY} binds s": half["binds_s"],
        "MiB grown by them": grown,
    }
