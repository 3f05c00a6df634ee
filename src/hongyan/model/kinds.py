"""Kinds of values: what people may enter for a field, how it is stored, and how it is shown."""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_network
from typing import Any, LiteralString
from urllib.parse import urlsplit

from hongyan.model.errors import VALUE_MOST, Invalid
from hongyan.model.masking import without_password
from hongyan.model.phone import normalise

GREATEST = 2**63 - 1
"""The greatest number that a column of the store holds."""


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
            shown = without_password(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))[:VALUE_MOST]
            if not shown.strip():
                raise Invalid("{field} cannot be empty", self.cure, field=field, value=shown, **self.facts) from error
            raise Invalid("{field} cannot be {value}", self.cure, field=field, value=shown, **self.facts) from error


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
