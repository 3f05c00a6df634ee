"""How the secrets of an account are changed."""

from dataclasses import dataclass
from typing import ClassVar

from hongyan.model.account import Account
from hongyan.model.fields import Change, described
from hongyan.model.ids import HOUR_MS
from hongyan.model.kinds import number, secret

PROTOCOL_SECRET_MOST = 8
"""The length of SMPP's password field, without its terminator."""

SECRET = secret("give 1 to {most} characters that can be seen, and no blanks round them", r".+", 64)
PROTOCOL_SECRET = secret(
    "give up to {most} letters, digits or signs of ASCII, since SMPP has room for no more", r"[!-~]*", PROTOCOL_SECRET_MOST
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSecrets(Change):
    """The secrets of an account. Each is changed by a command of its own."""

    thing: ClassVar[type] = Account

    secret: str | None = described("The API secret in clear.", SECRET)
    old_secret: str | None = described("The API secret before it, while that is taken too.", SECRET)
    protocol_secret: str | None = described(
        "Its secret of SMPP and CMPP in clear, of eight characters at most; empty: the API secret proves it.", PROTOCOL_SECRET
    )
    old_protocol_secret: str | None = described(
        "The one before it, by which a program that goes on with it is known.", PROTOCOL_SECRET
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretOverlap(Change):
    """For how long the secret before a new one still counts."""

    overlap_h: int | None = described("Hours for which the old secret is taken too.", number(0, 720), usual=0)

    @property
    def overlap_ms(self) -> int:
        return (self.overlap_h or 0) * HOUR_MS
