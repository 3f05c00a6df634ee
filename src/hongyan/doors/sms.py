"""sms.aspx, smsGBK.aspx and smsJson.aspx: send, overage (the balance), checkkeyword and changespwd (the secret).

source: wire contract, 2.1 to 2.3 and 2.9; WL 3.1 to 3.3
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TypeVar

from hongyan.doors.context import PLAIN, Answer, DoorContext
from hongyan.doors.dialect import asks_rt_json, clean_text_of, dialect_of, failures_of, words_of
from hongyan.doors.login import LogIn, log_in
from hongyan.doors.pwd import change_secret
from hongyan.doors.request import Request
from hongyan.formats.form import is_readable
from hongyan.formats.lushang import lushang_json
from hongyan.formats.numbers import split_numbers
from hongyan.formats.refusals import WORDS, message_of
from hongyan.formats.returnsms import (
    Changed,
    Checked,
    Overage,
    Sent,
    accepted,
    changed,
    changed_json,
    changed_xml,
    checked_json,
    checked_xml,
    found_overage,
    message_json,
    message_xml,
    overage_json,
    overage_xml,
    refused,
    refused_overage,
    rt_json,
    sent_json,
    sent_xml,
)
from hongyan.formats.sendtime import BadTime, send_time_ms
from hongyan.formats.xml_text import GB2312
from hongyan.model.account import Account, PayMode, Product
from hongyan.model.dialect import DialectName
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted, Admission, Submission
from hongyan.services.keywords import has_keywords

_LONG_CHARACTERS = 12_000
"""A longer `mobile`, about 1,000 numbers, is judged in a thread, so that other requests do not wait."""

_LONG_CONTENT = 64_000
"""A longer `content` is read in a thread too."""

_REFERENCE_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Shape:
    """How a door writes its answers."""

    charset: str
    content_type: bytes
    write_sent: Callable[[Sent], bytes]
    write_overage: Callable[[Overage, str], bytes]
    write_checked: Callable[[Checked], bytes]
    write_message: Callable[[str], bytes]
    write_changed: Callable[[Changed], bytes]
    is_json: bool = False


XML = Shape(
    charset="utf-8",
    content_type=b"text/xml; charset=utf-8",
    write_sent=sent_xml,
    write_overage=overage_xml,
    write_checked=checked_xml,
    write_message=message_xml,
    write_changed=changed_xml,
)
XML_GBK = Shape(
    charset="gb18030",
    content_type=b"text/xml; charset=gb2312",
    write_sent=partial(sent_xml, encoding=GB2312),
    write_overage=partial(overage_xml, encoding=GB2312),
    write_checked=partial(checked_xml, encoding=GB2312),
    write_message=partial(message_xml, encoding=GB2312),
    write_changed=partial(changed_xml, encoding=GB2312),
)
JSON = Shape(
    charset="utf-8",
    content_type=b"application/json; charset=utf-8",
    write_sent=sent_json,
    write_overage=overage_json,
    write_checked=checked_json,
    write_message=message_json,
    write_changed=changed_json,
    is_json=True,
)


Reply = TypeVar("Reply", Sent, Overage, Checked, Changed)


class SmsDoor:
    """Takes submissions, returns the balance and checks texts for words, in one shape."""

    def __init__(
        self,
        name: str,
        shape: Shape,
        context: DoorContext,
        product: Product = Product.SMS,
        read: "Read | None" = None,
        *,
        log_in: LogIn = log_in,
    ) -> None:
        """product: whose wallet pays; read: reads what is to be sent, by default a text; log_in: returns the account"""
        self._log_in = log_in
        self.name, self.charset, self.content_type = name, shape.charset, shape.content_type
        self._shape, self._context, self.parameters = shape, context, PLAIN
        self._product, self._read = product, read or read_submission

    async def answer(self, request: Request) -> Answer:
        action = request.action
        account = self._log_in(self._context.api.snapshot, request)
        if action == "send":
            read = partial(self._read, request, account, self.name)
            return self.sent(request, account, await self._context.take(read, is_long=is_long(request)))
        if action == "overage":
            return await self._overage(request, account)
        if action == "checkkeyword":
            return self._check(request, account)
        if action == "changespwd":
            return await self._change_secret(request, account)
        raise Refusal(Code.PARAMETER_BAD, name="action")

    def submission(self, request: Request) -> tuple[Account, Admission]:
        """Returns the account of a request to send, and what it wants, judged. raises: Refusal"""
        account = self._log_in(self._context.api.snapshot, request)
        return account, self._context.judge(partial(self._read, request, account, self.name))

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        name = dialect_of(self._context.api.snapshot, request)
        words, message = words_of(name), message_of(refusal, name)
        if request.action == "overage":
            return self._write_overage(request, name, refused_overage(words, message))
        if request.action == "checkkeyword":
            return self._write_check(request, name, Checked(words.failed, message, 0))
        if request.action == "changespwd":
            return self._write(request, name, Changed(words.failed, message), self._shape.write_changed)
        if name is DialectName.LS and self._shape.is_json:
            return Answer(lushang_json(WORDS[refusal.code].resp_code, failures_of(refusal.rejected), ""))
        return self._write(request, name, refused(words, message), self._shape.write_sent)

    def sent(self, request: Request, account: Account, done: Accepted) -> Answer:
        if asks_rt_json(request, account.dialect):
            sent = accepted(words_of(account.dialect), done.balance, str(done.task_id), done.count)
            return Answer(rt_json(sent), content_type=JSON.content_type)
        return Answer(write_sent(self._shape, account.dialect, done))

    async def _overage(self, request: Request, account: Account) -> Answer:
        name, balance = account.dialect, await self._context.api.balance(account, self._product)
        is_prepaid = balance.pay_mode is PayMode.PREPAID
        is_json = self._shape.is_json or asks_rt_json(request, name)
        found = found_overage(words_of(name), is_prepaid, balance.points, balance.topped_up, is_json=is_json)
        return self._write_overage(request, name, found)

    def _check(self, request: Request, account: Account) -> Answer:
        snapshot, name = self._context.api.snapshot, account.dialect
        is_found = has_keywords(snapshot, account, request.value("content"))
        message = words_of(name).has_keywords if is_found else clean_text_of(snapshot, request, name)
        return self._write_check(request, name, Checked(words_of(name).success, message, 1))

    async def _change_secret(self, request: Request, account: Account) -> Answer:
        if request.value("newpwd") != request.value("renewpwd"):
            raise Refusal(Code.PARAMETER_BAD, name="renewpwd")
        await change_secret(self._context.api, request, account, "newpwd")
        is_json = self._shape.is_json or asks_rt_json(request, account.dialect)
        answer = changed(words_of(account.dialect), is_json=is_json)
        return self._write(request, account.dialect, answer, self._shape.write_changed)

    def _write_overage(self, request: Request, name: DialectName, found: Overage) -> Answer:
        element = words_of(name).overage
        return self._write(request, name, found, lambda overage: self._shape.write_overage(overage, element))

    def _write_check(self, request: Request, name: DialectName, checked: Checked) -> Answer:
        if words_of(name).has_bare_messages:
            return self._write(request, name, checked, lambda answer: self._shape.write_message(answer.message))
        return self._write(request, name, checked, self._shape.write_checked)

    def _write(self, request: Request, name: DialectName, answer: Reply, write: Callable[[Reply], bytes]) -> Answer:
        """Returns an answer in the door's shape, or in the one that `rt=json` asks for."""
        if asks_rt_json(request, name):
            return Answer(rt_json(answer), content_type=JSON.content_type)
        return Answer(write(answer))


def write_sent(shape: Shape, name: DialectName, done: Accepted) -> bytes:
    """Returns the answer to an accepted submission. Lushang's customers get the smsId instead of the task id (wire contract,
    7.3).
    """
    is_lushang = name is DialectName.LS
    if is_lushang and shape.is_json:
        return lushang_json("00000", failures_of(done.rejected), done.sms_id)
    task = done.sms_id if is_lushang else str(done.task_id)
    return shape.write_sent(accepted(words_of(name), done.balance, task, done.count))


Read = Callable[[Request, Account, str, int], Submission]
"""Returns what a customer wants sent; takes the request, its account, the door's name, the present in milliseconds. raises:
Refusal
"""


def is_long(request: Request) -> bool:
    """Returns whether a submission takes more than a moment to read and judge."""
    form = request.form
    return len(form.get("mobile", "")) > _LONG_CHARACTERS or len(form.get("content", "")) > _LONG_CONTENT


Pairs = tuple[Sequence[str], Sequence[str]]
"""Numbers, and a text for each."""


def read_submission(request: Request, account: Account, source: str, now_ms: int, pairs: Pairs | None = None) -> Submission:
    """Returns what the customer wants sent. Raises Refusal TIME_BAD, and PARAMETER_BAD for an overlong client reference and for
    numbers that do not fit the charset of the request; its texts are judged by admission.

    pairs: the contents of `content`, if it is not one text for all of `mobile`
    """
    form = request.form
    if not is_readable(form.get("mobile", "")):
        raise Refusal(Code.PARAMETER_BAD, name="mobile")
    numbers, texts = pairs or (split_numbers(form.get("mobile", "")), None)
    try:
        send_at_ms = send_time_ms(form.get("sendtime", ""), now_ms)
    except BadTime as fault:
        raise Refusal(Code.TIME_BAD) from fault
    submission = Submission(
        account,
        numbers,
        "" if pairs else form.get("content", ""),
        texts,
        extno=form.get("extno", "").strip(),
        send_at_ms=send_at_ms,
        source=source,
        address=request.address,
        asks_word_check=form.get("checkcontent", "").strip() == "1",
        refuses_sql=words_of(account.dialect).refuses_sql,
        is_flash=_is_flash(form.get("flash", "").strip()),
    )
    reference = request.reference
    if reference:
        if len(reference) > _REFERENCE_CHARACTERS or not reference.isprintable():
            raise Refusal(Code.PARAMETER_BAD, name="clientref")
        submission.client_ref, submission.client_hash = reference, _hash(submission)
    return submission


def _is_flash(given: str) -> bool:
    """Raises Refusal PARAMETER_BAD for anything but 1, 0 and nothing."""
    if given not in {"", "0", "1"}:
        raise Refusal(Code.PARAMETER_BAD, name="flash")
    return given == "1"


def _hash(submission: Submission) -> bytes:
    """Returns SHA-256 of what was submitted, whichever door and spelling it came by. NUL separates values, a comma separates
    numbers.
    """
    texts = submission.texts or ()
    parts = (",".join(submission.numbers), submission.text, submission.extno, str(submission.send_at_ms), *texts)
    parts += ("flash",) if submission.is_flash else ()
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
