"""The answers of the .aspx doors, and the bodies of the XML pushes: the element `returnsms`, or one line of JSON.

Line breaks stand after the declaration and after every element; there is no indentation, no BOM, and nothing before `<?xml`
or `{`. All JSON values are strings. Order and spelling of the elements are the contract: clients read them by position.
source: wire contract, 1.2, 2.1 to 2.5, 2.12; manual 001, chapters 1 and 3 to 6
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import orjson

from hongyan.formats.dialects import Dialect
from hongyan.formats.sendtime import china_text


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The declaration of an XML answer, and the codec that writes it. Compared by identity, since it is a key on the hot path."""

    declaration: str
    codec: str


UTF8 = Encoding('<?xml version="1.0" encoding="utf-8" ?>\r\n', "utf-8")
GB2312 = Encoding('<?xml version="1.0" encoding="gb2312" ?>\r\n', "gbk")  # as the platform does: it says GB2312 and writes GBK


class Sent(NamedTuple):
    """The answer to a submission; the fields are the elements."""

    returnstatus: str
    message: str
    remainpoint: int
    taskID: str  # noqa: N815 - the wire's own name, and the key of the JSON answer
    successCounts: int  # noqa: N815


class Overage(NamedTuple):
    """The answer to a question for the balance."""

    returnstatus: str
    message: str
    payinfo: str
    overage: int
    sendTotal: int  # noqa: N815 - the wire's own name


class Checked(NamedTuple):
    """The answer to a keyword check; checkCounts is how many texts were looked at."""

    returnstatus: str
    message: str
    checkCounts: int  # noqa: N815 - the wire's own name


class Changed(NamedTuple):
    """The answer to a change of the secret."""

    returnstatus: str
    message: str


class Report(Protocol):
    """The fields of a status report. The mobile is written as customers know it, the time is in milliseconds since 1970, UTC."""

    @property
    def mobile(self) -> str: ...
    @property
    def task_id(self) -> int: ...
    @property
    def is_delivered(self) -> bool: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def extno(self) -> str: ...


class Reply(Protocol):
    """The fields of a reply; task 0 means none."""

    @property
    def mobile(self) -> str: ...
    @property
    def task_id(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def extno(self) -> str: ...


def accepted(dialect: Dialect, balance: int, task_id: str, count: int) -> Sent:
    return Sent(dialect.success, dialect.sent, balance, task_id, count)


def refused(dialect: Dialect, message: str) -> Sent:
    """Returns a refusal. It has all five elements, since clients read each without checking for it (wire contract, 1.2)."""
    return Sent(dialect.failed, message, 0, dialect.no_task, 0)


def sent_xml(sent: Sent, encoding: Encoding = UTF8) -> bytes:
    return _opening(sent.returnstatus, sent.message, encoding) + (
        b"<remainpoint>%d</remainpoint>\r\n<taskID>%b</taskID>\r\n<successCounts>%d</successCounts>\r\n</returnsms>\r\n"
        % (sent.remainpoint, sent.taskID.encode(), sent.successCounts)
    )


def sent_json(sent: Sent) -> bytes:
    """Returns exactly five keys, since a strict client refuses a sixth (wire contract, 0)."""
    return _flat_json(sent)


_RT_NAMES = {
    "returnstatus": "ReturnStatus",
    "message": "Message",
    "remainpoint": "RemainPoint",
    "taskID": "TaskID",
    "successCounts": "SuccessCounts",
    "payinfo": "PayInfo",
    "overage": "Overage",
    "sendTotal": "SendTotal",
    "checkCounts": "CheckCounts",
}


def rt_json(answer: "Sent | Overage | Checked | Changed") -> bytes:
    """Returns the answer to `rt=json`: with names of its own, and numbers as numbers (wire contract, 3.1 and 7.7)."""
    fields = answer._asdict()
    if isinstance(answer, Sent):
        fields["taskID"] = int(answer.taskID)
    return orjson.dumps({_RT_NAMES[name]: value for name, value in fields.items()})


def found_overage(dialect: Dialect, is_prepaid: bool, points: int, topped_up: int, *, is_json: bool = False) -> Overage:
    """Returns the answer. The success word and the words for the pay mode differ between XML and JSON (wire contract, 0 and
    2.3).
    """
    prepaid = dialect.prepaid_json if is_json else dialect.prepaid
    postpaid = dialect.postpaid_json if is_json else dialect.postpaid
    return Overage(
        dialect.success if is_json else dialect.sucess,
        dialect.overage_found,
        prepaid if is_prepaid else postpaid,
        points,
        topped_up if is_prepaid else 0,
    )


def refused_overage(dialect: Dialect, message: str) -> Overage:
    return Overage(dialect.failed, message, "", 0, 0)


def overage_xml(found: Overage, element: str = "overage", encoding: Encoding = UTF8) -> bytes:
    """Returns the balance in this element (wire contract, 7.2)."""
    return _opening(found.returnstatus, found.message, encoding) + (
        f"<payinfo>{found.payinfo}</payinfo>\r\n<{element}>{found.overage}</{element}>\r\n"
        f"<sendTotal>{found.sendTotal}</sendTotal>\r\n</returnsms>\r\n"
    ).encode(encoding.codec)


def overage_json(found: Overage, _element: str = "overage") -> bytes:
    return _flat_json(found)


def checked_xml(answer: Checked, encoding: Encoding = UTF8) -> bytes:
    """Returns the answer to a keyword check, also if it failed (wire contract, 3.3 and 7.7)."""
    return _opening(answer.returnstatus, answer.message, encoding) + (
        b"<checkCounts>%d</checkCounts>\r\n</returnsms>\r\n" % answer.checkCounts
    )


def checked_json(answer: Checked) -> bytes:
    return _flat_json(answer)


def message_xml(message: str, encoding: Encoding = UTF8) -> bytes:
    """Returns a message and nothing else, as manual 000 prints some answers."""
    return _returnsms(f"<message>{escaped(message)}</message>\r\n", encoding)


def message_json(message: str) -> bytes:
    return orjson.dumps({"message": message})


def changed(dialect: Dialect, *, is_json: bool = False) -> Changed:
    """Returns the answer to a changed secret. Its success word is that of overage (wire contract, 2.9)."""
    return Changed(dialect.success if is_json else dialect.sucess, dialect.sent)


def changed_xml(answer: Changed, encoding: Encoding = UTF8) -> bytes:
    return _opening(answer.returnstatus, answer.message, encoding) + b"</returnsms>\r\n"


def changed_json(answer: Changed) -> bytes:
    return _flat_json(answer)


def status_xml(items: Iterable[Report], encoding: Encoding = UTF8) -> bytes:
    """Returns status reports, pulled or pushed. `status` is the third child, since clients read it by position."""
    boxes = [
        f"<statusbox>\r\n<mobile>{item.mobile}</mobile>\r\n<taskid>{item.task_id}</taskid>\r\n"
        f"<status>{10 if item.is_delivered else 20}</status>\r\n<receivetime>{china_text(item.at_ms)}</receivetime>\r\n"
        f"<errorcode>{escaped(item.code)}</errorcode>\r\n<extno>{item.extno}</extno>\r\n</statusbox>\r\n"
        for item in items
    ]
    return _returnsms("".join(boxes), encoding)


def replies_xml(items: Iterable[Reply], encoding: Encoding = UTF8) -> bytes:
    """Returns replies (MO), pulled or pushed."""
    boxes = [
        f"<callbox>\r\n<mobile>{item.mobile}</mobile>\r\n<taskid>{item.task_id or ''}</taskid>\r\n"
        f"<content>{escaped(item.text)}</content>\r\n<receivetime>{china_text(item.at_ms)}</receivetime>\r\n"
        f"<extno>{item.extno}</extno>\r\n</callbox>\r\n"
        for item in items
    ]
    return _returnsms("".join(boxes), encoding)


def pull_error_xml(error: int, remark: str, encoding: Encoding = UTF8) -> bytes:
    """Returns the answer to a pull that failed: 1 to 4 and its remark."""
    status = f"<errorstatus>\r\n<error>{error}</error>\r\n<remark>{escaped(remark)}</remark>\r\n</errorstatus>\r\n"
    return _returnsms(status, encoding)


def status_json(items: Iterable[Report], remark: str, error: int = 1) -> bytes:
    """Returns status reports, without status and extno; with another error than 1 the list is empty."""
    boxes = [
        {
            "mobile": item.mobile,
            "taskid": str(item.task_id),
            "receivetime": china_text(item.at_ms),
            "errorcode": carried(item.code),
        }
        for item in items
    ]
    return orjson.dumps({"error": str(error), "remark": remark, "statusbox": boxes})


def replies_json(items: Iterable[Reply], remark: str, error: int = 1) -> bytes:
    boxes = [
        {
            "mobile": item.mobile,
            "taskid": str(item.task_id or ""),
            "content": carried(item.text),
            "receivetime": china_text(item.at_ms),
            "extno": item.extno,
        }
        for item in items
    ]
    return orjson.dumps({"error": str(error), "remark": remark, "callbox": boxes})


_UNFIT = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"  # XML 1.0, 2.2
_DROPPED = re.compile(f"[{_UNFIT}]")
_SPECIAL = re.compile(f"[&<>{_UNFIT}]")


def carried(text: str) -> str:
    """Returns the text without the characters that XML cannot carry, escaped or not. They are left out of JSON too."""
    return _DROPPED.sub("", text)


def escaped(text: str) -> str:
    """Returns text as element content."""
    if not _SPECIAL.search(text):
        return text
    return carried(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(maxsize=256)
def _opening(returnstatus: str, message: str, encoding: Encoding) -> bytes:
    """Returns an answer up to its message. There are few different ones, and they take most of the time, so they are cached."""
    opening = (
        f"{encoding.declaration}<returnsms>\r\n<returnstatus>{returnstatus}</returnstatus>\r\n"
        f"<message>{escaped(message)}</message>\r\n"
    )
    return opening.encode(encoding.codec, "xmlcharrefreplace")


def _returnsms(inside: str, encoding: Encoding) -> bytes:
    whole = f"{encoding.declaration}<returnsms>\r\n{inside}</returnsms>\r\n"
    return whole.encode(encoding.codec, "xmlcharrefreplace")


def _flat_json(answer: Sent | Overage | Checked | Changed) -> bytes:
    return orjson.dumps({name: str(value) for name, value in zip(answer._fields, answer, strict=True)})
