"""BatchSms.ashx: many numbers with a text each, zipped in one request (wire contract, 2.7)."""

from functools import partial
from types import MappingProxyType

from hongyan.doors.context import Answer, DoorContext
from hongyan.doors.dialect import dialect_of, words_of
from hongyan.doors.login import log_in
from hongyan.doors.request import Request
from hongyan.doors.sms import XML, read_submission, write_sent
from hongyan.formats.bad_batch import BadBatch, Step
from hongyan.formats.batch_lines import Batch
from hongyan.formats.form import GBK, UTF8, declared_charset
from hongyan.formats.refusals import message_of
from hongyan.formats.returnsms import refused, sent_xml
from hongyan.formats.zipbatch import unpack
from hongyan.model.account import Account, CharsetRule
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Submission

_LONG_CHARACTERS = 4_000
"""A longer `content` may hold some hundred lines."""


class BatchDoor:
    """Takes batches; there is no `action`."""

    name, charset, content_type = "BatchSms.ashx", XML.charset, XML.content_type
    parameters = MappingProxyType({"mobile": "content"})

    def __init__(self, context: DoorContext) -> None:
        self._context = context

    async def answer(self, request: Request) -> Answer:
        account = log_in(self._context.api.snapshot, request)
        is_long = len(request.value("content")) > _LONG_CHARACTERS
        done = await self._context.take(partial(self._read, request, account), is_long=is_long)
        return Answer(write_sent(XML, account.dialect, done))

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        name = dialect_of(self._context.api.snapshot, request)
        return Answer(sent_xml(refused(words_of(name), message_of(refusal, name))))

    def _read(self, request: Request, account: Account, now_ms: int) -> Submission:
        content = request.value("content")
        if not content.strip():
            raise Refusal(Code.CONTENT_EMPTY)
        most = self._context.api.snapshot.numbers_most
        try:
            batch = _unpacked(request, account, content, most)
        except BadBatch as fault:
            if fault.step is Step.NUMBERS:
                raise Refusal(Code.NUMBERS_MANY, count=f"{most + 1}+", most=most) from fault
            raise Refusal(Code.PARAMETER_BAD, name=f"content ({fault.step.value})") from fault
        return read_submission(request, account, self.name, now_ms, batch)


def _unpacked(request: Request, account: Account, content: str, most: int) -> Batch:
    """Returns the batch. Lines are read as UTF-8, as the manual says; else as GBK, if the request declares it or the account
    allows a guess. raises: BadBatch
    """
    try:
        return unpack(content, most, UTF8)
    except BadBatch as fault:
        declared = declared_charset(request.content_type)
        if fault.step is Step.CHARSET and (declared == GBK or (not declared and account.charset is CharsetRule.GUESS)):
            return unpack(content, most, GBK)
        raise
