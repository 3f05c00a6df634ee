"""Customers and their accounts: who may send, what it costs, where reports go."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Product(IntEnum):
    """What a wallet pays for."""

    SMS = 1
    MMS = 2


class PayMode(IntEnum):
    PREPAID = 0
    POSTPAID = 1  # the wallet goes below zero, down to the credit limit


class ChargeRule(IntEnum):
    """From which moment on the points stay charged."""

    SUBMITTED = 1  # whatever happens later
    ACCEPTED = 2  # once a carrier took the message
    DELIVERED = 3  # only when the handset has it


class DialectName(StrEnum):
    """Whose words the answers use; the door decides their shape."""

    HX = "hx"  # manual 001
    WL = "wl"  # manual 000, Chinese words
    WL_EN = "wl-en"  # manual 000, English words
    WL_000 = "wl-000"  # the page of manual 000 letter by letter, its elements too
    LS = "ls"  # manual 002


WHITE_LABEL = (DialectName.WL, DialectName.WL_EN, DialectName.WL_000)
"""Those of manual 000's platform."""


class PushFormat(StrEnum):
    XML = "xml"  # manual 001, chapter 6
    JSON = "json"  # manual 002


class SignatureRule(StrEnum):
    """What the texts of an account must show of their sender."""

    FREE = "free"  # nothing
    REQUIRED = "required"  # some signature 【…】 at the start or the end
    APPROVED = "approved"  # one that was approved for the account


class WordCheck(StrEnum):
    """When the texts of an account are looked through for words that are not allowed."""

    ALWAYS = "always"
    ASKED = "asked"  # only when the request says checkcontent=1, as manual 000's platform did


class CharsetRule(StrEnum):
    """What is made of a request in no charset that it may be in."""

    STRICT = "strict"  # it is refused
    GUESS = "guess"  # at a UTF-8 door, and where it declares none, it is read as GBK if it is that in whole


@dataclass(frozen=True, slots=True)
class Secret:
    """The API secret in clear, as the protocols need it; never shown by repr or str."""

    plain: str = field(repr=False)
    md5_upper: str = field(repr=False)
    spellings: tuple[bytes, bytes] = field(
        init=False, repr=False, compare=False
    )  # both in octets, as requests are compared with

    def __post_init__(self) -> None:
        object.__setattr__(self, "spellings", (self.plain.encode("utf-8", "surrogatepass"), self.md5_upper.encode()))

    def __str__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    customer_id: int  # the `userid` of the doors
    name: str
    secret: Secret
    pay_mode: PayMode = PayMode.PREPAID
    charge_rule: ChargeRule = ChargeRule.SUBMITTED
    dialect: DialectName = DialectName.HX
    extno: str = ""  # digits between the channel's access number and the request's extno
    extno_most: int = 5  # digits a request may add
    ip_list: tuple[str, ...] = ()  # addresses or networks; empty admits all
    is_stopped: bool = False
    reads_reports: bool = True
    sid: str = ""  # 32 digits and letters, lower case: the accountSid of manual 002's platform; empty: it has none
    push_url: str = ""  # empty: the customer pulls
    push_format: PushFormat = PushFormat.XML
    push_private: bool = False  # may the push address be private or loopback
    unknown_after_s: int = 72 * 3600
    validity_s: int = 0  # a message that waited longer is not sent any more; 0: as the product's setting says
    resend_within_s: int = 0  # a failed message may be sent once more while it is no older; 0: never
    resend_cost_e4: int = 0  # the most that the second try may cost, in 0.0001 CNY; 0 is no limit
    products: tuple[Product, ...] = (Product.SMS,)  # that it may send
    signature_rule: SignatureRule = SignatureRule.FREE
    word_check: WordCheck = WordCheck.ALWAYS
    charset: CharsetRule = CharsetRule.STRICT
    old_secret: Secret | None = None  # before the last change, for as long as it is taken too

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All that prove the account now, the newest first. Who checks a secret, signature or key tries each."""
        return (self.secret, self.old_secret) if self.old_secret else (self.secret,)


class CleanText(StrEnum):
    """What a keyword check says of a text in which it found nothing. Programs compare it, and there are several."""

    USUAL = "usual"  # as the dialect says
    SCREENED = "screened"  # 没有包含屏蔽词
    ILLEGAL = "illegal"  # 未包含非法字符
    ENGLISH = "english"  # Does not contain illegal characters


EXTNO_AS_USUAL = -1
"""For the digits that a request may add, where nobody said how many."""


def extno_digits(told: int, dialect: DialectName) -> int:
    """The most extension digits that a request may add; as usual they are ten in the words of manual 000, else five."""
    usual = 10 if dialect in WHITE_LABEL else 5
    return usual if told == EXTNO_AS_USUAL else told


@dataclass(frozen=True, slots=True)
class Site:
    """What a host name shows: to requests that name no known account, and to everybody where that is said."""

    host: str  # "" is every other host
    dialect: DialectName = DialectName.HX
    brand: str = "Hongyan"
    language: str = "zh"
    clean_text: CleanText = CleanText.USUAL  # to everybody


@dataclass(frozen=True, slots=True)
class Balance:
    """A wallet as the overage doors answer it; points."""

    pay_mode: PayMode
    points: int
    topped_up: int  # all top-ups so far


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes configuration or money: goes into the audit row of the same transaction."""

    kind: str  # cli, staff, customer, system
    name: str
