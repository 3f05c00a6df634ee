"""Accounts of customers: who may send, what it costs, where reports go."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar

from hongyan.model.customer import CUSTOMER_ID
from hongyan.model.dialect import WHITE_LABEL, DialectName
from hongyan.model.fields import Change, Customers, Group, described
from hongyan.model.kinds import FLAG, NETWORKS, URL, digits, number, pattern, text, word, words
from hongyan.model.names import NAME
from hongyan.model.secret import Secret
from hongyan.model.session_settings import (
    MissingParts,
    MissingSession,
    ReplyAlphabet,
    SessionAlphabet,
    SessionProtocol,
    SourceRule,
)


class Product(IntEnum):
    """A product that an account may send; each has a wallet of its own."""

    SMS = 1
    MMS = 2


class PayMode(IntEnum):
    PREPAID = 0
    POSTPAID = 1  # the wallet goes below zero, down to the credit limit


class ChargeRule(IntEnum):
    """When the points of a message become final."""

    SUBMITTED = 1  # at acceptance, whatever becomes of the message
    ACCEPTED = 2  # when a carrier takes the message
    DELIVERED = 3  # when the handset has it


class PushFormat(StrEnum):
    XML = "xml"  # manual 001, chapter 6
    JSON = "json"  # manual 002


class Delivery(StrEnum):
    """How reports and replies reach the customer."""

    PULL = "pull"  # the customer asks for them at the doors
    PUSH = "push"  # they are posted to the account's address; what the address did not take can be pulled
    SESSION = "session"  # they are sent on a connection that the customer holds open; what could not be sent can be pulled


class SignatureRule(StrEnum):
    """Which signature the texts of an account must have."""

    FREE = "free"  # none
    REQUIRED = "required"  # some signature 【…】 at the start or the end
    APPROVED = "approved"  # one that was approved for the account


class WordCheck(StrEnum):
    """When the texts of an account are searched for words that are not allowed."""

    ALWAYS = "always"
    ASKED = "asked"  # only if the request says checkcontent=1, as on manual 000's platform


class CharsetRule(StrEnum):
    """What happens to a request whose octets do not fit the charset that it should have."""

    STRICT = "strict"  # it is refused
    GUESS = "guess"  # if it declares no charset and its door expects UTF-8, it is read as GBK where all of it is valid GBK


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    customer_id: int  # the `userid` of the interfaces
    name: str
    secret: Secret
    pay_mode: PayMode = PayMode.PREPAID
    charge_rule: ChargeRule = ChargeRule.SUBMITTED
    dialect: DialectName = DialectName.HX
    extno: str = ""  # digits between the channel's access number and the request's extno
    extno_most: int = 5  # the most digits that a request may add
    ip_list: tuple[str, ...] = ()  # addresses or networks that may submit; empty admits all
    is_stopped: bool = False
    reads_reports: bool = True
    sid: str = ""  # the accountSid of manual 002's platform, 32 digits and lower-case letters; empty: the account has none
    push_url: str = ""
    push_format: PushFormat = PushFormat.XML
    push_private: bool = False  # whether the push address may be private or loopback
    unknown_after_s: int = 72 * 3600
    validity_s: int = 0  # a message that waited longer is no longer sent; 0: the setting of the product holds
    resend_within_s: int = 0  # a failed message is sent once more only within this time after it was accepted; 0: never
    resend_cost_e4: int = 0  # the most that the second try may cost, in 0.0001 CNY; 0: any cost
    products: tuple[Product, ...] = (Product.SMS,)  # the products that it may send
    signature_rule: SignatureRule = SignatureRule.FREE
    word_check: WordCheck = WordCheck.ALWAYS
    charset: CharsetRule = CharsetRule.STRICT
    protocols: tuple[SessionProtocol, ...] = ()  # the protocols by which it may connect as to a carrier
    protocol_login: str = ""  # system_id of SMPP, Source_Addr of CMPP; empty: the account's name
    sessions_most: int = 4  # sessions at the same time
    window_in: int = 100  # submits on one session that we have not answered yet
    window_out: int = 16  # deliveries on one session that the customer has not answered yet
    session_rate: int = 0  # submits a second over all sessions of a process; 0: no limit
    missing_session: MissingSession = MissingSession.WAIT
    source_rule: SourceRule = SourceRule.IGNORE
    session_alphabet: SessionAlphabet = SessionAlphabet.GSM
    reply_alphabet: ReplyAlphabet = ReplyAlphabet.NEEDED
    missing_parts: MissingParts = MissingParts.SEND
    knows_sequence: bool = False  # CMPP: a submit with the same Msg_src and sequence is a repeat, and gets the first answer
    old_secret: Secret | None = None  # the secret before the last change, for as long as it still counts
    protocol_secret: Secret | None = None  # the secret for logins of sessions; None: the API secret counts there too
    former_secret: Secret | None = None  # the secret before the last change, once it counts no more
    old_protocol_secret: Secret | None = None  # the secret for sessions before the last change; it counts no more

    @property
    def delivery(self) -> Delivery:
        if self.protocols:
            return Delivery.SESSION
        return Delivery.PUSH if self.push_url else Delivery.PULL

    @property
    def session_secrets(self) -> tuple[Secret, ...]:
        """Returns every secret that proves a login of a session."""
        return (self.protocol_secret,) if self.protocol_secret else self.secrets

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Returns every secret that counts now, the newest first. A check of a secret, a signature or a key tries each."""
        return (self.secret, self.old_secret) if self.old_secret else (self.secret,)

    @property
    def former_secrets(self) -> tuple[Secret, ...]:
        """Returns the secrets that counted once. A program that goes on with one guesses nothing new."""
        return (self.former_secret,) if self.former_secret else ()

    @property
    def former_session_secrets(self) -> tuple[Secret, ...]:
        """The same for logins of sessions, where the API secret counts no more once there is another one for them."""
        former = (self.old_protocol_secret,) if self.old_protocol_secret else ()
        return (*former, *(self.secrets if self.protocol_secret else ()), *self.former_secrets)


EXTNO_AS_USUAL = -1
"""The value of `extno_most` where nobody has set a number of digits."""

_FEW = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange(Change):
    """The settings of an account that can be changed."""

    thing: ClassVar[type] = Account
    groups: ClassVar[tuple[Group, ...]] = (
        Group("Requests", ("dialect", "sid", "ip_list", "reads_reports", "charset", "is_stopped")),
        Group("Products and charging", ("products", "pay_mode", "charge_rule")),
        Group("Texts", ("signature_rule", "word_check")),
        Group("Extension numbers", ("extno", "extno_most")),
        Group("Waiting and second tries", ("validity_s", "unknown_after_s", "resend_within_s", "resend_cost_e4")),
        Group("Pushes", ("push_url", "push_format", "push_private")),
        Group(
            "Sessions",
            ("protocols", "protocol_login", "sessions_most", "window_in", "window_out", "session_rate", "missing_session"),
        ),
        Group("Texts on sessions", ("source_rule", "session_alphabet", "reply_alphabet", "missing_parts", "knows_sequence")),
    )

    pay_mode: PayMode | None = described("Whether its wallets may go below zero, down to their credit.", word(PayMode))
    charge_rule: ChargeRule | None = described("From when on points stay charged.", word(ChargeRule))
    dialect: DialectName | None = described("Whose words its answers use.", word(DialectName))
    extno: str | None = described("Digits behind the channel's access number.", digits(20))
    extno_most: int | None = described(
        "Extension digits that a request may add; -1: ten in the words of manual 000, else five.",
        number(-1, 20),
        usual=EXTNO_AS_USUAL,
    )
    ip_list: tuple[str, ...] | None = described(
        "Address or network that may submit; may be repeated. None: all may.", NETWORKS, customers=Customers.CHANGE
    )
    is_stopped: bool | None = described("Whether it may neither send nor read.", FLAG)
    reads_reports: bool | None = described("Whether it may pull reports and replies.", FLAG)
    sid: str | None = described(
        "accountSid of manual 002's interface: 32 digits and letters, `new` for one by chance, empty for none.",
        pattern("give 32 digits and letters, or new for one by chance", "[0-9a-z]{32}"),
    )
    push_url: str | None = described(
        "Address that reports and replies are posted to; empty: the customer pulls.", URL, customers=Customers.CHANGE
    )
    push_format: PushFormat | None = described(
        "Body of what is posted: xml of manual 001 or json of manual 002.", word(PushFormat), customers=Customers.CHANGE
    )
    push_private: bool | None = described("Whether that address may be private or loopback.", FLAG, customers=Customers.NOTHING)
    unknown_after_s: int | None = described(
        "How long a message may be without a receipt before it is unknown.", number(3600, 1440 * 3600)
    )
    validity_s: int | None = described(
        "Seconds that a message may wait before it is not sent any more; 0: as the settings say of the product.",
        number(0, _FEW),
    )
    resend_within_s: int | None = described(
        "Seconds within which a failed message may be sent once more by another channel; 0 never.",
        number(0, _FEW),
        customers=Customers.NOTHING,
    )
    resend_cost_e4: int | None = described(
        "The most that such a second try may cost, in 0.0001 CNY; 0 for no limit.", number(0, _FEW), customers=Customers.NOTHING
    )
    products: tuple[Product, ...] | None = described("What it may send, and nothing else; may be repeated.", words(Product))
    signature_rule: SignatureRule | None = described(
        "Which signature its texts must show: free, required or approved.", word(SignatureRule)
    )
    word_check: WordCheck | None = described(
        "When its texts are checked for words: always, or when the request asks.", word(WordCheck)
    )
    charset: CharsetRule | None = described(
        "What is made of its requests in no charset that they may be in: strict refuses them, guess tries GBK.",
        word(CharsetRule),
    )
    protocols: tuple[SessionProtocol, ...] | None = described(
        "Protocol by which it may connect as to a carrier; may be repeated. None: by no protocol.", words(SessionProtocol)
    )
    protocol_login: str | None = described(
        "Its system_id of SMPP and Source_Addr of CMPP; empty: the account's name.",
        text(15),
    )
    sessions_most: int | None = described("Sessions at once.", number(1, 1000))
    window_in: int | None = described("Submits of a session that wait for our answer; more are throttled.", number(1, 10_000))
    window_out: int | None = described("Reports and replies on a session that wait for its answer.", number(1, 10_000))
    session_rate: int | None = described(
        "Submits a second over its sessions in one process; more are throttled. 0 for no limit.", number(0, _FEW)
    )
    missing_session: MissingSession | None = described(
        "What becomes of reports and replies while no session is up: they wait, can be pulled, or are posted (push).",
        word(MissingSession),
    )
    source_rule: SourceRule | None = described(
        "What a submit's source address is: ignored, the extno, or the whole number that the extno ends.", word(SourceRule)
    )
    reply_alphabet: ReplyAlphabet | None = described(
        "How replies are spelt on sessions: needed (the least that spells them), gbk (CMPP's 15 where it does) or ucs2.",
        word(ReplyAlphabet),
    )
    session_alphabet: SessionAlphabet | None = described(
        "What SMPP's data_coding 0 means: gsm, gsm-packed, ascii, latin1, gbk or utf8.", word(SessionAlphabet)
    )
    missing_parts: MissingParts | None = described(
        "What becomes of a long text whose parts did not all come: the others are sent, or it fails.", word(MissingParts)
    )
    knows_sequence: bool | None = described(
        "Whether a CMPP submit with the same Msg_src, sequence and contents is a repeat, for some minutes.", FLAG
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpening(Change):
    """The values of an account that are set once, when it is added."""

    name: str | None = described("What its programs log in with; it cannot be changed.", NAME, is_required=True)
    customer_id: int | None = described(
        "Number of its customer: the userid of the interfaces. A new one adds the customer.", CUSTOMER_ID, is_required=True
    )
    customer_name: str | None = described("Name of the customer, where it is new.", text(128), usual="")


def extno_digits(digits: int, dialect: DialectName) -> int:
    """The most extension digits that a request may add; as usual they are ten in the words of manual 000, else five."""
    usual = 10 if dialect in WHITE_LABEL else 5
    return usual if digits == EXTNO_AS_USUAL else digits


@dataclass(frozen=True, slots=True)
class Balance:
    """A wallet as the overage doors answer it; points."""

    pay_mode: PayMode
    points: int
    topped_up: int  # all top-ups so far
