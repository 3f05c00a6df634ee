"""PDUs as a link or a session recorded them, asked of the process that has it."""

from dataclasses import dataclass
from enum import StrEnum, auto


class RecordedBy(StrEnum):
    LINK = auto()
    SESSION = auto()


@dataclass(frozen=True, slots=True)
class Recording:
    """The last PDUs of one link or session.

    name:     of the link's channel; the session's id
    is_clear: phones and texts as they are, and the octets of each PDU
    """

    by: RecordedBy
    name: str
    is_clear: bool = False


@dataclass(frozen=True, slots=True)
class AskedRecording:
    """One that a process asks others for, by a row."""

    id: int
    recording: Recording
    asked_ms: int
    is_answered: bool
