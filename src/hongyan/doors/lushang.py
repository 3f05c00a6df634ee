"""Lushang and Miaodi: three paths that take submissions signed with a time stamp (wire contract, 4.2 to 4.4).

accountSid names the account by its sid, authToken is its API secret. A signature covers the time stamp and not the text,
and two requests of one second have the same one. So signature and contents together are remembered. A repeat of both gets
the first answer, as with a client reference: a client that lost the answer gets the smsId, and nobody can send with a
recorded request.
"""

from dataclasses import replace
from functools import partial
from hashlib import sha256
from hmac import compare_digest

from hongyan.doors.context import Answer, DoorContext
from hongyan.doors.dialect import failures_of
from hongyan.doors.login import check_allowed, check_slowed, note_guess, note_proof, read_as_gbk
from hongyan.doors.request import Request
from hongyan.doors.signed import reference_of
from hongyan.doors.sms import is_long, read_submission
from hongyan.formats.lushang import (
    NUMBERS_MOST,
    STAMP_VALID_MS,
    Sent,
    read_stamp,
    refused_json,
    refused_xml,
    sent_json,
    sent_xml,
    sign,
)
from hongyan.formats.refusals import WORDS
from hongyan.formats.sendtime import BadTime
from hongyan.model.account import Account
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.services.admin.templates import filled
from hongyan.services.guessing import guess_of

_XML = b"text/xml; charset=utf-8"
_PARAMETERS = {"mobile": "to", "content": "smsContent", "extno": "portNumber"}
_COVERED = ("sig", "timestamp", "mobile", "content", "extno", "sendtime", "flash")
"""A request that has the same values of these is a repeat."""


class LushangDoor:
    """Takes submissions by one path.

    taken: the respCode of success; the generations differ (wire contract, 4.3)
    """

    charset = "utf-8"
    parameters = _PARAMETERS
    content_type = b"application/json; charset=utf-8"

    def __init__(self, name: str, taken: str, context: DoorContext) -> None:
        self.name = name
        self._taken, self._context = taken, context

    async def answer(self, request: Request) -> Answer:
        if request.method != "POST":
            raise Refusal(Code.METHOD_WRONG)
        account = _log_in(self._context.api.snapshot, request, self._context.now_ms())
        sms = _as_sms(request, _content(self._context.api.snapshot, account, request))
        done = await self._context.take(partial(_read_once, sms, account, self.name), is_long=is_long(sms))
        sent = Sent(self._taken, failures_of(done.rejected), done.sms_id)
        return Answer(sent_xml(sent), content_type=_XML) if _wants_xml(request) else Answer(sent_json(sent))

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        code = WORDS[refusal.code].resp_code
        return Answer(refused_xml(code), content_type=_XML) if _wants_xml(request) else Answer(refused_json(code))


def _wants_xml(request: Request) -> bool:
    return request.value("respdatatype").strip().lower() == "xml"


def _log_in(snapshot: ConfigSnapshot, request: Request, now_ms: int) -> Account:
    """Returns the account that signed the request.

    raises: Refusal SID_EMPTY, STAMP_EMPTY, SIGN_EMPTY, STAMP_MALFORMED, LOGIN_SLOWED, SID_UNKNOWN, SIGN_WRONG, STAMP_OLD,
            ACCOUNT_STOPPED, ADDRESS_FORBIDDEN, in this order
    """
    sid, stamp, given = (request.value(name).strip() for name in ("accountsid", "timestamp", "sig"))
    for value, missing in ((sid, Code.SID_EMPTY), (stamp, Code.STAMP_EMPTY), (given, Code.SIGN_EMPTY)):
        if not value:
            raise Refusal(missing)
    at_ms = _read(stamp)
    account = snapshot.accounts_by_sid.get(sid.lower())
    check_slowed(request, account)
    plain = [secret.plain for secret in account.secrets] if account else [""]  # an unknown account takes the same time
    signed = given.lower().encode("utf-8", "surrogatepass")

    def is_made_with(secret: str) -> bool:
        return compare_digest(signed, sign(sid, secret, stamp).encode())

    is_right = any(map(is_made_with, plain))
    if account is None:
        note_guess(request, None, f"{sid} {guess_of(given, [], is_made_with)}")
        raise Refusal(Code.SID_UNKNOWN)
    if not is_right:
        guess = guess_of(given, [secret.plain for secret in account.former_secrets], is_made_with)
        note_guess(request, account, guess)
        raise Refusal(Code.SIGN_WRONG, account=account.name)
    request.sender = account
    note_proof(request, account)
    if abs(now_ms - at_ms) > STAMP_VALID_MS:
        raise Refusal(Code.STAMP_OLD, account=account.name)
    check_allowed(account, request)
    read_as_gbk(account, request)
    return account


def _read(stamp: str) -> int:
    try:
        return read_stamp(stamp)
    except BadTime as fault:
        raise Refusal(Code.STAMP_MALFORMED) from fault


def _content(snapshot: ConfigSnapshot, account: Account, request: Request) -> str:
    """Returns the text, or the account's template with its gaps filled.

    raises: Refusal CONTENT_TWICE, TEMPLATE_UNKNOWN, PARAMETERS_EMPTY, PARAMETER_BAD
    """
    text, number = request.value("smscontent"), request.value("templateid").strip()
    if not number:
        return text
    if text:
        raise Refusal(Code.CONTENT_TWICE)
    template = snapshot.templates.get((account.id, number))
    if template is None:
        raise Refusal(Code.TEMPLATE_UNKNOWN)
    return filled(template, request.value("param"))


def _as_sms(request: Request, content: str) -> Request:
    """Returns the same with the names of sms.aspx."""
    named = {"mobile": request.value("to"), "content": content, "extno": request.value("portnumber")}
    return replace(request, form=request.form | named)


def _read_once(request: Request, account: Account, source: str, now_ms: int) -> Submission:
    """Returns what the customer wants sent. Without a reference it gets one that is forgotten within the hour, like its
    signature.
    """
    submission = read_submission(request, account, source, now_ms)
    if len(submission.numbers) > NUMBERS_MOST:
        raise Refusal(Code.NUMBERS_MANY, count=len(submission.numbers), most=NUMBERS_MOST)
    if not submission.client_ref:
        digest = sha256("\0".join(request.value(name) for name in _COVERED).encode("utf-8", "surrogatepass")).digest()
        submission.client_ref, submission.client_hash = " " + reference_of(request.value("timestamp"), digest), digest
    return submission
