"""Signatures 【…】, which say who sends."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from hongyan.model.fields import Change, described
from hongyan.model.kinds import FLAG, Kind, word
from hongyan.model.names import REMARK

SHORTEST = 2  # characters
LONGEST_APPROVED = 20
"""The most characters of an approved signature; today carriers file whole names of companies."""


class SignatureState(StrEnum):
    """Whether an account may use a signature."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


STATE = word(SignatureState)


def _read_signature(text: str) -> str:
    name = text.strip().removeprefix("【").removesuffix("】")
    if not SHORTEST <= len(name) <= LONGEST_APPROVED or "【" in name or "】" in name or not name.isprintable():
        raise ValueError(text)
    return name


SIGNATURE = Kind(
    "give {least} to {longest} characters; 【】 round them may be left out",
    _read_signature,
    facts={"least": SHORTEST, "longest": LONGEST_APPROVED},
)


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    is_approved: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureChange(Change):
    """The fields of a new signature."""

    thing: ClassVar[type] = Signature

    name: str | None = described("The signature, without 【】.", SIGNATURE, is_required=True)
    is_approved: bool | None = described("Whether it is approved at once.", FLAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureDecision(Change):
    """The decision on a signature, and why."""

    thing: ClassVar[type] = Signature

    is_approved: bool | None = described("Whether it may be used.", FLAG, is_required=True)
    note: str | None = described("Why.", REMARK)
