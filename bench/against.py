"""Two measured under the same load at the same time, so that the machine's swings hit both alike.

`--against REVISION`: a line beside the same of an older revision. `--beside LINE`: beside another line of this one. `--compiled`: the same
line of this one, interpreted and compiled; with `--against`, ours is the compiled one.

A shared machine may lose half of its speed within minutes, and then runs in turn compare two hours of the machine. At the same
time each product gets half of the machine: the figures are low, and their ratio holds. What uses the whole machine, as two processes
use both cores, has nothing to gain on half of it: its rates are compared in turn, round by round, and only roughly.
"""

import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from bench.compiled import compiled_package
from bench.tools import BUILD, ROOT

Options = Sequence[str]  # sizes, as both revisions understand them
Pairs = dict[tuple[str, str], list[tuple[float, float]]]  # line, figure → (the other's value, ours) a run
Lines = Sequence[tuple[str, str]]  # ours, and that of an older revision which it is compared with


@dataclass(frozen=True, slots=True)
class Side:
    """root: a tree. line: that is measured there. package: the folder that has its `hongyan`; None is that of its sources"""

    root: Path
    line: str
    package: Path | None = None


_SAME = {"reported/s": "pushed/s"}  # figures of one meaning: the whole way, reports back at the customer's


def against(
    revision: str,
    lines: Lines,
    runs: int,
    options: Options,
    console: Console,
    *,
    is_compiled: bool = False,
    in_turn: bool = False,
) -> Pairs:
    """Measure both, the older one interpreted; raises CalledProcessError where a revision does not exist, one of them cannot be built, or a
    line fails.
    """
    older, package = _checked_out(revision), compiled_package() if is_compiled else None
    sides = [(Side(older, then), Side(ROOT, line, package)) for line, then in lines]
    return _compared(sides, runs, options, console, in_turn=in_turn)


def beside(other: str, lines: Sequence[str], runs: int, options: Options, console: Console, *, in_turn: bool = False) -> Pairs:
    """Measure each line beside another one of this tree; raises CalledProcessError where one fails."""
    return _compared([(Side(ROOT, other), Side(ROOT, line)) for line in lines], runs, options, console, in_turn=in_turn)


def compiled(lines: Sequence[str], runs: int, options: Options, console: Console, *, in_turn: bool = False) -> Pairs:
    """Measure each line interpreted and compiled; raises CalledProcessError where the wheel cannot be built, or a line fails."""
    package = compiled_package()
    return _compared([(Side(ROOT, line), Side(ROOT, line, package)) for line in lines], runs, options, console, in_turn=in_turn)


def _compared(sides: Sequence[tuple[Side, Side]], runs: int, options: Options, console: Console, *, in_turn: bool) -> Pairs:
    pairs: Pairs = {}
    for other, ours in sides:
        for run in range(runs):
            for figure, values in _both(other, ours, options, in_turn=in_turn).items():
                pairs.setdefault((ours.line, figure), []).append(values)
            console.print(f"{ours.line} {run + 1}/{runs}")
    return pairs


def print_pairs(other: str, pairs: Pairs) -> None:
    """Medians of both, and the median and range of the ratios of the runs. other: a revision, a line, or how it is run"""
    table = Table(title=f"Hongyan beside {other}")
    for heading in ("line", "figure", other, "now", f"now ÷ {other}", "range"):
        table.add_column(heading, justify="left" if heading in {"line", "figure"} else "right")
    for (line, figure), values in pairs.items():
        ratios = [now / then for then, now in values if then]
        medians = [f"{statistics.median(side):,.2f}" for side in zip(*values, strict=True)]
        found = (f"{statistics.median(ratios):.3f}", f"{min(ratios):.3f} – {max(ratios):.3f}") if ratios else ("", "")
        table.add_row(line, figure, *medians, *found)
    Console(width=140).print(table)


def _checked_out(revision: str) -> Path:
    """The files of a revision in a folder of their own, with an environment."""
    name = subprocess.check_output(["git", "rev-parse", "--verify", f"{revision}^{{commit}}"], cwd=ROOT, text=True).strip()
    folder = BUILD.parent / "against" / name[:12]
    if not folder.exists():
        files = subprocess.check_output(["git", "archive", name], cwd=ROOT)
        folder.mkdir(parents=True)
        subprocess.run(["tar", "-x"], cwd=folder, input=files, check=True)
    subprocess.run(["make", ".venv/.dev"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder


def _both(other: Side, ours: Side, options: Options, *, in_turn: bool) -> dict[str, tuple[float, float]]:
    """The figures of one run; 0 for the other one where it does not know one."""
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        reports = [Path(folder, side) for side in ("other", "ours")]
        sides = zip((other, ours), reports, strict=True)
        if in_turn:
            for side, report in sides:
                _await_end([_start(side, options, report)])
        else:
            _await_end([_start(side, options, report) for side, report in sides])
        then, now = (
            _named(orjson.loads(report.read_bytes())["results"][side.line])
            for report, side in zip(reports, (other, ours), strict=True)
        )
    return {figure: (then.get(figure, [0.0])[0], values[0]) for figure, values in now.items()}


def _await_end(measuring: Sequence[subprocess.Popen[str]]) -> None:
    """raises: CalledProcessError"""
    said = [process.communicate()[1] for process in measuring]
    for process, words in zip(measuring, said, strict=True):
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args, stderr=words)


def _named(figures: dict[str, list[float]]) -> dict[str, list[float]]:
    return {_SAME.get(figure, figure): values for figure, values in figures.items()}


def _start(side: Side, options: Options, report: Path) -> subprocess.Popen[str]:
    command: list[str | Path] = [
        side.root / ".venv/bin/python",
        "-m",
        "bench.run",
        "--lines",
        side.line,
        "--runs",
        "1",
        *options,
        "--json",
        report,
    ]
    environment = os.environ | ({"PYTHONPATH": str(side.package)} if side.package else {})
    return subprocess.Popen(
        command, cwd=side.root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
