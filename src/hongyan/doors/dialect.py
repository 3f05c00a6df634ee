"""In whose words a request is answered, and how much of a refusal its sender may know (wire contract, 7.1 and 7.2)."""

from collections.abc import Mapping, Sequence

from hongyan.doors.request import Request
from hongyan.formats.dialects import CLEAN_TEXTS, DIALECTS, Dialect
from hongyan.formats.lushang import Failed
from hongyan.formats.refusals import WORDS, meaning_of
from hongyan.model.account import Account
from hongyan.model.dialect import WHITE_LABEL, DialectName
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot

_LOGIN = {WORDS[Code.ACCOUNT_EMPTY].wl: "LOGIN_EMPTY", WORDS[Code.ACCOUNT_UNKNOWN].wl: "LOGIN_WRONG"}
"""The causes of a failed login, by their words in the answer."""

_DIGITS = 18  # digits of the greatest customer number


def dialect_of(snapshot: ConfigSnapshot, request: Request) -> DialectName:
    """Returns the dialect of the account that proved itself, else of the one that is named; for an unknown account that of the
    site.

    If no account is named, as in a signed request, the first one of the customer counts until the proof.
    """
    account = request.sender or snapshot.accounts.get(request.account)
    if account is None and not request.account:
        account = next(iter(accounts_named(snapshot, request)), None)
    return account.dialect if account else snapshot.site(request.host).dialect


def accounts_named(snapshot: ConfigSnapshot, request: Request) -> Sequence[Account]:
    """Returns the accounts of the customer whose number `userid` is; none if there is no such customer."""
    number = userid_of(request)
    return () if number is None else snapshot.accounts_of.get(number, ())


def userid_of(request: Request) -> int | None:
    """Returns the number of a customer that `userid` names, with or without zeros in front; None if it is no number."""
    number = request.value("userid").strip()
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= _DIGITS else None


def words_of(name: DialectName) -> Dialect:
    return DIALECTS[name]


def cause_of(refusal: Refusal, names: Mapping[str, str], *, is_proved: bool) -> tuple[str, str]:
    """Returns the name of a refusal in its `X-Cause`, and the parameter that is to blame, "" if none is.

    names:     of the door's parameters, if they differ from those of sms.aspx
    is_proved: whether the request proved its account; before that the cause says no more than the answer of sms.aspx
    """
    words = WORDS[refusal.code]
    if not is_proved and words.wl in _LOGIN:
        return _LOGIN[words.wl], ""
    blamed = str(refusal.facts.get("name", "")) if refusal.code is Code.PARAMETER_BAD else words.parameter
    plain = blamed.partition(" ")[0]  # some have more words, as `content (lines)`
    return refusal.code.name, names.get(plain, plain)


def pull_error_of(refusal: Refusal, name: DialectName) -> tuple[int, str]:
    """Returns number and remark of `errorstatus` in the XML pulls."""
    number = WORDS[refusal.code].pull
    return number, DIALECTS[name].pull_remarks[number - 1]


Rejected = Sequence[tuple[str, Code]]
"""Numbers that were not taken, as written, and why."""


def failures_of(rejected: Rejected) -> list[Failed]:
    """Returns the refused numbers with their codes of manual 002."""
    return [Failed(written, WORDS[cause].resp_code) for written, cause in rejected]


def errors_of(rejected: Rejected) -> list[str]:
    """Returns `Errors` of the doors that list refused numbers."""
    return [f"{written} {meaning_of(cause)}" for written, cause in rejected]


def asks_rt_json(request: Request, name: DialectName) -> bool:
    """Returns whether `rt=json` asks for JSON, as some installations of manual 000's platform answer; to other accounts it is
    an unknown parameter.
    """
    return "rt" in request.form and name in WHITE_LABEL and request.value("rt").strip().lower() == "json"


def clean_text_of(snapshot: ConfigSnapshot, request: Request, name: DialectName) -> str:
    """Returns the answer to a keyword check that found nothing: as the site says, else as the dialect does."""
    return CLEAN_TEXTS.get(snapshot.site(request.host).clean_text) or words_of(name).has_none
