"""Answers and pushes of another platform, as values; words are kept as they came. source: manual 001, chapters 3 to 6"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a submission."""

    is_success: bool
    message: str
    task_id: str
    accepted: int


@dataclass(frozen=True, slots=True)
class Overage:
    is_success: bool
    message: str
    overage: str


@dataclass(frozen=True, slots=True)
class Status:
    mobile: str
    task_id: str
    is_delivered: bool
    code: str
    time: str


@dataclass(frozen=True, slots=True)
class Reply:
    mobile: str
    task_id: str
    text: str
    time: str
    extno: str  # digits of the extension, or the whole number written to


@dataclass(frozen=True, slots=True)
class Refused:
    """A pull that failed."""

    error: str
    remark: str


Item = Status | Reply
