"""The carrier of a number."""

import csv
from importlib import resources

from hongyan.model.destination import Carrier
from hongyan.model.prefixes import PrefixTable


def carrier_of(phone: int, prefixes: PrefixTable) -> Carrier:
    """Returns the carrier that the number's prefix names; a first guess, since numbers are portable."""
    return prefixes.carrier(phone)


def published_prefixes() -> PrefixTable:
    """Returns the prefixes that come with Hongyan: the table of the Ministry of Industry and Information Technology of March
    2023.
    """
    rows = resources.files("hongyan.policy").joinpath("mobile_prefixes.csv").read_text("utf-8").splitlines()
    return PrefixTable.of({row["prefix"]: Carrier(row["carrier"]) for row in csv.DictReader(rows)})
