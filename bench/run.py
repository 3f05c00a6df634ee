"""`python -m bench.run`: measure the chosen lines, print them beside the peers, write build/bench.json.

With `--against REVISION` an older revision is measured at the same time, with `--compiled` the same one compiled by mypyc, and ratios
are printed instead.
"""

import argparse
import dataclasses
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
from rich.console import Console

from bench.against import against, beside, compiled, print_pairs
from bench.options import plan_of, read_options
from bench.peers import SOURCE
from bench.plan import Figures, Line, Plan
from bench.report import Results, describe_machine, print_results
from bench.tools import BUILD, NoCompilerError, build


def main(words: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 a line failed, 2 wrong usage."""
    chosen = read_options(words)
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
        plan = plan_of(chosen, Path(folder))
        machine = describe_machine(plan.folder)
        results, failures = _measure(chosen.lines, plan, chosen.runs, console)
    print_results(results, machine)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    sizes = {name: value for name, value in vars(chosen).items() if name not in {"lines", "json"}}
    report = {"machine": machine, "sizes": sizes, "results": results, "failures": failures, "peers": SOURCE}
    chosen.json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return 1 if failures else 0


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


if __name__ == "__main__":
    sys.exit(main())
