"""hongyan config: write, check, show and describe the configuration file."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import SecretStr

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, given, noun, option, verb
from hongyan.cli.out import Form, form, print_exact, print_json, print_rows, say
from hongyan.i18n import _, translated
from hongyan.settings.explain import known_keys
from hongyan.settings.files import FILE_NAME
from hongyan.settings.load import Loaded, load
from hongyan.settings.settings import Settings

app = noun("config", "The configuration file: addresses, database, limits.")


@verb(
    app,
    "init",
    "Write a configuration file with every key, its meaning and its default.",
    "hongyan config init --data /var/lib/hongyan",
    "hongyan config init --data . --stdout",
)
def init(data: Data = None, stdout: Annotated[bool, option("Print it instead of writing a file.", "--stdout")] = False) -> None:
    if stdout:
        print_exact(template())
        return
    write_file((data or Path()) / FILE_NAME, template())


@verb(
    app,
    "check",
    "Read the configuration and say what is wrong with it.",
    "hongyan config check --data /var/lib/hongyan",
    "hongyan config check --config ./hongyan.toml",
)
def check(data: Data = None, config: Config = None) -> None:
    loaded = read_settings(data, config)
    loaded.settings.check()
    for place in loaded.open_to_others():
        say("{place} is open to others of this machine: chmod o=,g-w {place}", style="yellow", place=place)
    _look_at_certificate(loaded.settings)
    say("{file}: ok", file=loaded.file or _("no file, all defaults"))


def _look_at_certificate(settings: Settings) -> None:
    from hongyan.compose.listeners import served_certificate  # noqa: PLC0415  help does without the platform

    if warning := served_certificate(settings).warning(time.time_ns() // 1_000_000):
        say("{warning}", style="yellow", warning=translated(warning))


@verb(
    app,
    "show",
    "Print every value that holds now; secrets as ***.",
    "hongyan config show --origin",
    "hongyan config show --data /var/lib/hongyan --json",
)
def show(
    data: Data = None,
    config: Config = None,
    origin: Annotated[bool, option("Say where each value comes from.", "--origin")] = False,
    as_json: Json = False,
) -> None:
    loaded = read_settings(data, config)
    how, origins = form(as_json), loaded.origins
    rows = [
        {"key": key, "value": value} | ({"origin": place if how is Form.TABLE else str(origins[key])} if origin else {})
        for key, value, place in loaded.rows()
    ]
    print_rows("settings", rows, how)


@verb(
    app,
    "schema",
    "Print the JSON Schema of the file; editors complete by it.",
    "hongyan config schema > hongyan.schema.json",
    "hongyan config schema | jq .properties",
)
def schema() -> None:
    print_json(Settings.model_json_schema())


def read_settings(data: Path | None, config: Path | None, flags: dict[str, dict[str, object]] | None = None) -> Loaded:
    """Returns the settings for a command: its flags, then environment, file and defaults. raises: SettingsInvalid"""
    sections: dict[str, object] = {section: its for section, values in (flags or {}).items() if (its := given(**values))}
    return load(sections | given(data=data), config)


def template(**lines: str) -> str:
    """Returns the text of a file: every key as a comment with its default, except the given ones (`store_url='"…"'`)."""
    return "\n".join(_template(lines)) + "\n"


def _template(lines: dict[str, str]) -> Iterator[str]:
    yield f"# {_('Hongyan. What stands behind # is the default. Flags and HONGYAN_SECTION__KEY win over this file.')}"
    section = ""
    for path, field in known_keys().items():
        if path[:-1] != (section,) and len(path) > 1:
            section = path[0]
            yield f"\n[{section}]"
        if field.description:
            yield f"# {_(field.description)}"
        set_line = lines.get("_".join(path))
        yield f"{path[-1]} = {set_line}" if set_line else f"# {path[-1]} = {_toml(field.get_default())}"


def _toml(value: object) -> str:
    match value:
        case None:
            return '""'
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case SecretStr():
            return '""'
        case _:
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'


def toml_text(value: str) -> str:
    """Returns a text as TOML writes it."""
    return _toml(value)


def write_file(path: Path, text: str) -> None:
    """Write a new file that only its owner can read. raises: Stop CONFLICT if it exists, SETTINGS if it cannot be written"""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text, encoding="utf-8")
    except FileExistsError as error:
        there = path if path.parent.is_dir() else path.parent
        raise Stop(Exit.CONFLICT, "{path} is there already", path=there) from error
    except OSError as error:
        raise Stop(
            Exit.SETTINGS,
            "cannot write {path}: {reason}",
            "choose a folder that you may write to",
            path=path,
            reason=error,
        ) from error
    say("wrote {path}", path=path)
