"""Who sends a request: account, secret and address."""

from hashlib import sha256
from hmac import compare_digest

from hongyan.doors.address import is_listed
from hongyan.doors.request import Request
from hongyan.model.account import Account, DialectName, Secret
from hongyan.model.book import Book
from hongyan.model.refusal import Code, Refusal

_BY_USERID = (DialectName.WL, DialectName.WL_EN)
_NOBODY = Secret("", sha256(b"").hexdigest())


def log_in(book: Book, request: Request, *, is_by_userid: bool = True) -> Account:
    """The account of a request that names it, knows its secret and comes from where it may.

    The secret is taken plain, or as its MD5 in any case. WL's clients prove the number of their company too, where a
    door has that parameter (`is_by_userid`); HX's write anything there.
    raises: Refusal ACCOUNT_EMPTY, SECRET_EMPTY, ACCOUNT_UNKNOWN, SECRET_WRONG, ACCOUNT_STOPPED, ADDRESS_FORBIDDEN, in
            this order
    source: wire contract, 1.1 and 7.1
    """
    name, given = request.account, request.value("password")
    if not name:
        raise Refusal(Code.ACCOUNT_EMPTY)
    if not given:
        raise Refusal(Code.SECRET_EMPTY)
    account = book.accounts.get(name)
    is_right = _is_secret(given, account.secret if account else _NOBODY)  # also for nobody: the time tells nothing
    if account is None or (is_by_userid and not _has_userid(account, request)):
        raise Refusal(Code.ACCOUNT_UNKNOWN)
    if not is_right:
        raise Refusal(Code.SECRET_WRONG, account=account.name)
    check_welcome(account, request.address)
    return account


def check_welcome(account: Account, address: str) -> None:
    """Raise Refusal ACCOUNT_STOPPED, ADDRESS_FORBIDDEN for an account that proved itself and still may not come in."""
    if account.is_stopped:
        raise Refusal(Code.ACCOUNT_STOPPED, account=account.name)
    if account.ip_list and not is_listed(address, account.ip_list):
        raise Refusal(Code.ADDRESS_FORBIDDEN, account=account.name, address=address)


def _is_secret(given: str, secret: Secret) -> bool:
    octets = given.encode("utf-8", "surrogatepass")
    is_plain = compare_digest(octets, secret.plain.encode("utf-8", "surrogatepass"))
    return compare_digest(octets.upper(), secret.md5_upper.encode()) or is_plain


def _has_userid(account: Account, request: Request) -> bool:
    return account.dialect not in _BY_USERID or request.value("userid").strip() == str(account.customer_id)
