"""Everything that can be configured, described field by field, once for the loader, the command line, the audit, lists and
forms.

A class of changes has a field for every value that can be set, with its description and its kind. An instance is checked when
it is made, so no service meets a wrong value. None means that a field is not set. The usual values stand in the class of the
thing itself (`Account`, …). A field may say which protocols have it, and which of its words each protocol has.
"""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass
from enum import Enum, auto
from ipaddress import ip_network
from typing import Any, ClassVar, LiteralString, TypeVar
from urllib.parse import urlsplit

from hongyan.model.errors import Invalid
from hongyan.model.masking import without_password
from hongyan.model.phone import normalise

_SHOWN_MOST = 80  # the most characters of a refused value that an error shows


class Customers(Enum):
    """What customers may do with a field of their own account."""

    NOTHING = auto()
    SEE = auto()
    CHANGE = auto()


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Kind:
    """The type and the bounds of a field.

    cure:  what to enter instead, for people; its gaps are filled from `facts`
    read:  takes what people type, or the value itself, and returns the value; raises ValueError
    store: makes the value of the column; `load` reads it back
    shown: makes the value of the column fit to be shown, such as an address without its password
    is_secret: the value is sealed in its column; it is never shown, exported, or kept in the audit
    """

    cure: LiteralString
    read: Callable[[Any], Any]
    store: Callable[[Any], Any] = _same
    load: Callable[[Any], Any] = _same
    shown: Callable[[Any], Any] = _same
    is_secret: bool = False
    of: type = str
    least: float | None = None
    most: float | None = None
    words: type[Enum] | Collection[Enum] | None = None
    is_list: bool = False
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def checked(self, field: str, value: Any) -> Any:
        """Returns the value as the program uses it. raises: Invalid that names field, value and cure"""
        try:
            return self.read(value)
        except (ValueError, TypeError, KeyError) as error:
            if self.is_secret:
                raise Invalid("{field} cannot be this value", self.cure, field=field, **self.facts) from None
            shown = without_password(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))[
                :_SHOWN_MOST
            ]
            raise Invalid("{field} cannot be {value}", self.cure, field=field, value=shown, **self.facts) from error


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    help: str
    kind: Kind
    column: str
    customers: Customers
    usual: Any
    is_required: bool
    protocols: Collection[Enum] | None
    words_of: Callable[[Any], tuple[Enum, ...]] | None

    def of(self, protocol: Enum) -> "Field":
        """Returns the field with the words that it has for a protocol; the first of them is the usual one."""
        if self.words_of is None:
            return self
        words = self.words_of(protocol)
        return dataclasses.replace(self, kind=dataclasses.replace(self.kind, words=words), usual=words[0])


def said(
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

    def __post_init__(self) -> None:
        for field in fields_of(type(self)):
            if (value := getattr(self, field.name)) is not None:
                object.__setattr__(self, field.name, field.kind.checked(field.name, value))
            elif field.is_required:
                raise Invalid("{field} is missing", field.kind.cure, field=field.name, **field.kind.facts)

    def said(self) -> list[tuple[Field, Any]]:
        """Returns the fields that are set, with their values."""
        pairs = [(field, getattr(self, field.name)) for field in fields_of(type(self))]
        return [(field, value) for field, value in pairs if value is not None]

    def values(self) -> dict[str, Any]:
        return {field.name: value for field, value in self.said()}

    def columns(self) -> dict[str, Any]:
        return {field.column: field.kind.store(value) for field, value in self.said()}


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
        _FIELDS[change] = tuple(_described(one, usual.get(one.name)) for one in dataclasses.fields(change))
    return _FIELDS[change]


def fields_for(change: type[Change], protocol: Enum) -> tuple[Field, ...]:
    """Returns the fields that a thing of this protocol has."""
    its = [field for field in fields_of(change) if field.protocols is None or protocol in field.protocols]
    return tuple(field.of(protocol) for field in its)


def _described(field: "dataclasses.Field[Any]", usual: object) -> Field:
    facts = dict(field.metadata)
    facts["column"] = facts["column"] or field.name
    facts["usual"] = usual if facts["usual"] is None else facts["usual"]
    return Field(field.name, **facts)


def _usual(field: "dataclasses.Field[Any]") -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def said_of(change: type[Changes], thing: object) -> Changes:
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


# --- kinds -----------------------------------------------------------------------------------------------------------


def number(least: int, most: int) -> Kind:
    return _number(int, least, most)


def seconds(least: float, most: float) -> Kind:
    """A time in seconds, stored in milliseconds."""
    return dataclasses.replace(decimal(least, most), store=lambda value: round(value * 1000), load=lambda stored: stored / 1000)


def decimal(least: float, most: float) -> Kind:
    return _number(float, least, most)


def _number(of: type[int] | type[float], least: float, most: float) -> Kind:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not least <= (got := of(value)) <= most:
            raise ValueError(value)
        return got

    facts = {"least": least, "most": most}
    return Kind("give a number from {least} to {most}", read, of=of, least=least, most=most, facts=facts)


MOMENT = number(0, 3_700_000_000_000)
"""Milliseconds since 1970, until 2087: ids have room until 2089 only."""


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


FLAG = Kind("give yes or no", _read_flag, load=bool, of=bool)


def word(words: type[Enum]) -> Kind:
    """One member of an enum."""
    names = {word_of(one): one for one in words}

    def read(value: Any) -> Enum:
        return value if isinstance(value, words) else names[value]

    store = (lambda one: one.value) if issubclass(words, int) else word_of
    return Kind("give one of {words}", read, store, words, words=words, facts={"words": ", ".join(names)})


def words(of: type[Enum]) -> Kind:
    """Several members of an enum, each once."""
    one = word(of)

    def read(value: Iterable[Any]) -> tuple[Enum, ...]:
        return tuple(dict.fromkeys(one.read(each) for each in value))

    return Kind(
        one.cure,
        read,
        lambda held: ",".join(map(word_of, held)),
        lambda stored: read(filter(None, stored.split(","))),
        words=of,
        is_list=True,
        facts=one.facts,
    )


def word_of(one: Enum) -> str:
    """Returns the word for a member of an enum: its value if that is a text, else its name in lower case."""
    return one.value if isinstance(one.value, str) else one.name.lower()


def text(most: int) -> Kind:
    """A text that may be empty."""

    def read(value: str) -> str:
        if len(value) > most or not value.isprintable() or value != value.strip():
            raise ValueError(value)
        return value

    return Kind("give up to {most} characters that can be seen, and no blanks round them", read, facts={"most": most})


def name(most: int) -> Kind:
    """A text that is never empty."""

    def read(value: str) -> str:
        if not 0 < len(value) <= most or not value.isprintable() or value != value.strip():
            raise ValueError(value)
        return value

    return Kind("give 1 to {most} characters that can be seen, and no blanks round them", read, facts={"most": most})


def pattern(cure: LiteralString, form: str) -> Kind:
    """A text in lower case that matches a pattern; may be empty."""
    wanted = re.compile(form)

    def read(value: str) -> str:
        if value and not wanted.fullmatch(value.lower()):
            raise ValueError(value)
        return value.lower()

    return Kind(cure, read)


def digits(most: int) -> Kind:
    """Digits only; may be empty."""
    kind = pattern("give up to {most} digits, or nothing", f"[0-9]{{1,{most}}}")
    return dataclasses.replace(kind, facts={"most": most})


def _read_networks(value: Iterable[str]) -> tuple[str, ...]:
    given = [value] if isinstance(value, str) else value
    found = tuple(dict.fromkeys(one.strip() for one in given if one.strip()))
    for one in found:
        ip_network(one, strict=False)
    return found


NETWORKS = Kind(
    "give addresses such as 203.0.113.7, or networks such as 203.0.113.0/24",
    _read_networks,
    ",".join,
    lambda stored: tuple(one for one in stored.split(",") if one),
    is_list=True,
)

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]+)?")


def _read_url(value: str) -> str:
    if value:
        parts = urlsplit(value)
        host = (parts.hostname or "").encode("idna").decode()
        if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or parts.port == 0 or value != value.strip():
            raise ValueError(value)
    return value


URL = Kind(
    "give an address of http or https, such as https://sms.example/reports, or nothing", _read_url, shown=without_password
)


def _read_phone(value: Any) -> int:
    phone = normalise(str(value)) if len(str(value)) <= 32 else None
    if phone is None:
        raise ValueError(value)
    return phone


PHONE = Kind("give a mobile number in any usual form, such as 13800138000", _read_phone)


def secret(cure: LiteralString, form: str, most: int) -> Kind:
    """A secret in clear that matches a pattern; it is sealed before it is stored."""
    wanted = re.compile(form)

    def read(value: str) -> str:
        if len(value) > most or not wanted.fullmatch(value) or not value.isprintable() or value != value.strip():
            raise ValueError
        return value

    return Kind(cure, read, is_secret=True, facts={"most": most})
