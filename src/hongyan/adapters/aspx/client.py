"""The interfaces of another platform in the role of the client: segments become forms, reports and replies become receipts and
reply parts.

A message goes in one request, as a whole, however long: the platform cuts it. One task has one number, so its taskID and its
phone name the message. Several numbers in one request would save requests, but the XML answer does not say which of them were
refused.

Channel options: `userid`, `scheme` (http), `path` (/), `secret_form` (md5, or plain), `clientref` (yes: our name for the
message is sent too, and a platform that knows the parameter takes a repeat once), `flash` (yes: the platform reads flash=1).
"""

import re

from hongyan.adapters.answers import AnswerFault, operators_fault
from hongyan.adapters.carrier_ids import bounded
from hongyan.adapters.carrier_time import read_time
from hongyan.adapters.client import CODE_MOST
from hongyan.adapters.delivery_name import name_by_content
from hongyan.adapters.numbers import phone_of
from hongyan.adapters.options import check_values, is_on, one_of, path_of
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState
from hongyan.model.phone import national
from hongyan.model.receipt_words import DELIVERED, read_state
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.aspx import pdu as aspx
from hongyan.wire.aspx.auth import Login
from hongyan.wire.aspx.codec import form
from hongyan.wire.url import in_url

_TIME = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})[ T]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?")

CODES = {
    "参数错误": "1001", "扩展错误": "1104", "没有发送通道": "1106", "手机号码为空": "1103", "错误的手机号码": "1108",
    "黑名单的手机号码": "1109", "没有通道的手机号码": "1110", "内容为空": "2001", "内容太长": "2105", "敏感词汇": "2107",
    "包含非法字符": "2107", "Contains illegal characters": "2107", "需要签名": "2113", "签名错误": "2114",
    "短信号码不能为空": "1103", "短信内容不能为空": "2001", "系统内部错误": "9999", "其他错误": "9999", "Other errors": "9999",
}  # fmt: skip
"""Beginnings of refusals of a message → the platforms' own numbers: manual 001, the messages of sms.aspx."""

_TROUBLES = (
    "额度不足",
    "余额不足",
    "对不起，您当前要发送的量大于您当前余额",
    "Sorry, the amount you want to send is greater",
    "用户名",
    "User name or password",
    "IP绑定错误",
    "帐户已停用",
    "账户已停用",
    "没有配置产品",
    "密码错误",
)
_TOO_FAST = ("操作过于频繁", "提交过快", "FrequentOperation", "请求过于频繁", "系统内部错误")
_BUSY = frozenset({429, 503})
_BARRED = frozenset({401, 403, 404, 405})


_FAULTS = {
    words: fault
    for fault, several in ((AnswerFault.CHANNEL, _TROUBLES), (AnswerFault.CONGESTION, _TOO_FAST))
    for words in several
}
"""Beginnings of refusals → whose fault they are; every other one is the message's."""

STATUSES = dict.fromkeys(_BUSY, AnswerFault.CONGESTION) | dict.fromkeys(_BARRED, AnswerFault.CHANNEL)
"""HTTP statuses that say that nothing was taken (RFC 9110, 15.5 and 15.6; RFC 6585, 4). Any other says nothing about that."""


class AspxClient:
    """The settings of one channel, and how it makes messages and reads answers."""

    def __init__(self, channel: Channel) -> None:
        """raises: WrongOption"""
        check_values(channel)
        option = channel.options.get
        scheme, path = one_of(channel, "scheme", ("http", "https")), path_of(channel, "/")
        is_plain = one_of(channel, "secret_form", ("md5", "plain")) == "plain"
        self._channel = channel
        self._base = f"{scheme}://{in_url(channel.host)}:{channel.port}{path.rstrip('/')}/"
        self._login = Login(option("userid", ""), channel.user, channel.secret, is_plain)
        self._has_reference = is_on(channel, "clientref", usual=True)

    def url(self, page: str) -> str:
        return self._base + page

    def submission(self, segment: OutSegment) -> bytes:
        """Returns the form of one message. Its extno is what follows our access number there."""
        fields = {
            "action": "send",
            "mobile": national(segment.phone),
            "content": segment.text,
            "sendTime": "",
            "extno": segment.source.removeprefix(self._channel.access),
        }
        if segment.is_flash:
            fields["flash"] = "1"
        if self._has_reference:
            fields["clientref"] = str(segment.ticket)
        return form(self._login, **fields)

    def question(self, action: str, **fields: str) -> bytes:
        return form(self._login, action=action, **fields)

    def fault(self, message: str) -> AnswerFault:
        """Returns whose fault a refusal is."""
        known = next((fault for words, fault in _FAULTS.items() if message.startswith(words)), AnswerFault.MESSAGE)
        return operators_fault(self._channel, self.code(message)) or known

    def code(self, message: str) -> str:
        """Returns the platforms' number of a refusal, else its own words."""
        known = next((code for words, code in CODES.items() if message.startswith(words)), None)
        return known or message[:CODE_MOST] or "Faild"

    @staticmethod
    def name(task_id: str, phone: int) -> str:
        """Returns the name of a message; "" if the id of its task is too long to be kept."""
        return f"{task_id.lower()}-{phone}" if bounded(task_id) == task_id else ""

    @staticmethod
    def task_of(name: str) -> str:
        return name.rpartition("-")[0]

    def receipt(self, status: aspx.Status, now_ms: int) -> Receipt | None:
        """Returns the receipt; None if it names no number, or no task whose id is kept."""
        phone = phone_of(status.mobile)
        name = self.name(status.task_id, phone)
        if not name or not status.task_id or not phone:
            return None
        state, code = _failure(status.code)
        if status.is_delivered:
            state, code = ReceiptState.DELIVERED, DELIVERED
        moment = _moment(status.time, now_ms, self._channel.receipt_zone_ms)
        return Receipt(
            channel_id=self._channel.id,
            carrier_ids=(name,),
            phone=phone,
            state=state,
            code=code[:CODE_MOST],
            done_ms=moment,
            received_ms=now_ms,
        )

    def reply(self, reply: aspx.Reply, now_ms: int) -> ReplyPart:
        """Returns the reply. Its name is made of all that it says, since a push may be repeated. Without a time it has no name."""
        access = self._channel.access
        dest = reply.extno if access and reply.extno.startswith(access) else access + reply.extno
        name = name_by_content(reply.time, reply.mobile, reply.task_id, reply.text, reply.extno)
        body = reply.text.encode("utf-16-be", "replace")
        return ReplyPart(self._channel.id, phone_of(reply.mobile), dest, body, name, now_ms)


def _failure(code: str) -> tuple[ReceiptState, str]:
    """Returns the state of what was not delivered, and its code: the platform has decided, unless its word is UNKNOWN or missing.

    A number is the word of a gateway behind it, and none of SMPP's (manual 001, 4.3: errorcode 2).
    """
    state, word = (None, code) if code.isdecimal() else read_state(code)
    return (state, word) if state is ReceiptState.UNKNOWN else (ReceiptState.FAILED, word)


def _moment(text: str, now_ms: int, zone_ms: int) -> int:
    """Reads yyyy-MM-dd HH:mm:ss, with dashes or slashes, with or without zeros before the figures and seconds behind them."""
    found = _TIME.match(text)
    digits = "".join(f"{figure or '':0>2}" for figure in found.groups()) if found else text
    return read_time(digits, now_ms, zone_ms)
