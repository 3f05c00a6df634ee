"""What a carrier's code means: its class, whose fault it is, what it does to points, and whether another try may help."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from hongyan.model.fields import FLAG, Change, name, said, text, word


class CodeClass(StrEnum):
    DELIVERED = "delivered"
    PENDING = "pending"
    UNKNOWN = "unknown"  # the carrier does not know
    NUMBER = "number"  # nobody has this number
    BARRED = "barred"  # suspended, in arrears, the service stopped
    ABSENT = "absent"  # off, out of coverage, full
    HANDSET = "handset"  # the handset cannot
    BLACKLISTED = "blacklisted"
    CONTENT = "content"
    SIGNATURE = "signature"  # not filed with this carrier
    QUOTA = "quota"  # too many, or at the wrong hour
    THROTTLED = "throttled"
    ROUTE = "route"  # no way there, or the number was ported
    REQUEST = "request"  # a field that this carrier does not like
    AUTHORITY = "authority"  # our service or access number there
    SESSION = "session"  # our login there is gone
    ACCOUNT = "account"  # our account there may not send at all
    NETWORK = "network"  # the carrier's systems
    CHARGING = "charging"
    EXPIRED = "expired"  # with us: it waited longer than its validity
    OTHER = "other"


class Fault(StrEnum):
    NOBODY = "nobody"
    RECIPIENT = "recipient"
    CUSTOMER = "customer"
    OPERATOR = "operator"
    CARRIER = "carrier"
    UNCLEAR = "unclear"


class Points(StrEnum):
    """What a failure does to the points held."""

    RULE = "rule"  # as the account's charge rule says
    RETURN = "return"  # they go back, whatever the rule
    KEEP = "keep"  # they stay, whatever the rule


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: CodeClass
    fault: Fault
    points: Points
    may_resend: bool  # on another channel, where the account asks for that
    english: str
    chinese: str


CODE = name(32)
MEANING = text(200)
_POINTS = word(Points)
POINTS = replace(
    _POINTS,
    read=lambda points: _POINTS.read(points) if points else None,
    store=lambda points: points or "",
    load=lambda stored: Points(stored) if stored else None,
)  # "", in its column too: as the class says
RESEND = replace(
    FLAG, store=lambda may: -1 if may is None else int(may), load=lambda stored: None if stored < 0 else bool(stored)
)  # -1 in its column: as the class says


@dataclass(frozen=True, slots=True)
class CodeRule:
    """An operator's word on a code; what is None is as the class says."""

    code: str
    kind: CodeClass
    points: Points | None = None
    may_resend: bool | None = None
    english: str = ""
    chinese: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRuleChange(Change):
    """What may be said of a code."""

    thing: ClassVar[type] = CodeRule

    code: str | None = said("The code as the carrier writes it, such as MK:0011.", CODE, is_required=True)
    kind: CodeClass | None = said("Its class, which says whose fault it is.", word(CodeClass), is_required=True)
    points: Points | None = said("What becomes of the points: by the account's rule, back, or kept.", POINTS)
    may_resend: bool | None = said("Whether another channel may try, where the account asks for that.", RESEND, column="resend")
    english: str | None = said("Its meaning in English.", MEANING)
    chinese: str | None = said("Its meaning in Chinese.", MEANING)
