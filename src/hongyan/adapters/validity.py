"""A channel's template for submits without an end, and those that say until when the carrier may try."""

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from hongyan.adapters.carrier_time import CHINA, absolute_time

Template = TypeVar("Template")

_KEPT = 64
"""Texts of an account that go out together were taken within a few seconds, and end within a few."""


class ValidityTemplates(Generic[Template]):
    __slots__ = ("_ending", "plain")

    def __init__(self, make: Callable[[str], Template], quarters: int = CHINA) -> None:
        """make: packs a template with this validity, "" for the carrier's own; quarters: of the clock to write it by"""
        self.plain = make("")

        @lru_cache(maxsize=_KEPT)
        def ending(at_s: int) -> Template:
            return make(absolute_time(at_s, quarters))

        self._ending = ending

    def until(self, at_ms: int) -> Template:
        """The template for this end, rounded down to the second, so that nothing is delivered later than it may be."""
        return self._ending(at_ms // 1000)
