"""Options of the command line, made from the description of fields, so that `add` and `set` have the same ones."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, TypeVar

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import argument, option
from hongyan.model.fields import Change, Field, fields_of, in_groups
from hongyan.model.kinds import MOMENT, Kind, word_of
from hongyan.model.times import moment_ms

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Flag:
    """The option of a field, if it is not simply the field's name; "" makes it an argument."""

    name: str
    scale: int = 1  # how many of the field's units one unit of the option is
    read: Callable[[Any], Any] = lambda text: text  # turns what is typed into what the field takes


def options_of(
    change: type[Change], flags: Mapping[str, Flag | None], called: str = ""
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Give a command an option for every field; the command gets the change as its parameter `change`.

    A command that adds values of its own has a parameter `values` instead: what was typed, by field.

    flags:  by field; None: no option
    called: the parameter that gets the change, if not `change`; so a command may take several
    """
    fields = {
        field.name: (field, flags.get(field.name) or Flag(_usual(field)))
        for field in in_groups(change, fields_of(change))
        if flags.get(field.name, field)
    }

    def declare(do: Callable[..., Result]) -> Callable[..., Result]:
        signature = inspect.signature(do)
        parameter = called or ("change" if "change" in signature.parameters else "values")

        @wraps(do)
        def run(**given: Any) -> Result:
            values = {name: given.pop(name) for name in fields}
            values = {name: _read(value, *fields[name]) for name, value in values.items() if value is not None and value != []}
            return do(**{parameter: values if parameter == "values" else change(**values)}, **given)

        of_fields = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=_annotation(field, flag)
            )
            for name, (field, flag) in fields.items()
        ]
        others = [
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for name, one in signature.parameters.items() if name != parameter
        ]
        at = list(signature.parameters).index(parameter)
        parameters = [*others[:at], *of_fields, *others[at:]]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return declare


def check_named(*changes: Change) -> None:
    """Refuse to change nothing. raises: Stop USAGE"""
    if not any(change.given() for change in changes):
        raise Stop(
            Exit.USAGE, "nothing is named that would change", "the options of the command say what can be changed: --help"
        )


def _usual(field: Field) -> str:
    name = field.name.replace("_", "-")
    return f"--{name}/--no-{name}" if field.kind.of is bool else f"--{name}"


def _read(value: Any, field: Field, flag: Flag) -> Any:
    if field.kind is MOMENT:
        return moment_ms(value, flag.name)
    return value * flag.scale if flag.scale != 1 else flag.read(value)


def _annotation(field: Field, flag: Flag) -> Any:
    kind, bounds = field.kind, dict[str, Any]()
    if kind is MOMENT:
        bounds = {"metavar": "MOMENT"}
    elif kind.least is not None and kind.most is not None:
        bounds = {"min": kind.of(kind.least / flag.scale), "max": kind.of(kind.most / flag.scale)}
    taken = type_of(kind) if field.is_required else type_of(kind) | None
    if not flag.name:
        return Annotated[taken, argument(field.help, **bounds)]
    return Annotated[taken, option(field.help, flag.name, rich_help_panel=field.group or None, **bounds)]


def _default(field: Field) -> Any:
    return inspect.Parameter.empty if field.is_required else None


def type_of(kind: Kind) -> Any:
    """Returns the type of an option of this kind."""
    if kind is MOMENT:
        return str
    one: Any = (
        kind.of if kind.words is None else StrEnum(kind.words.__name__, {word.name: word_of(word) for word in kind.words})
    )
    return list[one] if kind.is_list else one
