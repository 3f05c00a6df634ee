"""The help of a noun or a verb, in the person's language.

Names of options are never cut, whatever the width: one that is longer than its column stands alone, with its text below. Examples
keep their line, so that they can be pasted.
"""

import io
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hongyan.i18n import N_, _, choice_word

_COLUMN = 24
"""Cells for the names; longer ones stand alone."""

_WORDS_MOST = 60
"""Cells of the words that a value may be, beside the name; if they need more, they stand in the text."""

_TYPERS = (
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)
"""Texts of Typer's own options."""

Parameter = Any
"""An option or an argument, as Typer has it."""

Entry = tuple[str, str]
"""A name and its explanation."""


def help_of(command: Any, ctx: typer.Context, width: int) -> str:
    """Returns the help of a command, as lines of so many cells at most; names and examples may be longer."""
    parameters = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    groups: list[tuple[str, list[Entry]]] = [
        (_("Arguments:"), [_entry(one) for one in parameters if one.param_type_name == "argument"]),
        *_options(parameters),
        (_("Commands:"), [(name, one.help or "") for name, one in getattr(command, "commands", {}).items()]),
    ]
    console = Console(file=io.StringIO(), width=width)
    lines = [usage_of(command, ctx), "", *_wrapped(console, command.help or "", width)]
    for title, entries in groups:
        if entries:
            lines += ["", title, *_listed(console, entries)]
    title, *examples = (command.epilog or "").split("\n\n")
    if examples:
        lines += ["", title, *(f"  {line}" for line in examples)]
    return "\n".join(lines)


def _options(parameters: Iterable[Parameter]) -> Iterator[tuple[str, list[Entry]]]:
    """Yields the options by their groups, as forms on pages have them; those of no group come last."""
    by_group: dict[str, list[Entry]] = {}
    for one in parameters:
        if one.param_type_name == "option":
            by_group.setdefault(getattr(one, "rich_help_panel", None) or "", []).append(_entry(one))
    others = by_group.pop("", [])
    yield from ((_("{group}:", group=_(group)), entries) for group, entries in by_group.items())
    yield _("Options:"), others


def usage_of(command: Any, ctx: typer.Context) -> str:
    """Returns Usage: hongyan account show [OPTIONS] NAME."""
    arguments = [one for one in command.get_params(ctx) if one.param_type_name == "argument"]
    names = [name_of(one) if one.required else f"[{name_of(one)}]" for one in arguments]
    words = [ctx.command_path, _("[OPTIONS]"), *names]
    words += [_("COMMAND …")] if hasattr(command, "commands") else []
    return _("Usage: {command}", command=" ".join(words))


def name_of(parameter: Parameter) -> str:
    """Returns --most, or NAME for an argument, with … if it may be repeated."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    name = str(parameter.name).rstrip("_")  # behind the names of filters, some of which Python reserves
    return name.upper() + ("…" if parameter.nargs != 1 else "")


def words_of(parameter: Parameter) -> list[str]:
    """Returns the words that a value may be; none if it is no choice."""
    return [str(one.value if isinstance(one, Enum) else one) for one in parameter.type_descriptor.choices or ()]


def wanted_of(parameter: Parameter) -> str:
    """Returns what a value may be: N, TEXT, FILE, or the words."""
    descriptor = parameter.type_descriptor
    if words := words_of(parameter):
        return "|".join(words)
    kinds = {descriptor.annotation, *get_args(descriptor.annotation)}
    return _("N") if kinds & {int, float} else _("FILE") if Path in kinds else parameter.metavar or _("TEXT")


def range_of(parameter: Parameter) -> str:
    """Returns 1 to 100, or nothing."""
    least, most = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if least is not None and most is not None:
        return _("{least} to {most}", least=least, most=most)
    return "" if least is None else _("{least} or more", least=least)


def _entry(parameter: Parameter) -> Entry:
    name, is_whole = _named(parameter)
    words, required = _choices_text(parameter, is_needed=not is_whole), _("required") if parameter.required else ""
    notes = [words, range_of(parameter), _default_of(parameter), required]
    noted = "; ".join(note for note in notes if note)
    return name, _(parameter.help or "") + (f" [{noted}]" if noted else "")


def _choices_text(parameter: Parameter, *, is_needed: bool) -> str:
    """Returns the words that a value may be, each with its meaning where the person's language is not that of the words.

    is_needed: also if they have no meaning beside themselves, since they stand nowhere else
    """
    words = words_of(parameter)
    texts = [_choice_text(str(parameter.name).rstrip("_"), word) for word in words]
    return ", ".join(texts) if is_needed or texts != words else ""


def _choice_text(name: str, word: str) -> str:
    meaning = choice_word(name, word)
    return word if meaning.isascii() else f"{word} {meaning}"


def _named(parameter: Parameter) -> tuple[str, bool]:
    """Returns the name with what a value may be, and whether that stands there: an argument and many words have no room."""
    if parameter.param_type_name == "argument":
        return name_of(parameter), False
    name = " / ".join([", ".join(sorted(parameter.opts, key=len)), *parameter.secondary_opts])
    if parameter.is_flag:
        return name, True
    wanted = wanted_of(parameter)
    if cell_len(wanted) > _WORDS_MOST:
        return f"{name} {_('WORD')}", False
    return f"{name} {wanted}", True


def _default_of(parameter: Parameter) -> str:
    value = parameter.default
    if not parameter.show_default or value in {None, "", False} or parameter.is_eager or callable(value):
        return ""
    return _("default {value}", value=value.value if isinstance(value, Enum) else value)


def _listed(console: Console, entries: list[Entry]) -> Iterator[str]:
    column = min(max(cell_len(name) for name, _ in entries), _COLUMN)
    indent = " " * (column + 4)
    for name, groups in entries:
        lines = list(_wrapped(console, groups, console.width - len(indent)))
        if cell_len(name) > column:
            yield f"  {name}"
        else:
            yield f"  {name}{' ' * (column + 2 - cell_len(name))}{lines.pop(0) if lines else ''}".rstrip()
        yield from (indent + line for line in lines)


def _wrapped(console: Console, text: str, width: int) -> Iterable[str]:
    return (line.plain.rstrip() for line in Text(text).wrap(console, width))
