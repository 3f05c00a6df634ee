"""Values of the API by their descriptions: read strictly from JSON and addresses, written as JSON, described by JSON Schema."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hongyan.i18n import _
from hongyan.model.errors import Invalid
from hongyan.model.fields import Field, Param
from hongyan.model.kinds import Kind, word_of

Schema = dict[str, Any]

_WHOLE = re.compile(r"-?[0-9]{1,20}")


Described = Param | Field


def read_json(described: Described, value: Any) -> Any:
    """Reads a value of a JSON body. raises: Invalid"""
    if not _fits(described, value):
        raise Invalid("{field} is of another type", described.kind.cure, field=described.name, **described.kind.facts)
    return described.kind.checked(described.name, value)


def read_text(described: Described, text: str) -> Any:
    """Reads a value of an address. raises: Invalid"""
    kind = described.kind
    if kind.of is bool:
        value: Any = {"true": True, "false": False}.get(text)
    elif kind.of is int and kind.words is None:
        value = int(text) if _WHOLE.fullmatch(text) else None
    else:
        value = text
    return read_json(described, value)


def _fits(described: Described, value: Any) -> bool:
    kind = described.kind
    if _is_map(described):
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if kind.is_list:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if kind.of is bool:
        return isinstance(value, bool)
    if kind.words is None and kind.of in {int, float}:
        return isinstance(value, int if kind.of is int else (int, float)) and not isinstance(value, bool)
    return isinstance(value, str)


def _is_map(described: Described) -> bool:
    return isinstance(described.usual, Mapping)


def schema_of(described: Described) -> Schema:
    kind = described.kind
    description = f"{_(described.help)} {_(kind.cure, **kind.facts)}."
    if isinstance(described, Field) and described.group:
        description = _("{group}: {help}", group=_(described.group), help=description)
    type_ = _type_of(described)
    is_text = type_.get("type") == "string" and "enum" not in type_
    is_filled = described.is_required and is_text and not _takes_nothing(kind)
    return {"description": description, **type_, **({"minLength": 1} if is_filled else {})}


def _takes_nothing(kind: Kind) -> bool:
    """Returns whether an empty text is one of its values."""
    try:
        kind.read("")
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _type_of(described: Described) -> Schema:
    kind = described.kind
    if _is_map(described):
        return {"type": "object", "additionalProperties": {"type": "string"}}
    one = _one_of(kind)
    return {"type": "array", "items": one} if kind.is_list else one


def _one_of(kind: Kind) -> Schema:
    if kind.words is not None:
        return {"type": "string", "enum": [word_of(word) for word in kind.words]}
    if kind.of is bool:
        return {"type": "boolean"}
    if kind.of in {int, float}:
        return {"type": "integer" if kind.of is int else "number", "minimum": kind.least, "maximum": kind.most}
    most = kind.facts.get("most")
    return {"type": "string", **({"maxLength": most} if isinstance(most, int) else {})}


def object_of(described: Iterable[Described]) -> Schema:
    """Returns the schema of an object with these members and no others."""
    members = list(described)
    required = [one.name for one in members if one.is_required]
    properties = {one.name: schema_of(one) for one in members}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
