"""What was measured, as a table, with the machine that it was measured on."""

import os
import platform
import sqlite3
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.lines import LINES
from bench.peers import GOALS, PEERS, SOURCE

Results = dict[str, dict[str, list[float]]]  # line → figure → one value a run


def describe_machine(folder: Path) -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "fsync_ms": round(_fsync_ms(folder), 3),
        "fsync": "on: a commit is answered after it is synced; PostgreSQL: fsync and synchronous_commit",
    }


def _processor() -> str:
    for row in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    return platform.machine()


def _fsync_ms(folder: Path) -> float:
    """The median of writing and syncing one block on the disk that is measured."""
    times = []
    with (folder / "probe").open("wb", buffering=0) as probe:
        for _ in range(50):
            began = time.perf_counter()
            probe.write(bytes(4096))
            os.fsync(probe.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


def print_results(results: Results, machine: dict[str, Any]) -> None:
    table = Table(title="Hongyan, measured", caption=f"{machine}\npeers: {SOURCE}", caption_justify="left")
    for heading in ("line", "figure", "median", "range", "goal", "peers"):
        table.add_column(heading, justify="right" if heading in {"median", "range"} else "left")
    titles = {line.name: line.title for line in LINES}
    for name, figures in results.items():
        for row, (figure, values) in enumerate(figures.items()):
            key = (name, figure)
            spread = f"{_show(min(values))} – {_show(max(values))}" if len(values) > 1 else ""
            title, median = "" if row else titles[name], _show(statistics.median(values))
            table.add_row(title, figure, median, spread, GOALS.get(key, ""), PEERS.get(key, ""))
        table.add_section()
    Console(width=None if sys.stdout.isatty() else 180).print(table)


def _show(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"
