"""Requests that are signed over a time stamp, without the secret: the v2 doors (wire contract, 3.5).

`userid` names the customer, and each secret of its accounts is tried. The signature covers account, secret and stamp, not the
text, so somebody who recorded a request can use its stamp as long as it is valid; TLS prevents that. Programs send clocks of
twelve hours, Unix seconds and even one constant stamp. So a stamp may be a day off, and an operator may switch its check off. A
signed request that comes again with the same contents gets the first answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from hmac import compare_digest

from hongyan.doors.context import DoorContext
from hongyan.doors.dialect import accounts_named
from hongyan.doors.login import check_allowed, check_slowed, note_guess, note_proof, read_as_gbk
from hongyan.doors.request import Request
from hongyan.doors.sms import read_submission
from hongyan.formats.lushang import sign
from hongyan.formats.sendtime import BadTime, read_any_stamp_ms
from hongyan.model.account import Account
from hongyan.model.ids import HOUR_MS
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.services.guessing import guess_of

MOST_ACCOUNTS = 200  # the most accounts of a customer that are tried

EXTNO_DIGITS = 10
"""The digits that a v2 request may add, as the copies of its manual say."""

_COVERED = ("mobile", "content", "extno", "sendtime", "flash")


class SignedLogin:
    """Finds the account that signed a request by `timestamp` and `sign`."""

    def __init__(self, context: DoorContext) -> None:
        self._context = context

    def __call__(self, snapshot: ConfigSnapshot, request: Request) -> Account:
        """Returns the account of a request.

        raises: Refusal SIGN_EMPTY, STAMP_EMPTY, LOGIN_SLOWED, ACCOUNT_UNKNOWN, SIGN_WRONG, STAMP_MALFORMED, STAMP_FAR,
                ACCOUNT_STOPPED, ADDRESS_FORBIDDEN, in this order
        """
        stamp, given = request.value("timestamp").strip(), _signature(request)
        if not given:
            raise Refusal(Code.SIGN_EMPTY)
        if not stamp:
            raise Refusal(Code.STAMP_EMPTY)
        accounts = accounts_named(snapshot, request)[:MOST_ACCOUNTS]
        check_slowed(request, accounts)
        account = _signer(accounts, stamp, given)
        if account is None:
            note_guess(request, accounts, f"{request.value('userid')} {_guess(accounts, stamp, given)}")
            raise Refusal(Code.SIGN_WRONG if accounts else Code.ACCOUNT_UNKNOWN)
        request.sender = account
        note_proof(request, accounts)
        self._check_stamp(account, stamp)
        check_allowed(account, request)
        read_as_gbk(account, request)
        if len(request.value("extno").strip()) <= account.extno_most:
            return account  # nearly always; a copy would cost 10 µs
        return replace(account, extno_most=max(account.extno_most, EXTNO_DIGITS))

    def read(self, request: Request, account: Account, source: str, now_ms: int) -> Submission:
        """Returns what the customer wants sent. Without a reference it gets one made of the stamp and the contents.

        Two requests of one second have one stamp.
        """
        submission = read_submission(request, account, source, now_ms)
        if self._context.stamp_hours and not submission.client_ref:
            covered = "\0".join([request.value(name) for name in _COVERED])
            digest = sha256(covered.encode("utf-8", "surrogatepass"))
            submission.client_ref = reference_of(request.value("timestamp"), digest.digest())
            submission.client_hash = digest.digest()
        return submission

    def _check_stamp(self, account: Account, stamp: str) -> None:
        hours = self._context.stamp_hours
        if not hours:
            return
        try:
            off_ms = abs(read_any_stamp_ms(stamp) - self._context.now_ms())
        except BadTime as fault:
            raise Refusal(Code.STAMP_MALFORMED, account=account.name) from fault
        if off_ms > hours * HOUR_MS:
            raise Refusal(Code.STAMP_FAR, account=account.name, hours=hours)


def reference_of(stamp: str, digest: bytes) -> str:
    """Returns the reference of a stamped request that has none.

    The stamp comes first, so that references made together lie together in the store. It ends with half of the digest; the
    whole digest is compared.
    """
    return f"{stamp.strip()}-{digest[:16].hex()}"


def _signature(request: Request) -> str:
    return request.value("sign").strip().lower()


def _signer(accounts: Sequence[Account], stamp: str, given: str) -> Account | None:
    """Returns the account whose secret made the signature. For an unknown account a signature is computed too, so that both
    take the same time.
    """
    if not accounts:
        _is_made_with("", stamp, given, "")
    for account in accounts:
        if any(_is_made_with(account.name, stamp, given, secret.plain) for secret in account.secrets):
            return account
    return None


def _is_made_with(name: str, stamp: str, given: str, secret: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogatepass"), sign(name, secret, stamp).encode())


def _guess(accounts: Sequence[Account], stamp: str, given: str) -> str:
    """Returns what counts as the guess of a wrong signature. For an unknown account one is computed too."""
    guess = given if accounts else guess_of(given, [], partial(_is_made_with, "", stamp, given))
    for account in accounts:
        former = [secret.plain for secret in account.former_secrets]
        guess = guess_of(guess, former, partial(_is_made_with, account.name, stamp, given))
    return guess
