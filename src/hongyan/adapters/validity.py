"""A channel's template for usual submits, and those that say until when the carrier may try, or bear a protocol id."""

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from hongyan.adapters.carrier_time import CHINA, absolute_time

Template = TypeVar("Template")

_KEPT = 64
"""Texts of an account that go out together were taken within a few seconds, and end within a few."""


class ValidityTemplates(Generic[Template]):
    __slots__ = ("_special", "plain")

    def __init__(self, make: Callable[[str, int], Template], quarters: int = CHINA) -> None:
        """make: packs a template with this validity, "" for the carrier's own, and protocol id; quarters: of the clock to write it by"""
        self.plain = make("", 0)

        @lru_cache(maxsize=_KEPT)
        def special(at_s: int, protocol_id: int) -> Template:
            return make(absolute_time(at_s, quarters) if at_s else "", protocol_id)

        self._special = special

    def of(self, until_ms: int, protocol_id: int) -> Template:
        """until_ms: 0 for no end; rounded down to the second, so that nothing is delivered later than it may be"""
        return self._special(until_ms // 1000, protocol_id)
