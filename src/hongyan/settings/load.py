"""Reads the settings: a flag goes before the environment, and that before the file."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource, PydanticBaseSettingsSource

from hongyan.i18n import N_
from hongyan.settings.explain import explain, unknown_variables
from hongyan.settings.files import SYSTEM_FILE, find_file, read
from hongyan.settings.origins import KeyPath, Origin, flag_origins, in_words, leaves, line_origins, variable_of
from hongyan.settings.problems import Sentence, SettingsInvalid
from hongyan.settings.settings import Settings

_Tree = dict[str, Any]

_TOML_PLACE = re.compile(r" \(at line (?P<line>\d+), column (?P<column>\d+)\)$")

_OPEN = 0o027  # the group may read, others nothing


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    file: Path | None
    origins: Mapping[str, Origin]
    """Dotted key → flag, environment, file or default, with the variable or the line."""

    def rows(self) -> list[tuple[str, object, str]]:
        """Returns every key with its current value, secrets as ***, and where the value comes from, in the person's language."""
        return [(key, self._shown(key), in_words(origin)) for key, origin in self.origins.items()]

    def _shown(self, key: str) -> object:
        value: object = self.settings
        for name in key.split("."):
            value = getattr(value, name)
        if isinstance(value, SecretStr):
            return "***" if value.get_secret_value() else ""
        if isinstance(value, tuple):
            return [str(one) if isinstance(one, StrEnum) else one for one in value]
        return str(value) if isinstance(value, Path | StrEnum) else value

    def open_to_others(self) -> list[Path]:
        """Returns the data folder and files with secrets, if others than the owner's group may read them, or others than the
        owner change them.
        """
        settings = self.settings
        named = (
            self.file,
            settings.key_path,
            settings.store.url_file,
            settings.listen.tls_key,
            settings.alarms.webhook_file,
            settings.alarms.smtp_password_file,
        )
        places = dict.fromkeys([settings.data, *(settings.within(path) for path in named if path)])
        return [place for place in places if place.exists() and place.stat().st_mode & _OPEN]


def load(flags: Mapping[str, Any], config: Path | None = None) -> Loaded:
    """Read the settings.

    flags:  the flags of the command line, nested as the file is; they go before everything
    config: the file to read; by default $HONGYAN_CONFIG, the data folder's, ./hongyan.toml, /etc/hongyan/hongyan.toml
    raises: SettingsInvalid
    """
    environment = EnvSettingsSource(Settings)()
    file = find_file(config, flags.get("data") or environment.get("data"))
    text = read(file) if file else ""
    content = _parse(text, file)
    if file and file != SYSTEM_FILE:
        content.setdefault("data", file.parent)
    variables: dict[KeyPath, Origin] = {path: variable_of(path) for path in leaves(environment)}
    origins = line_origins(content, file, text) | variables | flag_origins(flags)
    problems = unknown_variables()
    try:
        settings = _from(flags, _less(environment, flags), _less(content, flags, environment))
    except ValidationError as error:
        raise SettingsInvalid([explain(detail, origins) for detail in error.errors()] + problems) from error
    if problems:
        raise SettingsInvalid(problems)
    keys = leaves(settings.model_dump())
    return Loaded(settings, file, {".".join(path): origins.get(path, Sentence("default", {})) for path in keys})


def _less(tree: _Tree, *stronger: Mapping[str, Any]) -> _Tree:
    """Returns the tree without the secrets that a stronger tree has in the other form, in clear or as a file."""
    given = {path for other in stronger for path in leaves(other)}
    return {
        section: {key: value for key, value in part.items() if (section, _other_form(key)) not in given}
        if isinstance(part, dict)
        else part
        for section, part in tree.items()
    }


def _other_form(key: str) -> str:
    return key.removesuffix("_file") if key.endswith("_file") else f"{key}_file"


def _from(*trees: Mapping[str, Any]) -> Settings:
    """Returns the settings of several trees. If several have a key, the first one counts."""

    class FromTrees(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: object, **__: object
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(InitSettingsSource(settings_cls, dict(tree)) for tree in trees)

    # settings are pickled for the console's process, which cannot know a local class
    return Settings.model_construct(**dict(FromTrees()))


_TOML_PROBLEMS = frozenset({
    N_("Invalid value"), N_("Invalid statement"), N_("Unterminated string"), N_("Unclosed array"), N_("Unclosed inline table"),
    N_("Cannot overwrite a value"), N_("Expected '=' after a key in a key/value pair"), N_("Invalid initial character for a key part"),
    N_("Expected newline or end of document after a statement"), N_("Expected ']' at the end of a table declaration"),
})  # fmt: skip
"""tomllib's usual problems; rare ones stay English."""


_TOML_END = " (at end of document)"


def _parse(text: str, file: Path | None) -> _Tree:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([_not_toml(file, str(error))]) from error


def _not_toml(file: Path | None, error: str) -> Sentence:
    if place := _TOML_PLACE.search(error):
        facts = {"line": place["line"], "column": place["column"], "error": _toml_problem(error.removesuffix(place[0]))}
        return Sentence("{file}: it is not TOML: line {line}, column {column}: {error}", {"file": file, **facts})
    if error.endswith(_TOML_END):
        return Sentence(
            "{file}: it is not TOML: at its end: {error}",
            {"file": file, "error": _toml_problem(error.removesuffix(_TOML_END))},
        )
    return Sentence("{file}: it is not TOML: {error}", {"file": file, "error": error})


def _toml_problem(error: str) -> Sentence | str:
    return Sentence(error, {}) if error in _TOML_PROBLEMS else error
