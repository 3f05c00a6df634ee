"""`python -m bench.run`: measure the chosen lines, print them beside the peers, write build/bench.json.

With `--against REVISION` an older revision is measured at the same time, with `--compiled` the same one compiled by mypyc, and ratios
are printed instead.
"""

import argparse
import dataclasses
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from bench.against import against, beside, compiled, print_pairs
from bench.hostile_sessions import KINDS
from bench.kannel import is_installed
from bench.lines import LINES, Figures, Line, Plan
from bench.peers import GOALS, PEERS, SOURCE
from bench.pythons import has_newer
from bench.tools import BUILD, NoCompilerError, build

Results = dict[str, dict[str, list[float]]]  # line → figure → one value a run


def main(words: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 a line failed, 2 wrong usage."""
    chosen = _options(words)
    console = Console(stderr=True)
    try:
        build()
    except NoCompilerError as error:
        console.print(f"[red]{error}")
        return 1
    return _compare(chosen, console) if chosen.against or chosen.beside or chosen.compiled else _measure_alone(chosen, console)


def _compare(chosen: argparse.Namespace, console: Console) -> int:
    sizes = {name: getattr(chosen, name) for name in ("messages", "numbers", "connections", "seconds", "rate")}
    options = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    try:
        if chosen.against:
            lines = [(line.name, line.then or line.name) for line in chosen.lines]
            pairs = against(
                chosen.against,
                lines,
                chosen.runs,
                options,
                console,
                is_compiled=chosen.compiled,
                in_turn=chosen.in_turn,
            )
        elif chosen.compiled:
            pairs = compiled([line.name for line in chosen.lines], chosen.runs, options, console, in_turn=chosen.in_turn)
        else:
            names = [line.name for line in chosen.lines]
            pairs = beside(chosen.beside, names, chosen.runs, options, console, in_turn=chosen.in_turn)
    except subprocess.CalledProcessError as error:
        console.print(f"[red]{' '.join(map(str, error.cmd))}: exit code {error.returncode}\n{error.stderr or ''}")
        return 1
    print_pairs(chosen.against or chosen.beside or "interpreted", pairs)
    return 0


def _measure_alone(chosen: argparse.Namespace, console: Console) -> int:
    with tempfile.TemporaryDirectory(prefix="run-", dir=BUILD) as folder:
        plan = _plan(chosen, Path(folder))
        machine = _machine(plan.folder)
        results, failures = _measure(chosen.lines, plan, chosen.runs, console)
    _print(results, machine)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    sizes = {name: value for name, value in vars(chosen).items() if name not in {"lines", "json"}}
    report = {"machine": machine, "sizes": sizes, "results": results, "failures": failures, "peers": SOURCE}
    chosen.json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return 1 if failures else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench", description=__doc__)
    names = [line.name for line in LINES]
    parser.add_argument(
        "--lines",
        help=f"comma separated, of: {', '.join(names)}; default: all but memory, stored, hostile-in and what is not there",
    )
    parser.add_argument("--runs", type=int, default=3, help="of each line; the table shows the median and the range")
    parser.add_argument("--messages", type=int, default=100_000, help="single-number requests in a run")
    parser.add_argument("--numbers", type=int, default=100_000, help="numbers of the one task")
    parser.add_argument("--connections", type=int, default=64, help="that the requests come on")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long a fixed rate is kept")
    parser.add_argument("--rate", type=float, default=0.0, help="at half load; default: half of what `end` reached")
    parser.add_argument(
        "--stored", type=int, default=10_000_000, help="messages that are there beforehand in the line `stored`"
    )
    parser.add_argument(
        "--against", metavar="REVISION", default="", help="measure an older revision at the same time, and print ratios"
    )
    parser.add_argument(
        "--beside", metavar="LINE", choices=names, default="", help="measure another line at the same time, and print ratios"
    )
    parser.add_argument(
        "--compiled",
        action="store_true",
        help="measure the lines interpreted and compiled at the same time, and print ratios; with --against: ours compiled",
    )
    parser.add_argument(
        "--in-turn",
        action="store_true",
        help="with --against, --beside or --compiled: one after the other, each with the whole machine",
    )
    parser.add_argument(
        "--kinds",
        default="",
        help=f"of the line `hostile-in`, comma separated; default: all of {', '.join(KINDS)}",
    )
    parser.add_argument("--pairs", type=int, default=8, help="of each kind of `hostile-in`, of eleven seconds each")
    parser.add_argument("--python", default="", help="of the line `pythons`; default: the newest on PATH")
    parser.add_argument("--short", action="store_true", help="one run of small sizes, a minute or two; a look, not a figure")
    parser.add_argument(
        "--long",
        action="store_true",
        help="also `memory`, with a million messages, `stored`, beside ten million, and `hostile-in`, three quarters of an hour",
    )
    parser.add_argument("--json", type=Path, default=BUILD.parent / "bench.json")
    chosen = parser.parse_args(words)
    if chosen.short:
        chosen.runs, chosen.messages, chosen.numbers, chosen.seconds = 1, 10_000, 20_000, 3.0
    is_wanted = {
        "memory": chosen.long,
        "hostile-in": chosen.long,
        "stored": chosen.long,
        "kannel": is_installed(),
        "pythons": has_newer(chosen.python),
    }
    left_out = {name for name in names if not is_wanted.get(name, True)}
    wanted = chosen.lines.split(",") if chosen.lines else [name for name in names if name not in left_out]
    if unknown := set(wanted) - set(names):
        parser.error(f"no such line: {', '.join(sorted(unknown))}")
    chosen.lines = [line for line in LINES if line.name in wanted]
    chosen.kinds = chosen.kinds.split(",") if chosen.kinds else []
    if unknown := set(chosen.kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    return chosen


def _plan(chosen: argparse.Namespace, folder: Path) -> Plan:
    plan = Plan(
        folder,
        chosen.messages,
        chosen.numbers,
        connections=chosen.connections,
        rate_s=chosen.seconds,
        stored=chosen.stored,
        python=chosen.python,
        kinds=chosen.kinds,
        pairs=chosen.pairs,
    )
    plan = dataclasses.replace(plan, half_rate=chosen.rate) if chosen.rate else plan
    return plan if chosen.long or not chosen.short else dataclasses.replace(plan, memory_messages=50_000)


def _measure(lines: Sequence[Line], plan: Plan, runs: int, console: Console) -> tuple[Results, dict[str, str]]:
    """Run each line so often; a line that fails is named with its error and the others go on."""
    results: Results = {}
    failures: dict[str, str] = {}
    for line in lines:
        try:
            results[line.name] = _repeat(line, plan, runs, console)
        except Exception as error:  # noqa: BLE001  whatever broke this line is printed, and is no reason to lose the others
            failures[line.name] = f"{type(error).__name__}: {error}"
            console.print(f"[red]{line.name}: {failures[line.name]}")
        if line.name == "end" and "end" in results:
            plan = dataclasses.replace(plan, half_rate=statistics.median(results["end"]["pushed/s"]) / 2)
    return results, failures


def _repeat(line: Line, plan: Plan, runs: int, console: Console) -> dict[str, list[float]]:
    figures: dict[str, list[float]] = {}
    for run in range(runs):
        began = time.monotonic()
        once: Figures = line.measure(plan)
        for name, value in once.items():
            figures.setdefault(name, []).append(round(value, 3))
        console.print(f"{line.name} {run + 1}/{runs}: {time.monotonic() - began:.0f} s")
    return figures


def _machine(folder: Path) -> dict[str, Any]:
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


def _print(results: Results, machine: dict[str, Any]) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
