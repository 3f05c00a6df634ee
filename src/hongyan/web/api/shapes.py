"""What calls answer, described once: the columns of a thing, from which its schema comes and to which its rows are cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hongyan.model.fields import Change, fields_of
from hongyan.web.api.values import Schema, field_values, schema_of

_TYPES: dict[str, Schema] = {
    "int": {"type": "integer"}, "bool": {"type": "boolean"}, "text": {"type": "string"}, "number": {"type": "number"},
    "texts": {"type": "array", "items": {"type": "string"}}, "map": {"type": "object"}, "list": {"type": "array"}, "any": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A thing by name: its own columns, and the fields of a class of changes."""

    name: str
    columns: Mapping[str, str]  # name → type; one that ends in ? may be null
    of: type[Change] | None = None
    parts: Mapping[str, "Shape"] = field(default_factory=dict)  # columns that hold lists of other things

    def cut(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What of a row is answered, and nothing else."""
        fields = field_values(self.of, row) if self.of else {}
        parts = {name: [shape.cut(one) for one in row[name]] for name, shape in self.parts.items()}
        return fields | {name: row.get(name) for name in self.columns} | parts

    def schema(self) -> Schema:
        fields = {one.name: _loose(schema_of(one)) for one in fields_of(self.of)} if self.of else {}
        own = {name: _column(type_) for name, type_ in self.columns.items()}
        parts = {name: {"type": "array", "items": shape.reference()} for name, shape in self.parts.items()}
        properties = fields | own | parts
        return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}

    def wider(self, name: str, columns: str) -> "Shape":
        """The same with more columns."""
        return replace(self, name=name, columns={**self.columns, **dict(map(_described, columns.split()))})

    def reference(self) -> Schema:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def all(self) -> "list[Shape]":
        """Itself and the things in it."""
        return [self, *(inner for part in self.parts.values() for inner in part.all())]


def shape(name: str, columns: str, of: type[Change] | None = None, **parts: Shape) -> Shape:
    """A shape from a line: `id:int account carrier note?`. Moments (…_ms) are integers, claims (is_…) true or false, others texts."""
    return Shape(name, dict(map(_described, columns.split())), of, parts)


def _described(word: str) -> tuple[str, str]:
    name, _colon, type_ = word.rstrip("?").partition(":")
    usual = "int" if name.endswith("_ms") else "bool" if name.startswith(("is_", "has_")) else "text"
    return name, (type_ or usual) + ("?" if word.endswith("?") else "")


def _column(type_: str) -> Schema:
    known = _TYPES[type_.rstrip("?")]
    return {"anyOf": [known, {"type": "null"}]} if type_.endswith("?") and known else known


def _loose(schema: Schema) -> Schema:
    """Of an answer: what was stored before a bound of today is answered all the same, and may be nothing."""
    bare = {name: value for name, value in schema.items() if name not in {"minimum", "maximum", "maxLength"}}
    described = {"description": bare.pop("description")} if "description" in bare else {}
    return {**described, "anyOf": [bare, {"type": "null"}]}


DONE = shape("Done", "is_done")
COUNT = shape("Count", "count:int")
