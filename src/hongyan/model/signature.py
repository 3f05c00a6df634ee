"""Signatures 【…】: who sends."""

from enum import StrEnum


class SignatureState(StrEnum):
    """Whether an account may use a signature of its own."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
