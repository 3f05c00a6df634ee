"""PDUs that a link or a session recorded, as another process asks for them."""

from dataclasses import dataclass
from enum import StrEnum, auto


class RecordedBy(StrEnum):
    LINK = auto()
    SESSION = auto()


@dataclass(frozen=True, slots=True)
class Recording:
    """The last PDUs of one link or session.

    name:     the name of the link's channel, or the session's id
    is_clear: whether phones and texts stand in clear, with the octets of each PDU
    """

    by: RecordedBy
    name: str
    is_clear: bool = False


@dataclass(frozen=True, slots=True)
class AskedRecording:
    """A recording that one process asks the others for, in a row of the store."""

    id: int
    recording: Recording
    asked_ms: int
    is_answered: bool
