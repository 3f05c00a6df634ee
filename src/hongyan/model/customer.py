"""Customers: the enterprises whose accounts send."""

from dataclasses import dataclass
from typing import ClassVar

from hongyan.model.fields import Change, Customers, described
from hongyan.model.kinds import number
from hongyan.model.names import TITLE


@dataclass(frozen=True, slots=True)
class Customer:
    """An enterprise."""

    id: int  # the `userid` of the doors
    name: str = ""
    parent_id: int | None = None  # the number of its reseller, if it has one


CUSTOMER_ID = number(0, 10**12)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChange(Change):
    """The settings of a customer that can be changed."""

    thing: ClassVar[type] = Customer

    name: str | None = described("Name of the enterprise.", TITLE)
    parent_id: int | None = described("Number of the reseller it belongs to.", CUSTOMER_ID, customers=Customers.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOpening(Change):
    """The value of a customer that is set once, when it is added."""

    customer_id: int | None = described("Number of the customer: the userid of the interfaces.", CUSTOMER_ID, is_required=True)
