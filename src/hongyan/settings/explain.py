"""Makes lines of what pydantic found wrong: where the value stands, what it is, and what is wanted."""

import difflib
import os
from collections.abc import Mapping

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from hongyan.i18n import N_
from hongyan.settings.files import PREFIX
from hongyan.settings.origins import KeyPath, Origin, variable_of
from hongyan.settings.problems import IS_WANTED, Expected, Sentence, not_allowed, shown
from hongyan.settings.section import Section
from hongyan.settings.settings import Settings


def known_keys() -> dict[KeyPath, FieldInfo]:
    """Returns every key by its path."""
    keys: dict[KeyPath, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, Section):
            keys |= {(name, key): inner for key, inner in part.model_fields.items()}
        else:
            keys[name,] = field
    return keys


def explain(detail: ErrorDetails, origins: Mapping[KeyPath, Origin]) -> Sentence:
    """Returns one line: where, which key, the value, what is wanted."""
    path = tuple(str(part) for part in detail["loc"][:2])
    where = origins.get(path) or next((origin for leaf, origin in origins.items() if leaf[: len(path)] == path), "settings")
    dotted = ".".join(path)
    if detail["type"] == "extra_forbidden":
        return _unknown(where, path)
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, Expected):
        if path in known_keys():
            return not_allowed(dotted, cause, where)
        return Sentence("{where}: {key}: {what}", {"where": where, "key": dotted, "what": cause.problem})
    field = known_keys().get(path)
    seen = None if field is not None and field.annotation is SecretStr else detail["input"]
    bounds = {name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in detail.get("ctx", {}).items()}
    if "expected" in bounds:
        bounds["expected"] = str(bounds["expected"]).replace(" or ", ", ")
    wanted = Sentence(_wanted(detail), bounds)
    return Sentence(IS_WANTED, {"where": where, "key": dotted, "seen": shown(seen), "wanted": wanted})


_KINDS = {
    "int": N_("a valid integer"),
    "float": N_("a valid number"),
    "finite": N_("a finite number"),
    "bool": N_("a valid boolean"),
    "string": N_("a valid string"),
    "tuple": N_("a list"),
    "greater_than": N_("greater than {gt}"),
    "greater_than_equal": N_("greater than or equal to {ge}"),
    "less_than_equal": N_("less than or equal to {le}"),
    "enum": N_("one of {expected}"),
    "path": N_("a path"),
    "too_short": N_("at least {min_length}"),
}
"""Beginnings of pydantic's kinds of error → what is wanted. If several fit, the longest counts."""


def _wanted(detail: ErrorDetails) -> str:
    kinds = [kind for kind in _KINDS if detail["type"].startswith(kind)]
    return _KINDS[max(kinds, key=len)] if kinds else detail["msg"].replace("{", "{{").replace("}", "}}")


def _unknown(where: Origin, path: KeyPath) -> Sentence:
    near = _suggestion(path)
    sentence = N_("{where}: unknown key {key}; did you mean {near}?") if near else N_("{where}: unknown key {key}")
    return Sentence(sentence, {"where": where, "key": ".".join(path), "near": near})


def unknown_variables() -> list[Sentence]:
    """Returns variables that look like ours and name no section. For those that name one, pydantic reports the problem."""
    sections = set(Settings.model_fields)
    paths = [tuple(name.removeprefix(PREFIX).lower().split("__")) for name in os.environ if name.startswith(PREFIX)]
    unknown = [path for path in paths if len(path) > 1 and path[0] not in sections]
    return [_unknown(variable_of(path), path) for path in unknown]


def _suggestion(path: KeyPath) -> str:
    sections = {name for name, *_ in known_keys()} if len(path) == 1 else set()
    names = sorted({".".join(known) for known in known_keys()} | sections)
    near = difflib.get_close_matches(".".join(path), names, n=1, cutoff=0.6)
    found = near or [name for name in names if name.rpartition(".")[2] == path[-1]]
    return found[0] if found else ""
