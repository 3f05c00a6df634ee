"""What a simulated customer does on its session, as a list of steps in TOML or JSON: each begins when the one before is over.

    [[step]]
    do = "submit"      # so many texts, and wait for their answers
    count = 100
    rate = 50          # a second; without it as fast as the window allows
    to = "138{n:08}"   # n counts from 0 over all steps
    text = "您好"

    [[step]]
    do = "silent"      # from now on no delivery is answered

`STEP_ACTIONS` lists what a step can do and what else it may say.
"""

from dataclasses import dataclass
from typing import Any

from hongyan.sim.tables import TableError, check_kinds, read_tables

STEP_ACTIONS: dict[str, frozenset[str]] = {
    "submit": frozenset({"count", "rate", "to", "text"}),
    "flood": frozenset({"count", "to", "text"}),  # without regard to any window
    "wait": frozenset({"seconds"}),
    "silent": frozenset(),
    "refuse": frozenset({"code"}),  # from now on each delivery is answered with this status
    "answer": frozenset(),  # from now on each is answered with success
    "foreign": frozenset({"count"}),  # answers to what nobody asked
    "garbage": frozenset({"octets"}),  # octets that are no frames, in hexadecimal digits
    "half-open": frozenset(),  # nothing is read any more
    "drip": frozenset({"text", "to"}),  # a submit, one octet at a time
    "binds": frozenset({"count"}),  # logins one after the other, each broken at once
    "disconnect": frozenset(),  # break, and log in again
    "logout": frozenset(),  # log out, and log in again
}


@dataclass(frozen=True, slots=True)
class Step:
    do: str
    count: int = 1
    rate: float = 0.0
    to: str = "138{n:08}"
    text: str = "您好"
    seconds: float = 1.0
    code: int = 8
    octets: str = "ff" * 64


def read_steps(text: str) -> list[Step]:
    """Reads steps in TOML or JSON. raises: TableError"""
    steps = read_tables(text).get("step")
    if not isinstance(steps, list) or not steps:
        raise TableError("the file holds no [[step]]")
    return [_read_step(f"step {place}", one) for place, one in enumerate(steps, 1)]


def _read_step(where: str, table: Any) -> Step:
    """raises: TableError"""
    if not isinstance(table, dict) or table.get("do") not in STEP_ACTIONS:
        raise TableError(f"{where}: `do` is one of {', '.join(STEP_ACTIONS)}")
    action = table["do"]
    if unknown := sorted(table.keys() - STEP_ACTIONS[action] - {"do"}):
        raise TableError(f"{where}: {action} knows no {', '.join(unknown)}")
    check_kinds(table, Step, where)
    if not _is_hex(table.get("octets", "")):
        raise TableError(f"{where}: octets are not {table['octets']!r}")
    return Step(**table)


def _is_hex(digits: str) -> bool:
    try:
        bytes.fromhex(digits)
    except ValueError:
        return False
    return True
