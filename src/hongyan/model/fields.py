"""What is configured, field by field: described once, for the loader, the command line, the audit, lists, and forms to come.

A class of changes names every field that may be said, with what it is and what it may hold; an instance is checked when it is made,
so no service meets a value that cannot be. What is not said is None. The usual values stand in the thing itself (`Account`, …).
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass
from enum import Enum, auto
from ipaddress import ip_network
from typing import Any, ClassVar, LiteralString, TypeVar
from urllib.parse import urlsplit

from hongyan.model.errors import Invalid
from hongyan.model.masking import without_password
from hongyan.model.phone import normalise

_SHOWN_MOST = 80  # characters of a value that is refused


class Customers(Enum):
    """What customers may do with a field of their own account."""

    NOTHING = auto()
    SEE = auto()
    CHANGE = auto()


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field may hold.

    cure:  what to give, for people; its gaps are filled from `facts`
    read:  takes what people type, or the value itself, and returns the value; raises ValueError
    store: the value as it stands in its column; `load` reads it back
    shown: the value of a column as it may be shown, such as an address without its password
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
    words: type[Enum] | None = None
    is_list: bool = False
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def checked(self, field: str, value: Any) -> Any:
        """The value as it is held. raises: Invalid that names field, value and cure"""
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


def said(
    help_: LiteralString,
    kind: Kind,
    *,
    column: str = "",
    usual: object = None,
    customers: Customers = Customers.SEE,
    is_required: bool = False,
) -> Any:
    """A field of a class of changes.

    help_:  what it is, for people
    column: where it is stored, if not under its own name
    usual:  what a new thing has where nothing is said; else what the thing itself says
    """
    facts = {
        "help": help_,
        "kind": kind,
        "column": column,
        "usual": usual,
        "customers": customers,
        "is_required": is_required,
    }
    return dataclasses.field(default=None, metadata=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Some fields of one thing. raises, when it is made: Invalid for a value that cannot be, or one that is missing"""

    thing: ClassVar[type | None] = None  # whose usual values its fields have

    def __post_init__(self) -> None:
        for field in fields_of(type(self)):
            if (value := getattr(self, field.name)) is not None:
                object.__setattr__(self, field.name, field.kind.checked(field.name, value))
            elif field.is_required:
                raise Invalid("{field} is missing", field.kind.cure, field=field.name, **field.kind.facts)

    def said(self) -> list[tuple[Field, Any]]:
        """What is said, with its fields."""
        pairs = [(field, getattr(self, field.name)) for field in fields_of(type(self))]
        return [(field, value) for field, value in pairs if value is not None]

    def values(self) -> dict[str, Any]:
        return {field.name: value for field, value in self.said()}

    def columns(self) -> dict[str, Any]:
        return {field.column: field.kind.store(value) for field, value in self.said()}


@dataclass(frozen=True, slots=True)
class Param:
    """A value that a call of the admin API takes, or a filter of a list.

    usual: what it is where nothing is said; None: nothing
    """

    name: str
    help: LiteralString
    kind: Kind
    is_required: bool = False
    usual: Any = None


def param_of(change: type[Change], name: str, called: LiteralString = "") -> Param:
    """A field as a value that a call takes beside others. called: its name there, where that is another"""
    (field,) = (one for one in fields_of(change) if one.name == name)
    usual = None if field.usual is MISSING else field.usual
    return Param(called or field.name, field.help, field.kind, is_required=field.is_required, usual=usual)


Changes = TypeVar("Changes", bound=Change)

_FIELDS: dict[type, tuple[Field, ...]] = {}  # by class of changes, once they were asked for


def fields_of(change: type[Change]) -> tuple[Field, ...]:
    if change not in _FIELDS:
        usual = {one.name: _usual(one) for one in dataclasses.fields(change.thing)} if change.thing else {}
        _FIELDS[change] = tuple(_described(one, usual.get(one.name)) for one in dataclasses.fields(change))
    return _FIELDS[change]


def _described(field: "dataclasses.Field[Any]", usual: object) -> Field:
    facts = dict(field.metadata)
    facts["column"] = facts["column"] or field.name
    facts["usual"] = usual if facts["usual"] is None else facts["usual"]
    return Field(field.name, **facts)


def _usual(field: "dataclasses.Field[Any]") -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def said_of(change: type[Changes], thing: object) -> Changes:
    """Everything that can be said of a thing. raises: Invalid for a value that cannot be"""
    return change(**{field.name: getattr(thing, field.name) for field in fields_of(change)})


def usual_columns(change: type[Change]) -> dict[str, Any]:
    """The columns of a new thing of which nothing is said but what has to be."""
    return {field.column: field.kind.store(field.usual) for field in fields_of(change) if not field.is_required}


def loaded(change: type[Change], row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a thing, from its row."""
    return {field.name: field.kind.load(row[field.column]) for field in fields_of(change)}


def in_words(change: type[Change], row: Mapping[str, Any]) -> dict[str, str]:
    """The columns that hold one of a few words, as people and programs read them."""
    fields = [field for field in fields_of(change) if field.kind.words and not field.kind.is_list]
    return {field.column: word_of(field.kind.load(row[field.column])) for field in fields}


def shown_row(row: Mapping[str, Any], *changes: type[Change]) -> dict[str, Any]:
    """A row as people may see it: without secrets, and no password in its addresses. changes: those that describe it"""
    kinds = {field.column: field.kind for change in changes for field in fields_of(change)}
    secret = {column for column, kind in kinds.items() if kind.is_secret}
    return {name: kinds[name].shown(value) if name in kinds else value for name, value in row.items() if name not in secret}


def as_json(value: Any) -> Any:
    """A value as it is held, as JSON has it."""
    if isinstance(value, Enum):
        return word_of(value)
    if isinstance(value, tuple | list):
        return [as_json(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def fields_as_json(change: type[Change], row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a thing as programs read them, from its row, in which words may stand as people read them."""
    return {field.name: _field_as_json(field, row[field.column]) for field in fields_of(change)}


def _field_as_json(field: Field, stored: Any) -> Any:
    is_word = field.kind.words is not None and not field.kind.is_list
    return stored if is_word else as_json(field.kind.load(field.kind.shown(stored)))


# --- kinds -----------------------------------------------------------------------------------------------------------


def number(least: int, most: int) -> Kind:
    return _number(int, least, most)


def seconds(least: float, most: float) -> Kind:
    """Held in seconds, stored in milliseconds."""
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
"""Milliseconds since 1970, until 2087: ids have room for later ones only until 2089."""


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


FLAG = Kind("give yes or no", _read_flag, load=bool, of=bool)


def word(words: type[Enum]) -> Kind:
    """One of a few words."""
    names = {word_of(one): one for one in words}

    def read(value: Any) -> Enum:
        return value if isinstance(value, words) else names[value]

    store = (lambda one: one.value) if issubclass(words, int) else word_of
    return Kind("give one of {words}", read, store, words, words=words, facts={"words": ", ".join(names)})


def words(of: type[Enum]) -> Kind:
    """Several of a few words, each once."""
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
    """How people and programs write a word: the value of texts, else the name in lower case."""
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
    """A text in lower case that matches; may be empty."""
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
    """A secret in clear that matches; it is sealed before it is stored."""
    wanted = re.compile(form)

    def read(value: str) -> str:
        if len(value) > most or not wanted.fullmatch(value) or not value.isprintable() or value != value.strip():
            raise ValueError
        return value

    return Kind(cure, read, is_secret=True, facts={"most": most})
