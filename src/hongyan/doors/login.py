"""Who sends a request: account, secret and address.

Every door tells here how it went: `refuse_guess` when a secret was wrong, `check_welcome` when it was right. Both slow those
who try secrets, and both answer the same while they do.
"""

from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from typing import NoReturn

from hongyan.doors.request import Request
from hongyan.model.account import WHITE_LABEL, Account, Secret
from hongyan.model.address import is_listed
from hongyan.model.book import Book
from hongyan.model.refusal import Code, Refusal

_NOBODY = Secret("", sha256(b"").hexdigest())


LogIn = Callable[[Book, Request], Account]
"""Whose a request is. Raises Refusal."""


def log_in(book: Book, request: Request, *, is_by_userid: bool = True) -> Account:
    """The account of a request that names it, knows its secret and comes from where it may.

    The secret is taken plain, or as its MD5 in any case. WL's clients prove the number of their company too, where a
    door has that parameter (`is_by_userid`); HX's write anything there.
    raises: Refusal ACCOUNT_EMPTY, SECRET_EMPTY, LOGIN_SLOWED, ACCOUNT_UNKNOWN, SECRET_WRONG, ACCOUNT_STOPPED,
            ADDRESS_FORBIDDEN, in this order
    source: wire contract, 1.1 and 7.1
    """
    name, given = request.account, request.value("password")
    if not name:
        raise Refusal(Code.ACCOUNT_EMPTY)
    if not given:
        raise Refusal(Code.SECRET_EMPTY)
    account = book.accounts.get(name)
    is_right = is_secret(given, account.secret if account else _NOBODY)  # also for nobody: the time tells nothing
    if not is_right and account is not None and account.old_secret is not None:
        is_right = is_secret(given, account.old_secret)
    if account is None or (is_by_userid and not _has_userid(account, request)):
        refuse_guess(request, account, given, Refusal(Code.ACCOUNT_UNKNOWN))
    if not is_right:
        refuse_guess(request, account, given, Refusal(Code.SECRET_WRONG, account=account.name))
    check_welcome(account, request)
    return account


def refuse_guess(request: Request, account: Account | None, guess: str, refusal: Refusal) -> NoReturn:
    """Raise the refusal of a wrong secret, or Refusal LOGIN_SLOWED where there were too many.

    account: whose secret was tried, if there is such an account
    guess:   what stands for the secret: itself, a signature, what was encrypted by it
    """
    if request.guard is not None:
        is_trusted = account is not None and _is_trusted(account, request)
        request.guard.wrong(account, request.address, guess, is_trusted=is_trusted)
    raise refusal


def check_welcome(account: Account, request: Request) -> None:
    """Raise Refusal LOGIN_SLOWED, ACCOUNT_STOPPED, ADDRESS_FORBIDDEN for an account that proved itself and still may not come in."""
    is_trusted = _is_trusted(account, request)
    if request.guard is not None:
        request.guard.right(account, request.address, is_trusted=is_trusted)
    if account.is_stopped:
        raise Refusal(Code.ACCOUNT_STOPPED, account=account.name)
    if account.ip_list and not is_trusted:
        raise Refusal(Code.ADDRESS_FORBIDDEN, account=account.name, address=request.address)


def _is_trusted(account: Account, request: Request) -> bool:
    return bool(account.ip_list) and is_listed(request.address, account.ip_list)


def is_secret(given: str, secret: Secret) -> bool:
    """Whether a parameter is the secret, plain or as its MD5."""
    octets = given.encode("utf-8", "surrogatepass")
    plain, md5_upper = secret.spellings
    is_plain = compare_digest(octets, plain)
    return compare_digest(octets.upper(), md5_upper) or is_plain


def _has_userid(account: Account, request: Request) -> bool:
    return account.dialect not in WHITE_LABEL or request.value("userid").strip() == str(account.customer_id)
