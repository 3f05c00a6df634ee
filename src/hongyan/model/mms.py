"""The parts of an MMS, and its limits."""

from dataclasses import dataclass, field
from hashlib import sha256

SMIL = "application/smil"
TEXT = "text/plain"

NO_MEDIA = "NOMEDIA"
"""The code of an MMS whose media were pruned while it waited."""


@dataclass(frozen=True, slots=True)
class MmsLimits:
    """The limits of one MMS."""

    octets: int = 300 * 1024  # octets of all parts together: what Chinese networks carry today
    frame_octets: int = 200 * 1024  # a handset unpacks a frame as a whole, and leaves the MMS unread when it cannot
    frames: int = 20
    subject: int = 40  # characters; handsets show twenty and cut off the rest


@dataclass(frozen=True, slots=True)
class Media:
    """One part: a name, the media type that its octets show, and the octets; texts are UTF-8."""

    name: str
    kind: str
    data: bytes = field(repr=False)
    digest: bytes = field(default=b"", repr=False)  # the SHA-256 of the data, under which it is stored once

    def __post_init__(self) -> None:
        if not self.digest:
            object.__setattr__(self, "digest", sha256(self.data).digest())


@dataclass(frozen=True, slots=True)
class Mms:
    """A subject and its parts; `frames` names the parts that are shown together."""

    subject: str = field(repr=False)
    media: tuple[Media, ...]
    frames: tuple[tuple[str, ...], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Returns the texts that a person reads in it."""
        return tuple(part.data.decode("utf-8", "replace") for part in self.media if part.kind == TEXT)

    @property
    def size_octets(self) -> int:
        return sum(len(media.data) for media in self.media)
