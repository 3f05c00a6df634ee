"""Work shown step by step: a name and a value each, in full and unwrapped, so that any of them can be copied."""

from collections.abc import Mapping

from rich.cells import cell_len, set_cell_size

from hongyan.cli.out import print_json, print_text
from hongyan.i18n import column_head

_MOST_OCTETS = 4_096
"""How many octets of a step are shown; a batch may have millions."""


def print_steps(steps: Mapping[str, object], *, as_json: bool) -> None:
    """Print one object, or a line for each step."""
    if as_json:
        print_json(dict(steps))
        return
    titles = {name: column_head(name) for name in steps}
    width = max(map(cell_len, titles.values()))
    for name, value in steps.items():
        print_text(f"{set_cell_size(titles[name], width)}  {value}")


def hexadecimal(octets: bytes) -> str:
    """Returns octets as the manuals show them: 7B 22 55."""
    shown = octets[:_MOST_OCTETS].hex(" ").upper()
    return shown if len(octets) <= _MOST_OCTETS else f"{shown} … {len(octets)} octets"
