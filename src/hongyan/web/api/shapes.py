"""The things in answers, described once: their columns, from which their schema is made and to which rows are cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hongyan.model.columns import Column, columns_of
from hongyan.model.fields import Change, fields_as_json, fields_of
from hongyan.services.queries.lists.listing import Listing
from hongyan.web.api.values import Schema, schema_of

_TYPES: dict[str, Schema] = {
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "text": {"type": "string"},
    "number": {"type": "number"},
    "phone": {"type": "string"},
    "private": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "map": {"type": "object"},
    "list": {"type": "array"},
    "any": {},
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A thing by name: its own columns, and the fields of a class of changes."""

    name: str
    columns: tuple[Column, ...]
    of: type[Change] | None = None
    parts: Mapping[str, "Shape"] = field(default_factory=dict)  # columns that hold lists of other things

    def cut(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the columns of a row that are answered, and nothing else."""
        fields = fields_as_json(self.of, row) if self.of else {}
        parts = {name: [shape.cut(one) for one in row[name]] for name, shape in self.parts.items()}
        return fields | {column.name: row.get(column.name) for column in self.columns} | parts

    def schema(self) -> Schema:
        fields = {one.name: _loose(schema_of(one)) for one in fields_of(self.of)} if self.of else {}
        own = {column.name: _column(column) for column in self.columns}
        parts = {name: {"type": "array", "items": shape.reference()} for name, shape in self.parts.items()}
        properties = fields | own | parts
        return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}

    def wider(self, name: str, columns: str) -> "Shape":
        """Returns the same with more columns."""
        return replace(self, name=name, columns=self.columns + columns_of(columns))

    def reference(self) -> Schema:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def all(self) -> "list[Shape]":
        """Returns itself and the things in it."""
        return [self, *(inner for part in self.parts.values() for inner in part.all())]


def shape(name: str, columns: str, of: type[Change] | None = None, **parts: Shape) -> Shape:
    """A shape from a line of columns."""
    return Shape(name, columns_of(columns), of, parts)


def row_of(listing: Listing) -> Shape:
    """A row of a list."""
    return Shape(listing.thing, listing.columns, listing.of)


def _column(column: Column) -> Schema:
    known = _TYPES[column.type]
    return {"anyOf": [known, {"type": "null"}]} if column.may_be_none and known else known


def _loose(schema: Schema) -> Schema:
    """Returns the schema of an answer, without bounds and with null: a value may have been stored before a bound of today."""
    bare = {name: value for name, value in schema.items() if name not in {"minimum", "maximum", "maxLength"}}
    described = {"description": bare.pop("description")} if "description" in bare else {}
    return {**described, "anyOf": [bare, {"type": "null"}]}


PDU = shape("Pdu", "at_ms connection:int way pdu facts:map")


def pdu_facts(pdu: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the facts that PDUs of links and sessions have in common."""
    own = {column.name for column in PDU.columns}
    return {name: pdu[name] for name in own if name in pdu} | {"facts": {name: pdu[name] for name in pdu if name not in own}}


DONE = shape("Done", "is_done")
ASKED = shape("JobAsked", "job:int")
COUNT = shape("Count", "count:int")
