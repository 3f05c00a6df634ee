"""Nouns and verbs for Typer, with our own help and error messages."""

import re
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.help import help_of, name_of, range_of, usage_of, wanted_of
from hongyan.i18n import N_, _
from hongyan.model.kinds import GREATEST

_BELOW_ZERO = re.compile(r"-\d+")


class Verb(TyperCommand):
    """A command that does something. It takes no number that no column holds."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        parameters = self.get_params(ctx)
        rest = super().parse_args(ctx, _with_negatives_behind(args, parameters))
        for one in parameters:
            if type(value := ctx.params.get(one.name)) is int and abs(value) > GREATEST:
                facts = {"name": name_of(one), "wanted": wanted_of(one), "usage": usage_of(self, ctx)}
                raise Stop(Exit.USAGE, "{name} takes {wanted}", "{usage}", **facts)
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_of(self, ctx, formatter.width))


def _with_negatives_behind(args: list[str], parameters: list[Any]) -> list[str]:
    """Put a negative number that is no option's value behind `--`: no option of ours begins with a digit."""
    taking = {name for one in parameters if not getattr(one, "is_flag", True) for name in one.opts}
    negatives = {
        place
        for place, word in enumerate(args)
        if _BELOW_ZERO.fullmatch(word) and (place == 0 or args[place - 1] not in taking)
    }
    if "--" in args or not negatives:
        return args
    return [*(word for place, word in enumerate(args) if place not in negatives), "--", *(args[place] for place in negatives)]


class Noun(TyperGroup):
    """A group of verbs."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_of(self, ctx, formatter.width))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        likely = get_close_matches(name, self.commands, n=1)
        cure = N_("did you mean {path} {likely}?") if likely else "{path} --help"
        raise Stop(
            Exit.USAGE, "there is no command {name}", cure, name=name, path=ctx.command_path, likely=likely and likely[0]
        )


def stop_of(error: typer.TyperException) -> Stop:
    """Returns what was wrong on the command line, and what to write."""
    ctx: Any = getattr(error, "ctx", None)
    what, facts = _wrong(error)
    if ctx is None:
        return Stop(Exit.USAGE, what, **facts)
    return Stop(Exit.USAGE, what, "{usage}", usage=usage_of(ctx.command, ctx), **facts)


def _wrong(error: Any) -> tuple[str, dict[str, Any]]:
    """Recognises Typer's errors by their attributes, since it does not publish their classes."""
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    if kind == "NoSuchOption":
        likely = sorted(error.possibilities or ())
        what = N_("there is no option {name}; did you mean {likely}?") if likely else N_("there is no option {name}")
        return what, {"name": error.option_name, "likely": ", ".join(likely)}
    if kind == "BadOptionUsage":
        what = N_("{name} takes no value") if "not take" in error.message else N_("{name} needs a value")
        return what, {"name": error.option_name}
    if kind == "MissingParameter":
        return N_("{name} is missing"), {"name": name_of(parameter)}
    if parameter is not None and wanted_of(parameter) == _("FILE"):  # any word is a path
        return N_("{name}: this user may not read it"), {"name": name_of(parameter)}
    if parameter is not None:
        wanted = ", ".join(filter(None, (wanted_of(parameter), range_of(parameter))))
        return N_("{name} takes {wanted}"), {"name": name_of(parameter), "wanted": wanted}
    if extra := re.search(r"extra arguments?(?:\(s\))? \((.*)\)", error.format_message(), re.DOTALL):
        return N_("there is nothing that {words} could be"), {"words": extra[1]}
    return N_("the command line is not whole"), {}
