"""What people write for simulators, a list of rules or of steps, in TOML or JSON."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any


class TableError(ValueError):
    """A file that makes no sense; the message says where and why, in one line for people."""


def read_tables(text: str) -> dict[str, Any]:
    """Reads TOML, or JSON if it begins with a brace. raises: TableError"""
    try:
        tables: dict[str, Any] = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise TableError(f"neither TOML nor JSON: {error}") from error
    return tables


def check_kinds(table: Mapping[str, Any], of: type, where: str) -> None:
    """Check that each key names a field of a dataclass, and has a value of its type. raises: TableError"""
    kinds = {field.name: field.type for field in fields(of)}
    for name, value in table.items():
        if name not in kinds:
            raise TableError(f"{where}: unknown key `{name}`; there are {', '.join(kinds)}")
        wanted = (int, float) if kinds[name] is float else kinds[name]
        if isinstance(value, bool) or not isinstance(value, wanted):  # type: ignore[arg-type]
            raise TableError(f"{where}: `{name}` is {value!r}, not {getattr(kinds[name], '__name__', kinds[name])}")
