"""Values that several calls take."""

from typing import Any

from hongyan.model.account import Product
from hongyan.model.fields import Kind, name, number, text, word
from hongyan.model.names import NAME_MOST
from hongyan.model.phone import normalise
from hongyan.web.api.values import Param

GREATEST = 2**63 - 1

MOMENT = number(0, 3_700_000_000_000)
"""Milliseconds since 1970, until 2087: ids have room for later ones only until 2089."""

ACCOUNT_NAME = Param("name", "Name of the account.", name(NAME_MOST), is_required=True)
CHANNEL_NAME = Param("name", "Name of the channel.", name(NAME_MOST), is_required=True)
NUMBER = Param("number", "Its number.", number(0, GREATEST), is_required=True)
ACCOUNT = Param("account", "Name of the account.", name(NAME_MOST), is_required=True)
OF_ACCOUNT = Param("account", "Only of this account.", name(NAME_MOST))
FOR_ACCOUNT = Param("account", "Name of the account; for all accounts where none is said.", name(NAME_MOST))
CHANNEL = Param("channel", "Name of the channel.", name(NAME_MOST), is_required=True)
OF_CHANNEL = Param("channel", "Only of this channel.", name(NAME_MOST))
PRODUCT = Param("product", "What is sent.", word(Product), usual=Product.SMS)
SECRET = Param("secret", "The secret in clear.", name(64), is_required=True)
SINCE = Param("since_ms", "From this moment on; else of the last 24 hours.", MOMENT)
UNTIL = Param("until_ms", "Before this moment; else until now.", MOMENT)


def content(most: int) -> Kind:
    """A text as handsets show it: of several lines, too."""

    def read(value: str) -> str:
        if not 0 < len(value) <= most or "\0" in value:
            raise ValueError(value)
        return value

    return Kind("give a text of 1 to {most} characters", read, facts={"most": most})


def texts(most: int, each: int) -> Kind:
    """Several texts of a line each."""
    one = text(each)

    def read(value: Any) -> tuple[str, ...]:
        if not 0 < len(value) <= most:
            raise ValueError(len(value))
        return tuple(one.read(line) for line in value)

    return Kind(
        "give 1 to {count} texts of up to {each} characters each", read, is_list=True, facts={"count": most, "each": each}
    )


def _read_phone(value: str) -> int:
    phone = normalise(value) if len(value) <= 32 else None
    if phone is None:
        raise ValueError(value)
    return phone


PHONE = Kind("give a mobile number in any usual form, such as 13800138000", _read_phone)


def _read_phones(value: Any) -> tuple[int, ...]:
    if not 0 < len(value) <= 5_000:
        raise ValueError(len(value))
    return tuple(map(_read_phone, value))


PHONES = Kind("give 1 to 5000 mobile numbers, each in any usual form", _read_phones, is_list=True)
