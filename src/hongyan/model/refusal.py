"""The registry of refusals: every cause with its number and with the words that people read; `i18n` has the Chinese.

The words that a customer's program reads, which its platform fixed, stand in `formats.refusals`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from hongyan.model.sentence import fill_known_gaps


@dataclass(frozen=True, slots=True)
class Words:
    """The number and the words of one cause.

    number: ResultCode of manual 001, chapter 9, used in reports and logs; several causes may share one
    what:   what happened, in English; a gap `{fact}` is filled from the refusal
    cure:   what to do now
    """

    number: int
    what: str
    cure: str


class Code(Enum):
    """Every cause of a refusal."""

    ACCOUNT_EMPTY = Words(1002, "no account name was given", "fill in the parameter account")
    SECRET_EMPTY = Words(1003, "no API secret was given", "fill in the parameter password")
    ACCOUNT_UNKNOWN = Words(1004, "there is no such account", "check account; upper and lower case differ")
    SECRET_WRONG = Words(1005, "the API secret is wrong", "use the API secret (not the portal password), plain or as MD5")
    LOGIN_SLOWED = Words(
        1005,
        "too many wrong secrets from this address; none is looked at for {seconds} s",
        "check the secret, then try again later; an address on the account's IP list is slowed by nobody else",
    )
    PULLED_OFTEN = Words(
        1001,
        "pulled too often; the limit is {most} times a minute",
        "pull less often, or have reports and replies posted to you",
    )
    ADDRESS_FORBIDDEN = Words(
        1006, "address {address} is not on the account's list", "add the address to the account's IP list"
    )
    ACCOUNT_STOPPED = Words(1007, "the account is stopped", "ask the operator to enable it")
    REPORTS_FORBIDDEN = Words(1001, "the account may not read reports", "ask the operator for the permission")
    PARAMETER_BAD = Words(1001, "parameter {name} is not valid", "fill it in as the interface page says")
    USERID_BAD = Words(1008, "UserId is empty, unknown, or not that of the account", "fill in the number of your company")
    TEXT64_BAD = Words(
        1009,
        "Text64 cannot be read: {step}",
        "hongyan text64 decode names the step; the key is eight octets of the plain secret",
    )
    REFERENCE_REUSED = Words(
        1001, "this client reference was used for another submission", "use a new reference for new contents"
    )
    TIME_BAD = Words(1001, "sendTime is not a valid time", "write yyyy-MM-dd HH:mm:ss, China time")
    VALIDITY_BAD = Words(
        1001, "the validity is not a valid time", "write YYMMDDhhmmsstnnp (SMPP 3.4, 7.1.1), or leave it empty"
    )
    NUMBERS_MANY = Words(1001, "{count} numbers in one request; the limit is {most}", "split the request")
    NUMBER_REPEATED = Words(1108, "a number stands twice in the batch", "remove the repeated number")
    NUMBER_EMPTY = Words(1103, "no mobile number was given", "fill in the parameter mobile")
    NUMBER_BAD = Words(1108, "the mobile number is not valid", "mainland numbers have 11 digits and begin with 1")
    NUMBER_LISTED = Words(1109, "the number is black-listed", "remove it from the list if that is a mistake")
    NUMBER_NO_CHANNEL = Words(1110, "no channel serves this number's carrier", "ask the operator for a route to that carrier")
    NO_CHANNEL = Words(1106, "the account has no usable channel", "add a route for this account")
    NO_BINARY_CHANNEL = Words(
        1106,
        "no channel of the account carries binary messages",
        "add a route to a channel of CMPP, SGIP, SMGP or SMPP; one of http carries texts only",
    )
    NO_FLASH_CHANNEL = Words(
        1001,
        "no channel of the account carries flash messages (flash=1)",
        "leave out flash, or have a route to a channel of CMPP, SGIP, SMGP or SMPP added",
    )
    CONTENT_EMPTY = Words(2001, "the content is empty", "fill in the parameter content")
    CONTENT_LONG = Words(2105, "the content needs {segments} segments; the limit is {most}", "shorten the content")
    CONTENT_WORDS = Words(2107, "the content has words that are not allowed: {words}", "reword the content")
    CONTENT_SQL = Words(2107, "the content reads like an SQL statement", "reword the content")
    SIGNATURE_MISSING = Words(2113, "the content has no signature", "put the signature in 【】 at the start or the end")
    SIGNATURE_WRONG = Words(2114, "the signature is not approved for this account", "use an approved signature")
    EXTNO_BAD = Words(1104, "extno must be digits, {most} at most", "correct extno or leave it empty")
    EXTNO_TAKEN = Words(
        1104,
        "extno {extno} belongs to another account, which would get the replies",
        "use another extno or leave it empty; the operator assigns them",
    )
    BALANCE_SHORT = Words(1111, "the messages need {need} points and {free} are free", "top up or send fewer")
    NO_PRODUCT = Words(1112, "the account does not have this product", "ask the operator to open it to the account")
    SUBJECT_EMPTY = Words(3001, "the MMS has no subject", "fill in the parameter subject")
    METHOD_WRONG = Words(1001, "this door takes POST only", "post the parameters as a form")
    SID_EMPTY = Words(1002, "no accountSid was given", "fill in the parameter accountSid")
    SID_UNKNOWN = Words(1004, "no account has this accountSid", "check it; the operator tells it")
    SIGN_EMPTY = Words(1003, "no signature was given", "fill in the parameter sig, at the v2 doors sign")
    SIGN_WRONG = Words(
        1005,
        "the signature does not fit account, API secret and timestamp",
        "it is md5(accountSid+secret+timestamp), at the v2 doors with account, joined as they are",
    )
    STAMP_EMPTY = Words(1010, "no timestamp was given", "fill in the parameter timestamp")
    STAMP_MALFORMED = Words(1010, "timestamp is no time", "write yyyyMMddHHmmss, China time")
    STAMP_OLD = Words(1010, "timestamp is more than five minutes away from now", "set your clock, and use China time")
    TEMPLATE_UNKNOWN = Words(
        1001, "there is no template of this templateid", "have the operator add it, or put the whole text into smsContent"
    )
    PARAMETERS_EMPTY = Words(
        1001, "the template has gaps, and no param was given", "give what fills the gaps in param, in their order, by comma"
    )
    CONTENT_TWICE = Words(1001, "templateid and smsContent are both given", "give one of them")
    STAMP_FAR = Words(
        1010,
        "timestamp is more than {hours} hours away from now",
        "make timestamp and sign of China's time now, for each request",
    )
    SOAP_BAD = Words(
        1001, "this is no SOAP request that can be read: {fault}", "send SendSms in SOAP 1.1 or 1.2 as ?wsdl describes it"
    )
    SUBJECT_LONG = Words(3001, "the subject has {count} characters; the limit is {most}", "shorten the subject")
    FRAMES_EMPTY = Words(2001, "the MMS shows nothing", "put in a picture or a text, and name it in a par of the SMIL")
    ELEMENT_BAD = Words(
        1001,
        "element {number} of the MMS cannot be taken: {step}",
        "hongyan tms unpack names the step; jpg, gif, png, bmp, wav, mid, amr, mp3, mp4, texts and SMIL are taken",
    )
    ELEMENT_REPEATED = Words(
        1001,
        "element {number} has the name of an earlier one",
        "give each element a name of its own; upper and lower case do not differ",
    )
    SMIL_EMPTY = Words(2001, "the MMS has no SMIL", "add one SMIL element that says what each frame shows")
    SMIL_MANY = Words(1001, "the MMS has several SMIL elements", "keep one")
    FRAME_BAD = Words(
        1001,
        "the SMIL cannot be read, or frame {number} names no element",
        "hongyan tms unpack checks the SMIL; each src is the name of an element, in 20 frames at most",
    )
    FRAME_LARGE = Words(
        2105, "frame {number} has {octets} octets; the limit is {most}", "make the picture smaller, or spread it over frames"
    )
    MMS_LARGE = Words(2105, "the MMS has {octets} octets; the limit is {most}", "make pictures and sounds smaller")
    PROTOCOL_FORBIDDEN = Words(
        1112, "the account may not connect by {protocol}", "ask the operator to open the protocol to the account"
    )
    SESSIONS_MANY = Words(
        1001, "the account has {most} sessions, which is its limit", "close one, or ask the operator for more"
    )
    PARTS_MANY = Words(
        1001, "{most} parts of long texts wait for others, which is the limit", "send all parts of a text one after the other"
    )
    BUSY = Words(9999, "too many submissions wait for the store", "send the same again in some seconds, and slower")
    INTERNAL = Words(9999, "something broke on our side", "try again later; if it persists, tell the operator the time")

    @property
    def words(self) -> Words:
        return self.value


class Refusal(Exception):
    """A request that cannot be granted: a cause and its facts (numbers and names, never a secret, text or phone)."""

    def __init__(self, code: Code, **facts: object) -> None:
        super().__init__(code.name)
        self.code = code
        self.facts = facts
        self.rejected: Sequence[tuple[str, Code]] = ()  # numbers as written, and why each is refused; for the customer alone

    @property
    def what(self) -> str:
        """Returns what happened, in English."""
        return fill_known_gaps(self.code.words.what, self.facts)

    @classmethod
    def of_all(
        cls, rejected: "Sequence[tuple[str, Code]]", facts: "Mapping[Code, Mapping[str, object]] | None" = None
    ) -> "Refusal":
        """Returns the refusal of a request in which every number is refused: the cause of the first one.

        facts: of causes; those that it names become the refusal's
        """
        cause = rejected[0][1]
        refusal = cls(cause, **(facts or {}).get(cause, {}))
        refusal.rejected = rejected
        return refusal
