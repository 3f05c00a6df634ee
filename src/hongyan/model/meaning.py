"""The meaning of a carrier's code: its class, whose fault it is, what it does to points, and whether another try may help."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from hongyan.model.fields import Change, described
from hongyan.model.kinds import FLAG, name, text, word


class CodeClass(StrEnum):
    DELIVERED = "delivered"
    PENDING = "pending"
    UNKNOWN = "unknown"  # the carrier does not know why
    NUMBER = "number"  # nobody has this number
    BARRED = "barred"  # the number is suspended, in arrears, or out of service
    ABSENT = "absent"  # the handset is off, out of coverage, or full
    HANDSET = "handset"  # the handset cannot take it
    BLACKLISTED = "blacklisted"
    CONTENT = "content"
    SIGNATURE = "signature"  # the signature or template is not filed with this carrier
    QUOTA = "quota"  # too many messages, or at a forbidden hour
    THROTTLED = "throttled"
    ROUTE = "route"  # there is no way to the number, or it was ported
    REQUEST = "request"  # a field that this carrier does not accept
    AUTHORITY = "authority"  # our service or access number there is wrong
    SESSION = "session"  # our login there is not valid any more
    ACCOUNT = "account"  # our account there may not send at all
    NETWORK = "network"  # the carrier's own systems failed
    CHARGING = "charging"
    EXPIRED = "expired"  # it waited with us longer than its validity
    OTHER = "other"


class Fault(StrEnum):
    NOBODY = "nobody"
    RECIPIENT = "recipient"
    CUSTOMER = "customer"
    OPERATOR = "operator"
    CARRIER = "carrier"
    UNCLEAR = "unclear"


class Points(StrEnum):
    """What a failure does to the points that are held."""

    RULE = "rule"  # the account's charge rule decides
    RETURN = "return"  # they are returned, whatever the rule
    KEEP = "keep"  # they are kept, whatever the rule


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: CodeClass
    fault: Fault
    points: Points
    may_resend: bool  # it is sent once more on another channel, if the account asks for that
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
)  # "" (in the column too): the words of the class
RESEND = replace(
    FLAG, store=lambda may: -1 if may is None else int(may), load=lambda stored: None if stored < 0 else bool(stored)
)  # -1 in the column: the rule of the class


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What an operator has set for a code; None leaves the rule of the class."""

    code: str
    kind: CodeClass
    points: Points | None = None
    may_resend: bool | None = None
    english: str = ""
    chinese: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRuleChange(Change):
    """The fields of a code rule that can be changed."""

    thing: ClassVar[type] = CodeRule

    code: str | None = described("The code as the carrier writes it, such as MK:0011.", CODE, is_required=True)
    kind: CodeClass | None = described("Its class, which says whose fault it is.", word(CodeClass), is_required=True)
    points: Points | None = described("What becomes of the points: by the account's rule, back, or kept.", POINTS)
    may_resend: bool | None = described(
        "Whether another channel may try, where the account asks for that.", RESEND, column="resend"
    )
    english: str | None = described("Its meaning in English.", MEANING)
    chinese: str | None = described("Its meaning in Chinese.", MEANING)
