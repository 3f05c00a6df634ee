"""The sender of a request: account, secret and address.

Every door asks in this order: `check_slowed` before it looks at what proves the account, then `note_guess` if that was wrong,
`check_allowed` if it was right. Until the proof, the answer depends only on the name and the proof.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from hmac import compare_digest

from hongyan.doors.dialect import userid_of
from hongyan.doors.request import Request
from hongyan.formats.form import is_readable
from hongyan.http.address import is_listed
from hongyan.model.account import Account, CharsetRule
from hongyan.model.dialect import WHITE_LABEL
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.guard import Whose

_NOBODY = Secret("", sha256(b"").hexdigest())


LogIn = Callable[[ConfigSnapshot, Request], Account]
"""Returns the account of a request. raises: Refusal"""


def log_in(snapshot: ConfigSnapshot, request: Request, *, is_by_userid: bool = True) -> Account:
    """Returns the account of a request that names it, has its secret and comes from an allowed address.

    The secret is accepted plain, or as its MD5 in any case. WL's clients also prove the number of their company, if the door
    has that parameter (`is_by_userid`); HX's clients write anything there.
    raises: Refusal ACCOUNT_EMPTY, PARAMETER_BAD, SECRET_EMPTY, LOGIN_SLOWED, ACCOUNT_UNKNOWN, SECRET_WRONG, ACCOUNT_STOPPED,
            ADDRESS_FORBIDDEN, in this order
    source: wire contract, 1.1 and 7.1
    """
    if request.unread is not None:
        _read_named_as_gbk(snapshot, request)
    name, given = request.account, request.value("password")
    if not name:
        raise Refusal(Code.ACCOUNT_EMPTY)
    if not is_readable(name):
        raise Refusal(Code.PARAMETER_BAD, name="account")
    if not given:
        raise Refusal(Code.SECRET_EMPTY)
    account = snapshot.accounts.get(name)
    check_slowed(request, account)
    is_right = is_secret(given, account.secret if account else _NOBODY)  # an unknown account takes the same time
    if not is_right and account is not None and account.old_secret is not None:
        is_right = is_secret(given, account.old_secret)
    if account is None or (is_by_userid and not _has_userid(account, request)):
        note_guess(request, account, f"{name} {given}")
        raise Refusal(Code.ACCOUNT_UNKNOWN)
    if not is_right:
        note_guess(request, account, given)
        raise Refusal(Code.SECRET_WRONG, account=account.name)
    request.sender = account
    note_proof(request, account)
    check_allowed(account, request)
    return account


def read_as_gbk(account: Account | None, request: Request) -> None:
    """Read a request again that does not fit the charset of its door, if its account wants that and all of it is valid GBK.

    source: wire contract, 7.7
    """
    if request.unread is not None and account is not None and account.charset is CharsetRule.GUESS:
        request.form = request.in_gbk() or request.form
        request.unread = None


def _read_named_as_gbk(snapshot: ConfigSnapshot, request: Request) -> None:
    """The same before the account is known: name and secret may be Chinese too."""
    form = request.in_gbk()
    if form is not None:
        read_as_gbk(snapshot.accounts.get(form.get("account", "").strip()), request)


Owner = Account | Sequence[Account] | None
"""The owner of the secret: an account; the accounts of a customer, if the request names no account; None for an unknown name.
"""


def check_slowed(request: Request, owner: Owner) -> None:
    """Raise Refusal LOGIN_SLOWED while this address must wait. A door calls it before it looks at any secret."""
    if request.guard is not None:
        request.guard.check(_key_of(owner), request.address, is_trusted=_is_trusted(owner, request))


def note_guess(request: Request, owner: Owner, guess: str) -> None:
    """Count a wrong secret.

    guess: the secret, or what was signed or encrypted by it; for an unknown name, name and secret, so that nobody can search for
           names with one secret
    """
    if request.guard is not None:
        request.guard.wrong(_key_of(owner), request.address, guess, is_trusted=_is_trusted(owner, request))


def note_proof(request: Request, owner: Owner) -> None:
    """Remember that this address proved the secret."""
    key = _key_of(owner)
    if request.guard is not None and key is not None:
        request.guard.right(key, request.address)


def check_allowed(account: Account, request: Request) -> None:
    """Raise Refusal ACCOUNT_STOPPED or ADDRESS_FORBIDDEN for an account that proved its secret and may not send."""
    if account.is_stopped:
        raise Refusal(Code.ACCOUNT_STOPPED, account=account.name)
    if account.ip_list and not _is_trusted(account, request):
        raise Refusal(Code.ADDRESS_FORBIDDEN, account=account.name, address=request.address)


def _key_of(owner: Owner) -> Whose | None:
    if isinstance(owner, Account):
        return owner.id
    return ("customer", owner[0].customer_id) if owner else None


def _is_trusted(owner: Owner, request: Request) -> bool:
    """Returns whether the address stands in one of their lists."""
    if isinstance(owner, Account):
        return bool(owner.ip_list) and is_listed(request.address, owner.ip_list)
    return any(_is_trusted(account, request) for account in owner or ())


def is_secret(given: str, secret: Secret) -> bool:
    """Returns whether a parameter is the secret, plain or as its MD5."""
    octets = given.encode("utf-8", "surrogatepass")
    plain, md5_upper = secret.spellings
    is_plain = compare_digest(octets, plain)
    return compare_digest(octets.upper(), md5_upper) or is_plain


def _has_userid(account: Account, request: Request) -> bool:
    return account.dialect not in WHITE_LABEL or userid_of(request) == account.customer_id
