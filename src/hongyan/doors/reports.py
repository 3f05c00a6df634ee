"""statusApi, statusJsonApi, callApi and callJsonApi: reports and replies, each handed out once (wire contract, 2.4 and 2.5)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hongyan.doors.context import PLAIN, Answer, Door, DoorContext, HandedOut
from hongyan.doors.dialect import asks_rt_json, dialect_of, pull_error_of, words_of
from hongyan.doors.give_back import give_back
from hongyan.doors.login import LogIn, log_in
from hongyan.doors.request import Request
from hongyan.formats.refusals import WORDS
from hongyan.formats.reports import pull_error_xml, replies_json, replies_xml, status_json, status_xml
from hongyan.formats.returnsms import message_xml
from hongyan.model.account import Account
from hongyan.model.dialect import NAMING_SMS_IDS
from hongyan.model.ids import task_of
from hongyan.model.owed import OwedKind, OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.customer_api import CustomerApi

_USUAL = 4_000  # if statusNum is missing
_MOST = 10_000
_LONG = 500  # more rows are written in a thread, so that other requests do not wait
_MOST_DIGITS = 18  # of a task id of 63 bits

_JSON = b"application/json; charset=utf-8"
_DONE = 1  # `error` of a JSON pull without a fault

Item = TypeVar("Item", bound=OwedReport | OwedReply)


@dataclass(frozen=True, slots=True)
class Pull(Generic[Item]):
    """What a door hands out: how to take it from the API, for the first time or again, and how to write it."""

    kind: OwedKind
    take: Callable[[CustomerApi, Account, int, int | None], Awaitable[list[Item]]]
    again: Callable[[CustomerApi, Account, int, int], Awaitable[list[Item]]] | None
    xml: Callable[..., bytes]  # takes the items and names_sms_ids
    json: Callable[..., bytes]  # takes the items, a remark, its number and names_sms_ids


REPORTS: Pull[OwedReport] = Pull(
    OwedKind.REPORT,
    lambda api, *which: api.take_reports(*which),
    lambda api, *which: api.take_again(*which),
    status_xml,
    status_json,
)
REPLIES: Pull[OwedReply] = Pull(OwedKind.REPLY, lambda api, *which: api.take_replies(*which), None, replies_xml, replies_json)


class PullDoor(Generic[Item]):
    """Hands out reports or replies, in XML or in JSON; with `rt=json` in JSON too (wire contract, 7.7).

    overage: the door that answers action=overage at this path, as some resellers documented it (wire contract, 3.2)
    log_in:  returns the account of a request
    """

    charset, parameters = "utf-8", PLAIN

    def __init__(
        self,
        name: str,
        pull: Pull[Item],
        context: DoorContext,
        *,
        is_json: bool,
        overage: Door | None = None,
        log_in: LogIn = log_in,
    ) -> None:
        self.name, self._log_in = name, log_in
        self.content_type = _JSON if is_json else b"text/xml; charset=utf-8"
        self._pull, self._context, self._is_json, self._overage = pull, context, is_json, overage

    async def answer(self, request: Request) -> Answer:
        if self._overage is not None and request.action == "overage":
            return await self._overage.answer(request)
        account = self._log_in(self._context.api.snapshot, request)
        if not account.reads_reports:
            raise Refusal(Code.REPORTS_FORBIDDEN, account=account.name)
        if request.action != "query":
            raise Refusal(Code.PARAMETER_BAD, name="action")
        most, task_id = _most(request.value("statusnum")), _task_id(request.value("taskid"))
        is_again = _is_again(request.value("again"))
        self._context.pace.check(account, self._pull.kind, self._context.now_ms())
        items = await self._take(account, most, task_id, is_again=is_again)
        handed_out = HandedOut(self._pull.kind, [item.owed_id for item in items])
        try:
            is_json = self._is_json or asks_rt_json(request, account.dialect)
            return Answer(await self._written(account, items, is_json=is_json), handed_out, _JSON if is_json else b"")
        except BaseException:
            await give_back(self._context.api, handed_out)
            raise

    async def _take(self, account: Account, most: int, task_id: int | None, *, is_again: bool) -> list[Item]:
        api = self._context.api
        if not is_again:
            return await self._pull.take(api, account, most, task_id)
        if task_id is None or self._pull.again is None:
            raise Refusal(Code.PARAMETER_BAD, name="again")
        return await self._pull.again(api, account, most, task_id)

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        if self._overage is not None and request.action == "overage":
            return self._overage.refuse(request, refusal)
        name = dialect_of(self._context.api.snapshot, request)
        if self._is_json or asks_rt_json(request, name):
            words = WORDS[refusal.code]
            return Answer(self._pull.json((), words.remark_json, words.pull_json), content_type=_JSON)
        number, remark = pull_error_of(refusal, name)
        return Answer(message_xml(remark) if words_of(name).has_bare_messages else pull_error_xml(number, remark))

    async def _written(self, account: Account, items: Sequence[Item], *, is_json: bool) -> bytes:
        if len(items) > _LONG:
            return await asyncio.to_thread(self._write, account, items, is_json)
        return self._write(account, items, is_json)

    def _write(self, account: Account, items: Sequence[Item], is_json: bool) -> bytes:
        names_sms_ids = account.dialect in NAMING_SMS_IDS
        if is_json:
            return self._pull.json(items, words_of(account.dialect).pulled, _DONE, names_sms_ids=names_sms_ids)
        return self._pull.xml(items, names_sms_ids=names_sms_ids)


def _most(text: str) -> int:
    """Returns `statusNum`, the most to hand out: empty is 4000, and more than 10,000 is 10,000."""
    text = text.strip()
    if not text:
        return _USUAL
    if not (text.isascii() and text.isdecimal()) or not text.strip("0"):
        raise Refusal(Code.PARAMETER_BAD, name="statusNum")
    return min(int(text[:_MOST_DIGITS]), _MOST)


def _is_again(text: str) -> bool:
    """Returns `again`, which no manual has: 1 hands out a task's reports whether they were handed out before or not."""
    return text.strip() == "1"


def _task_id(text: str) -> int | None:
    """Returns `taskid`: None if it is empty; an id that cannot be ours is refused. An smsId ends in its task's id."""
    text = text.strip()
    if not text:
        return None
    if (named := task_of(text)) is not None:
        return named
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        raise Refusal(Code.PARAMETER_BAD, name="taskid")
    return int(text)
