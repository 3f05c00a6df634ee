"""Tokens of the admin API: what a program may do with one, and until when."""

from dataclasses import dataclass
from typing import ClassVar

from hongyan.model.fields import Change, Customers, described
from hongyan.model.kinds import number, word
from hongyan.model.names import NAME
from hongyan.model.staff import Role


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    role: Role = Role.READ_ONLY
    days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChange(Change):
    """The fields of a new token."""

    thing: ClassVar[type] = Token

    name: str | None = described("Name of the token.", NAME, customers=Customers.NOTHING, is_required=True)
    role: Role | None = described("What the token may do.", word(Role), customers=Customers.NOTHING)
    days: int | None = described("For how many days it holds.", number(1, 366), customers=Customers.NOTHING)
