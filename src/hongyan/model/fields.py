"""Everything that can be configured, described field by field, once for the loader, the command line, the audit, lists and
forms.

A class of changes has a field for every value that can be set, with its description and its kind. An instance is checked when
it is made, so no service meets a wrong value. None means that a field is not set. The usual values stand in the class of the
thing itself (`Account`, …). A field may say which protocols have it, and which of its words each protocol has.
"""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass
from enum import Enum, auto
from typing import Any, ClassVar, LiteralString, TypeVar

from hongyan.model.errors import Invalid
from hongyan.model.kinds import Kind, word_of


class Customers(Enum):
    """What customers may do with a field of their own account."""

    NOTHING = auto()
    SEE = auto()
    CHANGE = auto()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of a thing that are shown together, by pages, the help of commands and the description of the admin API."""

    title: LiteralString
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One value that can be set. group: the title of its group, "" for none"""

    name: str
    help: str
    kind: Kind
    column: str
    customers: Customers
    usual: Any
    is_required: bool
    protocols: Collection[Enum] | None
    words_of: Callable[[Any], tuple[Enum, ...]] | None
    group: str

    def of(self, protocol: Enum) -> "Field":
        """Returns the field with the words that it has for a protocol; the first of them is the usual one."""
        if self.words_of is None:
            return self
        words = self.words_of(protocol)
        return dataclasses.replace(self, kind=dataclasses.replace(self.kind, words=words), usual=words[0])


def described(
    help_: LiteralString,
    kind: Kind,
    *,
    column: str = "",
    usual: object = None,
    customers: Customers = Customers.SEE,
    is_required: bool = False,
    protocols: Collection[Enum] | None = None,
    words_of: Callable[[Any], tuple[Enum, ...]] | None = None,
) -> Any:
    """Describe a field of a class of changes.

    help_:     its description, for people
    column:    its column, if that has another name
    usual:     the value of a new thing where none is set; None: the default of the thing's class
    protocols: those that have it; None: all
    words_of:  returns the words that it has for a protocol, the usual one first; None: all words of its kind
    """
    facts = {
        "help": help_,
        "kind": kind,
        "column": column,
        "usual": usual,
        "customers": customers,
        "is_required": is_required,
        "protocols": protocols,
        "words_of": words_of,
    }
    return dataclasses.field(default=None, metadata=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Values for some fields of one thing. Making one raises Invalid for a wrong value, and for a required one that is missing."""

    thing: ClassVar[type | None] = None  # the class whose defaults are the usual values
    groups: ClassVar[tuple[Group, ...]] = ()  # if there are any, each field stands in one of them

    def __post_init__(self) -> None:
        for field in fields_of(type(self)):
            if (value := getattr(self, field.name)) is not None:
                object.__setattr__(self, field.name, field.kind.checked(field.name, value))
            elif field.is_required:
                raise Invalid("{field} is missing", field.kind.cure, field=field.name, **field.kind.facts)

    def given(self) -> list[tuple[Field, Any]]:
        """Returns the fields that are set, with their values."""
        pairs = [(field, getattr(self, field.name)) for field in fields_of(type(self))]
        return [(field, value) for field, value in pairs if value is not None]

    def values(self) -> dict[str, Any]:
        return {field.name: value for field, value in self.given()}

    def columns(self) -> dict[str, Any]:
        return {field.column: field.kind.store(value) for field, value in self.given()}


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a call of the admin API, or a filter of a list.

    usual: its value where none is given; None: no value
    """

    name: str
    help: LiteralString
    kind: Kind
    is_required: bool = False
    usual: Any = None

    def checked(self, value: Any) -> Any:
        """Returns the value as the program uses it. raises: Invalid that names parameter, value and cure"""
        return self.kind.checked(self.name, value)


def param_of(change: type[Change], name: str, called: LiteralString = "") -> Param:
    """Make a parameter of a field. called: the name of the parameter, if it has another one"""
    (field,) = (one for one in fields_of(change) if one.name == name)
    usual = None if field.usual is MISSING else field.usual
    return Param(called or field.name, field.help, field.kind, is_required=field.is_required, usual=usual)


Changes = TypeVar("Changes", bound=Change)

_FIELDS: dict[type, tuple[Field, ...]] = {}  # by class of changes, made when first asked for


def fields_of(change: type[Change]) -> tuple[Field, ...]:
    if change not in _FIELDS:
        usual = {one.name: _usual(one) for one in dataclasses.fields(change.thing)} if change.thing else {}
        titles = {name: group.title for group in change.groups for name in group.names}
        _FIELDS[change] = tuple(
            _field_of(one, usual.get(one.name), titles.get(one.name, "")) for one in dataclasses.fields(change)
        )
    return _FIELDS[change]


def in_groups(change: type[Change], fields: Iterable[Field]) -> list[Field]:
    """Returns the fields in the order of their groups, those of none first."""
    places = {name: place for place, name in enumerate(name for group in change.groups for name in group.names)}
    return sorted(fields, key=lambda field: places.get(field.name, -1))


def names_in(change: type[Change], *titles: str) -> tuple[str, ...]:
    """Returns the names of the fields that stand in the groups of these titles."""
    return tuple(name for group in change.groups for name in group.names if group.title in titles)


def fields_for(change: type[Change], protocol: Enum) -> tuple[Field, ...]:
    """Returns the fields that a thing of this protocol has."""
    its = [field for field in fields_of(change) if field.protocols is None or protocol in field.protocols]
    return tuple(field.of(protocol) for field in its)


def _field_of(field: "dataclasses.Field[Any]", usual: object, group: str) -> Field:
    facts = dict(field.metadata)
    facts["column"] = facts["column"] or field.name
    facts["usual"] = usual if facts["usual"] is None else facts["usual"]
    return Field(field.name, **facts, group=group)


def _usual(field: "dataclasses.Field[Any]") -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def change_to(change: type[Changes], thing: object) -> Changes:
    """Returns a change that sets every field as the thing has it. raises: Invalid for a value that is not allowed"""
    return change(**{field.name: getattr(thing, field.name) for field in fields_of(change)})


def usual_columns(change: type[Change]) -> dict[str, Any]:
    """Returns the columns of a new thing for which only the required values are given."""
    return {field.column: field.kind.store(field.usual) for field in fields_of(change) if not field.is_required}


def loaded(change: type[Change], row: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of a thing from its row."""
    return {field.name: field.kind.load(row[field.column]) for field in fields_of(change)}


def in_words(change: type[Change], row: Mapping[str, Any]) -> dict[str, str]:
    """Returns the columns whose values are enums, as words that people and programs read."""
    fields = [field for field in fields_of(change) if field.kind.words and not field.kind.is_list]
    return {field.column: word_of(field.kind.load(row[field.column])) for field in fields}


def shown_row(row: Mapping[str, Any], *changes: type[Change]) -> dict[str, Any]:
    """Returns a row without secrets and without passwords in addresses. changes: the classes that describe its columns"""
    kinds = {field.column: field.kind for change in changes for field in fields_of(change)}
    secret = {column for column, kind in kinds.items() if kind.is_secret}
    return {name: kinds[name].shown(value) if name in kinds else value for name, value in row.items() if name not in secret}


def as_json(value: Any) -> Any:
    """Returns a value as JSON has it."""
    if isinstance(value, Enum):
        return word_of(value)
    if isinstance(value, tuple | list):
        return [as_json(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def fields_as_json(change: type[Change], row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of a row as JSON has them. Enums in the row may be words already."""
    return {field.name: _field_as_json(field, row[field.column]) for field in fields_of(change)}


def _field_as_json(field: Field, stored: Any) -> Any:
    is_word = field.kind.words is not None and not field.kind.is_list
    return stored if is_word else as_json(field.kind.load(field.kind.shown(stored)))
