"""What is to be measured: the options of `python -m bench.run`, and the sizes of a run from them."""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from bench.hostile_sessions import KINDS
from bench.kannel import is_installed
from bench.lines import LINES
from bench.plan import Plan
from bench.pythons import has_newer
from bench.tools import BUILD


def read_options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench", description="Measure the chosen lines, print them beside the peers, and write a file of JSON."
    )
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


def plan_of(chosen: argparse.Namespace, folder: Path) -> Plan:
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
