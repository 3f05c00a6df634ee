"""What a simulated customer does on its session, as a list of steps in TOML or JSON: each begins when the one before is over.

    [[step]]
    do = "submit"      # so many texts, and wait for their answers
    count = 100
    rate = 50          # a second; without it as fast as the window allows
    to = "138{n:08}"   # n counts from 0 over all steps
    text = "您好"

    [[step]]
    do = "silent"      # from now on no delivery is answered

`DOINGS` lists what a step can do and what else it may say.
"""

import json
import tomllib
from dataclasses import dataclass, fields
from typing import Any

DOINGS: dict[str, frozenset[str]] = {
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


class StepsError(ValueError):
    """A list of steps that makes no sense; the message is one line for people."""


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
    """raises: StepsError"""
    try:
        given = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise StepsError(f"the file is neither TOML nor JSON: {error}") from error
    steps = given.get("step")
    if not isinstance(steps, list) or not steps:
        raise StepsError("the file holds no [[step]]")
    return [_step(number, one) for number, one in enumerate(steps, 1)]


def _step(number: int, given: Any) -> Step:
    doing = given.get("do") if isinstance(given, dict) else None
    if doing not in DOINGS:
        raise StepsError(f"step {number}: do is one of {', '.join(DOINGS)}")
    if unknown := sorted(given.keys() - DOINGS[doing] - {"do"}):
        raise StepsError(f"step {number}: {doing} knows no {', '.join(unknown)}")
    kinds = {field.name: type(field.default) for field in fields(Step) if field.name != "do"}
    for name, value in given.items():
        if name != "do" and not isinstance(value, (int, float) if kinds[name] is float else kinds[name]):
            raise StepsError(f"step {number}: {name} is not {value!r}")
    if not _is_hex(given.get("octets", "")):
        raise StepsError(f"step {number}: octets are not {given['octets']!r}")
    return Step(**given)


def _is_hex(digits: str) -> bool:
    try:
        bytes.fromhex(digits)
    except ValueError:
        return False
    return True
