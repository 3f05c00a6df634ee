"""Signatures 【…】: who sends."""

from enum import StrEnum

from hongyan.model.fields import Kind

SHORTEST = 2  # characters
LONGEST_APPROVED = 20
"""Characters of one that was approved: the carriers file whole names of companies today."""


class SignatureState(StrEnum):
    """Whether an account may use a signature of its own."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


def _read_signature(text: str) -> str:
    name = text.strip().removeprefix("【").removesuffix("】")
    if not SHORTEST <= len(name) <= LONGEST_APPROVED or "【" in name or "】" in name or not name.isprintable():
        raise ValueError(text)
    return name


SIGNATURE = Kind(
    "give {least} to {longest} characters; 【】 round them may be left out", _read_signature,
    facts={"least": SHORTEST, "longest": LONGEST_APPROVED},
)  # fmt: skip
