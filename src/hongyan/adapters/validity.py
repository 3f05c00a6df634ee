"""A channel's template for usual submits, and templates for submits with an end of validity or a protocol id."""

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from hongyan.adapters.carrier_time import CHINA, absolute_time

Template = TypeVar("Template")

_KEPT = 64
"""Texts of an account that leave together were accepted within a few seconds, and end within a few."""


class ValidityTemplates(Generic[Template]):
    __slots__ = ("_special", "plain")

    def __init__(self, make: Callable[[str, int], Template], quarters: int = CHINA) -> None:
        """make: packs a template with this validity, "" for the carrier's own, and protocol id; quarters: of the clock that
        writes the validity
        """
        self.plain = make("", 0)

        @lru_cache(maxsize=_KEPT)
        def special(at_s: int, protocol_id: int) -> Template:
            return make(absolute_time(at_s, quarters) if at_s else "", protocol_id)

        self._special = special

    def of(self, until_ms: int, protocol_id: int) -> Template:
        """Returns the template. until_ms: 0 for no end; rounded down to the second, so that nothing is delivered too late"""
        return self._special(until_ms // 1000, protocol_id)
