"""pwd.aspx: a customer changes the API secret of an account (wire contract, 2.9).

The old secret counts for a while, so that programs can follow one by one. It cannot change the secret, so a thief of the old
one cannot take the account over.
"""

from hongyan.doors.context import PLAIN, Answer, DoorContext
from hongyan.doors.dialect import dialect_of, words_of
from hongyan.doors.login import is_secret, log_in
from hongyan.doors.request import Request
from hongyan.formats.refusals import message_of
from hongyan.formats.returnsms import Changed, changed, changed_xml
from hongyan.model.account import Account
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.customer_api import CustomerApi

MOST = 20  # characters of a secret that is set here


class PwdDoor:
    """Takes changes of the secret; there is no `action`."""

    name, charset, content_type = "pwd.aspx", "utf-8", b"text/xml; charset=utf-8"
    parameters = PLAIN

    def __init__(self, context: DoorContext) -> None:
        self._context = context

    async def answer(self, request: Request) -> Answer:
        account = log_in(self._context.api.snapshot, request)
        await change_secret(self._context.api, request, account, "newpassword")
        return Answer(changed_xml(changed(words_of(account.dialect))))

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        name = dialect_of(self._context.api.snapshot, request)
        return Answer(changed_xml(Changed(words_of(name).failed, message_of(refusal, name))))


async def change_secret(api: CustomerApi, request: Request, account: Account, name: str) -> None:
    """Set the secret of an account that has logged in to the value of this parameter. One that holds already changes nothing: the
    old one goes on to count as long as was said. raises: Refusal PARAMETER_BAD, SECRET_WRONG
    """
    secret = request.value(name)
    if not 0 < len(secret) <= MOST or not secret.isprintable() or secret != secret.strip():
        raise Refusal(Code.PARAMETER_BAD, name=name)
    if not is_secret(request.value("password"), account.secret):
        raise Refusal(Code.SECRET_WRONG, account=account.name)
    if secret != account.secret.plain:
        await api.change_secret(account, secret)
