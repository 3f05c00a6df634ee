"""Options that many verbs share, and the declaration of verbs: help and two examples, in the person's language."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from hongyan.cli.commands import Noun, Verb
from hongyan.i18n import _

Function = TypeVar("Function", bound=Callable[..., Any])
HELP_SETTINGS = {"help_option_names": ["-h", "--help"]}
"""Each command has them itself: Typer keeps the help option that was asked for first, by whichever parent."""


def noun(name: str, english: str) -> typer.Typer:
    """Make a group of verbs."""
    return typer.Typer(
        name=name,
        cls=Noun,
        help=_(english),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings=HELP_SETTINGS,
    )


def alone() -> typer.Typer:
    """Make the group of a verb that has no noun."""
    return typer.Typer(cls=Noun, pretty_exceptions_enable=False, context_settings=HELP_SETTINGS)


def verb(app: typer.Typer, name: str, english: str, *examples: str) -> Callable[[Function], Function]:
    """Declare a command of a noun; the examples are lines to paste."""
    epilog = "\n\n".join([_("Examples:"), *examples])
    return app.command(name, cls=Verb, help=_(english), epilog=epilog, no_args_is_help=False, context_settings=HELP_SETTINGS)


def option(english: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=_(english), **more)


def argument(english: str, **more: Any) -> Any:
    return typer.Argument(help=_(english), **more)


Data = Annotated[Path | None, option("The data folder; else $HONGYAN_DATA, else that of the configuration file.", "--data")]
Config = Annotated[
    Path | None, option("The configuration file; else $HONGYAN_CONFIG, else hongyan.toml of the data folder.", "--config")
]
Json = Annotated[bool, option("Print one JSON object.", "--json")]
Jsonl = Annotated[bool, option("Print a JSON object a line.", "--jsonl")]
SecretFile = Annotated[Path | None, option("File that holds the secret; - reads it from stdin.", "--secret-file")]
Most = Annotated[int, option("Show at most so many.", "--most", min=1, max=100_000)]


def given(**values: object) -> dict[str, Any]:
    """Returns the options that were given."""
    return {name: value for name, value in values.items() if value is not None}
