"""Parameters that several calls have."""

from typing import Any

from hongyan.model.account import Product
from hongyan.model.fields import Param
from hongyan.model.kinds import GREATEST, PHONE, Kind, number, text, word
from hongyan.model.names import NAME

ACCOUNT_NAME = Param("name", "Name of the account.", NAME, is_required=True)
CHANNEL_NAME = Param("name", "Name of the channel.", NAME, is_required=True)
NUMBER = Param("number", "Its number.", number(0, GREATEST), is_required=True)
FOR_ACCOUNT = Param("account", "Name of the account; for all accounts where none is said.", NAME)
CHANNEL = Param("channel", "Name of the channel.", NAME, is_required=True)
PRODUCT = Param("product", "What is sent.", word(Product), usual=Product.SMS)


def content(most: int) -> Kind:
    """Returns a kind for a text of a message, which may have several lines."""

    def read(value: str) -> str:
        if not 0 < len(value) <= most or "\0" in value:
            raise ValueError(value)
        return value

    return Kind("give a text of 1 to {most} characters", read, facts={"most": most})


def texts(most: int, each: int) -> Kind:
    """Returns a kind for several texts of one line each."""
    one = text(each)

    def read(value: Any) -> tuple[str, ...]:
        if not 0 < len(value) <= most:
            raise ValueError(len(value))
        return tuple(one.read(line) for line in value)

    return Kind(
        "give 1 to {count} texts of up to {each} characters each", read, is_list=True, facts={"count": most, "each": each}
    )


def _read_phones(value: Any) -> tuple[int, ...]:
    if not 0 < len(value) <= 5_000:
        raise ValueError(len(value))
    return tuple(map(PHONE.read, value))


PHONES = Kind("give 1 to 5000 mobile numbers, each in any usual form", _read_phones, is_list=True)
