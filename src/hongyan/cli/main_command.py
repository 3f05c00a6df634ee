"""`hongyan` itself. The module of a word is loaded when the word is used, so no command waits for the modules of others."""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from typing import Any, cast

import typer

from hongyan.cli.commands import Noun

WORDS = (
    "demo", "init", "serve", "send", "statement", "stats", "openapi", "tail", "trace", "bench", "conformance", "ready", "version",
    "config", "db", "customer", "account", "listener", "session", "site", "channel", "code", "route", "task", "report", "reply",
    "callback", "job", "alarm", "ledger", "pdu", "word", "blacklist", "sign", "template", "sim", "text64", "tms", "zipbatch", "service",
    "staff", "token", "approval", "audit", "message",
)  # fmt: skip
"""Verbs without a noun, then nouns, as help shows them."""

_ELSEWHERE = {"tail": "message.tail_app", "channel": "trial.app"}
"""Words whose command is not the `app` of the module of their name."""


class MainCommand(Noun):
    """The parent of all words."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast("MutableMapping[str, Any]", Commands())  # nothing is added to it


class Commands(Mapping[str, Any]):
    """Word → its noun or verb."""

    def __getitem__(self, word: str) -> Any:
        if word not in WORDS:
            raise KeyError(word)
        return _command(word)

    def __contains__(self, word: object) -> bool:
        return word in WORDS

    def __iter__(self) -> Iterator[str]:
        return iter(WORDS)

    def __len__(self) -> int:
        return len(WORDS)


@cache
def _command(word: str) -> Any:
    module, _, name = _ELSEWHERE.get(word, f"{word}.app").partition(".")
    group = typer.main.get_group(getattr(import_module(f"hongyan.cli.{module}"), name))
    return group if group.name == word else group.commands[word]
