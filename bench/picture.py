"""`python -m bench.picture`: draw bars from build/bench.json into docs/pictures/speed.svg.

The lines `end`, `postgres` and `kannel` must have been measured in one run; Jasmin's figures are those of `bench.peers`.
"""

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.peers import JASMIN
from bench.tools import BUILD, ROOT

NEEDED = ("end", "postgres", "kannel")
WIDTH, LEFT, ROW, TOP = 900, 270, 34, 74
LONGEST = WIDTH - LEFT - 120
"""Pixels of the longest bar."""

HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc" \
font-family="ui-sans-serif, system-ui, 'Segoe UI', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif">
  <title id="title">Messages with receipts and callbacks: rate and CPU</title>
  <desc id="desc">{said}</desc>
  <style>
    .sheet {{ fill: #ffffff; }} .ours {{ fill: #2b63b0; }} .theirs {{ fill: #9aa7b8; }}
    .head {{ fill: #17202c; font-size: 16px; font-weight: 600; }} .name {{ fill: #17202c; font-size: 14px; text-anchor: end; }}
    .value {{ fill: #17202c; font-size: 14px; }} .note {{ fill: #44525f; font-size: 12px; }}
    @media (prefers-color-scheme: dark) {{
      .sheet {{ fill: #12171e; }} .ours {{ fill: #7fb0f2; }} .theirs {{ fill: #57667a; }}
      .head, .name, .value {{ fill: #f2f5f9; }} .note {{ fill: #c0cad6; }}
    }}
  </style>
  <rect class="sheet" width="{width}" height="{height}" rx="10"/>
"""


class Bar(NamedTuple):
    name: str
    value: float
    is_ours: bool


def main(words: Sequence[str] | None = None) -> int:
    """Exit codes: 0 drawn, 2 a line is missing in the report."""
    parser = argparse.ArgumentParser("bench.picture", description=__doc__)
    parser.add_argument("--json", type=Path, default=BUILD.parent / "bench.json")
    parser.add_argument("--svg", type=Path, default=ROOT / "docs" / "pictures" / "speed.svg")
    chosen = parser.parse_args(words)
    report = orjson.loads(chosen.json.read_bytes())
    if missing := [name for name in NEEDED if name not in report["results"]]:
        parser.error(f"{chosen.json} has no line {', '.join(missing)}: make bench ARGS='--lines {','.join(NEEDED)}'")
    chosen.svg.write_text(picture(report), encoding="utf-8")
    return 0


def picture(report: Mapping[str, Any]) -> str:
    """The whole SVG: a group of bars for each figure."""
    groups = [
        ("messages a second, end to end · 每秒条数", bars(report["results"], "pushed/s")),
        ("CPU, µs a message, all processes · 每条 CPU 微秒", bars(report["results"], "CPU µs/message")),
    ]
    said = "; ".join(f"{bar.name}: {bar.value:,.0f} {title}" for title, rows in groups for bar in rows)
    drawn, y = [], 30
    for title, rows in groups:
        drawn += _group(title, rows, y)
        y += TOP - 30 + ROW * len(rows)
    machine = report["machine"]
    note = f"{machine['cores']} cores, {machine['processor']}, shared with load and centre; fsync on, but for Kannel, which has none"
    drawn.append(_text("note", 24, y, note))
    return HEAD.format(width=WIDTH, height=y + 20, said=said) + "\n".join(drawn) + "\n</svg>\n"


def bars(results: Mapping[str, Mapping[str, Sequence[float]]], figure: str) -> list[Bar]:
    """The medians of ours and of the peers."""
    lines = (
        ("Hongyan, SQLite", "end", True),
        ("Hongyan, PostgreSQL, 2 processes", "postgres", True),
        ("Kannel, same run", "kannel", False),
    )
    measured = [Bar(name, _median(results[line], figure), is_ours) for name, line, is_ours in lines]
    return [*measured, Bar("Jasmin, its own run", JASMIN[figure], is_ours=False)]


def _median(figures: Mapping[str, Sequence[float]], figure: str) -> float:
    """A figure that a line has by process is their sum."""
    return sum(statistics.median(values) for name, values in figures.items() if name.endswith(figure))


def _group(title: str, rows: Sequence[Bar], y: int) -> list[str]:
    longest = max(bar.value for bar in rows)
    drawn = [_text("head", 24, y, title)]
    for place, bar in enumerate(rows):
        top = y + 14 + ROW * place
        width = max(2.0, LONGEST * bar.value / longest)
        kind = "ours" if bar.is_ours else "theirs"
        drawn.append(_text("name", LEFT - 12, top + 17, bar.name))
        drawn.append(f'  <rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="24" rx="3"/>')
        drawn.append(_text("value", LEFT + width + 8, top + 17, f"{bar.value:,.0f}"))
    return drawn


def _text(kind: str, x: float, y: float, words: str) -> str:
    return f'  <text class="{kind}" x="{x:.1f}" y="{y:.1f}">{words}</text>'


if __name__ == "__main__":
    sys.exit(main())
