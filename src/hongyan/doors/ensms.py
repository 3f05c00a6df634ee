"""ensms.ashx: a submission encrypted under the account's secret (wire contract, 2.6).

`UserId` names the customer, but nothing in clear says which of its accounts sends. So each distinct key of its accounts is
tried. The name inside must be that of an account with the key that fits, and the Secret inside must prove its secret.

A Text64 is its own client reference, with a blank in front that no client's own can have. So a recorded one cannot be sent
again, and a client that did not see the answer gets the first one.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from hmac import compare_digest

from hongyan.doors.context import Answer, DoorContext
from hongyan.doors.dialect import accounts_named, errors_of
from hongyan.doors.login import check_allowed, check_slowed, note_guess, note_proof
from hongyan.doors.request import Request
from hongyan.doors.signed import reference_of
from hongyan.doors.sms import read_submission
from hongyan.formats.dialects import HX
from hongyan.formats.refusals import meaning_of
from hongyan.formats.text64 import (
    BadText64,
    Contents,
    Step,
    answer_json,
    key_of,
    off_ms,
    proof_of,
    read_octets,
    read_sealed,
)
from hongyan.model.account import Account
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.services.guessing import guess_of

MOST_KEYS = 20

STAMP_MS = 5 * 60_000
"""How far a Stamp may be from the present."""

REPEAT_MS = 10 * 60_000
"""For how long after that a Text64 still gets its first answer, if it had one."""

_LONG_CHARACTERS = 16_000

_PARAMETERS = {
    "userid": "UserId",
    "mobile": "Moblie",
    "content": "Text",
    "extno": "Ext",
    "sendTime": "SendTime",
    "timestamp": "Stamp",
}


class Text64Door:
    """Takes submissions that only the account can have written."""

    name, charset, content_type = "ensms.ashx", "utf-8", b"application/json; charset=utf-8"
    parameters = _PARAMETERS

    def __init__(self, context: DoorContext) -> None:
        self._context = context

    async def answer(self, request: Request) -> Answer:
        is_long = len(request.value("text64")) > _LONG_CHARACTERS
        done = await self._context.take(partial(self._read, request), is_long=is_long)
        if not done.is_repeat:  # a repeat may come from somebody who recorded it
            note_proof(request, accounts_named(self._context.api.snapshot, request))
        return Answer(answer_json(1, HX.sent, str(done.task_id), done.balance, done.count, errors_of(done.rejected)))

    def refuse(self, request: Request, refusal: Refusal) -> Answer:  # noqa: ARG002 the words of this door are one dialect's
        number = refusal.code.words.number
        return Answer(answer_json(number, meaning_of(refusal.code), errors=errors_of(refusal.rejected)))

    def _read(self, request: Request, now_ms: int) -> Submission:
        octets, contents, account = _proved(request, self._context.api.snapshot)
        request.sender = account
        off = off_ms(contents.stamp, now_ms)
        if off is None or off > STAMP_MS + REPEAT_MS:
            raise Refusal(Code.STAMP_OLD, account=account.name)
        check_allowed(account, request)
        submission = read_submission(_in_clear(request, contents), account, self.name, now_ms)
        digest = sha256(octets).digest()
        submission.client_ref, submission.client_hash = " " + reference_of(contents.stamp, digest), digest
        submission.is_late = off > STAMP_MS
        return submission


def _proved(request: Request, snapshot: ConfigSnapshot) -> tuple[bytes, Contents, Account]:
    """Returns what was encrypted, its contents, and the account that must have written it.

    Every failure up to here counts as a guess of the customer's secrets, and slows the address. Otherwise, an answer that
    distinguishes wrong padding from wrong JSON would open any recorded Text64, octet by octet.
    raises: Refusal USERID_BAD; TEXT64_BAD for everything before the JSON is read, and for an address that is slowed;
            then ACCOUNT_EMPTY, SECRET_EMPTY, ACCOUNT_UNKNOWN, USERID_BAD, SECRET_WRONG
    """
    accounts = accounts_named(snapshot, request)
    try:
        check_slowed(request, accounts)
    except Refusal as slowed:
        raise Refusal(Code.TEXT64_BAD, step="slowed", **slowed.facts) from slowed
    try:
        octets, key, contents = _opened(snapshot, request.value("text64"), accounts)
        return octets, contents, _account_of(snapshot, accounts, key, contents)
    except Refusal:
        note_guess(request, accounts, f"{request.value('userid')} {_guess(accounts, request.value('text64'))}")
        raise


def _opened(snapshot: ConfigSnapshot, text64: str, accounts: Sequence[Account]) -> tuple[bytes, bytes, Contents]:
    """Returns what was encrypted, the key that fits, and the contents.

    DES uses seven bits of each octet of a key, so that of `secret10` also opens what `secret11` closed, except for the first
    octets. So a key fits if it is that of the account named inside; what another key opened shows best what is wrong.
    raises: Refusal USERID_BAD; TEXT64_BAD if none of the first twenty keys fits
    """
    if not accounts:
        raise Refusal(Code.USERID_BAD)
    opened: tuple[bytes, bytes, Contents] | None = None
    step = Step.KEY
    try:
        octets = read_octets(text64)
    except BadText64 as fault:
        raise Refusal(Code.TEXT64_BAD, step=fault.step.value) from fault
    for key in _keys(accounts):
        try:
            contents = read_sealed(octets, key)
        except BadText64 as fault:
            step = Step.JSON if fault.step is Step.JSON else step
            continue
        named = snapshot.accounts.get(contents.user_name)
        if named is not None and key in [key_of(secret.plain) for secret in named.secrets]:
            return octets, key, contents
        opened = opened or (octets, key, contents)
    if opened is None:
        raise Refusal(Code.TEXT64_BAD, step=step.value)
    return opened


def _keys(accounts: Sequence[Account]) -> Iterator[bytes]:
    """Yields the distinct keys of these accounts, in their order; twenty at most."""
    seen: set[bytes] = set()
    for secret in (secret for account in accounts for secret in account.secrets):
        key = key_of(secret.plain)
        if key not in seen:
            seen.add(key)
            yield key
        if len(seen) == MOST_KEYS:
            return


def _account_of(snapshot: ConfigSnapshot, accounts: Sequence[Account], key: bytes, contents: Contents) -> Account:
    """Returns the account that the contents name and prove.

    raises: Refusal ACCOUNT_EMPTY, SECRET_EMPTY, ACCOUNT_UNKNOWN, USERID_BAD, SECRET_WRONG
    """
    if not contents.user_name:
        raise Refusal(Code.ACCOUNT_EMPTY)
    if not contents.secret:
        raise Refusal(Code.SECRET_EMPTY)
    account = snapshot.accounts.get(contents.user_name)
    if account is None:
        raise Refusal(Code.ACCOUNT_UNKNOWN)
    if account.customer_id != accounts[0].customer_id:
        raise Refusal(Code.USERID_BAD, account=account.name)
    if not any(_is_proof(contents, secret.plain) for secret in account.secrets if key_of(secret.plain) == key):
        raise Refusal(Code.SECRET_WRONG, account=account.name)
    return account


def _is_proof(contents: Contents, secret: str) -> bool:
    given = contents.secret.upper().encode("utf-8", "surrogatepass")
    return compare_digest(given, proof_of(secret, contents.stamp).encode())


def _guess(accounts: Sequence[Account], text64: str) -> str:
    """Returns what counts as the guess of a Text64 that proves nothing.

    It counts as a former secret only if that secret proves the whole of it. Otherwise somebody who changes a recorded Text64 octet
    by octet would never make a new guess.
    """
    try:
        octets = read_octets(text64)
    except BadText64:
        return text64
    guess = text64
    for account in accounts[:MOST_KEYS]:
        former = [secret.plain for secret in account.former_secrets]
        guess = guess_of(guess, former, partial(_is_made_with, octets, account.name))
    return guess


def _is_made_with(octets: bytes, name: str, secret: str) -> bool:
    try:
        contents = read_sealed(octets, key_of(secret))
    except BadText64:
        return False
    return contents.user_name == name and _is_proof(contents, secret)


def _in_clear(request: Request, contents: Contents) -> Request:
    """Returns the same request as another door would have got it."""
    form = {"mobile": contents.mobile, "content": contents.text, "extno": contents.ext, "sendtime": contents.send_time}
    return Request(form, request.address)
