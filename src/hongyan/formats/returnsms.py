"""The answers of the .aspx doors: the element `returnsms`, or one line of JSON.

Line breaks stand after the declaration and after every element; there is no indentation, no BOM, and nothing before `<?xml`
or `{`. All JSON values are strings. Order and spelling of the elements are the contract: clients read them by position.
source: wire contract, 1.2, 2.1 to 2.3 and 2.9; manual 001, chapter 1
"""

from functools import lru_cache
from typing import NamedTuple

import orjson

from hongyan.formats.dialects import Dialect
from hongyan.formats.xml_text import UTF8, Encoding, escaped


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
    return returnsms(f"<message>{escaped(message)}</message>\r\n", encoding)


def message_json(message: str) -> bytes:
    return orjson.dumps({"message": message})


def changed(dialect: Dialect, *, is_json: bool = False) -> Changed:
    """Returns the answer to a changed secret. Its success word is that of overage (wire contract, 2.9)."""
    return Changed(dialect.success if is_json else dialect.sucess, dialect.sent)


def changed_xml(answer: Changed, encoding: Encoding = UTF8) -> bytes:
    return _opening(answer.returnstatus, answer.message, encoding) + b"</returnsms>\r\n"


def changed_json(answer: Changed) -> bytes:
    return _flat_json(answer)


@lru_cache(maxsize=256)
def _opening(returnstatus: str, message: str, encoding: Encoding) -> bytes:
    """Returns an answer up to its message. There are few different ones, and they take most of the time, so they are cached."""
    opening = (
        f"{encoding.declaration}<returnsms>\r\n<returnstatus>{returnstatus}</returnstatus>\r\n"
        f"<message>{escaped(message)}</message>\r\n"
    )
    return opening.encode(encoding.codec, "xmlcharrefreplace")


def returnsms(inside: str, encoding: Encoding) -> bytes:
    """Returns the element `returnsms` with this inside, encoded; a character that the charset lacks becomes a reference."""
    whole = f"{encoding.declaration}<returnsms>\r\n{inside}</returnsms>\r\n"
    return whole.encode(encoding.codec, "xmlcharrefreplace")


def _flat_json(answer: Sent | Overage | Checked | Changed) -> bytes:
    return orjson.dumps({name: str(value) for name, value in zip(answer._fields, answer, strict=True)})
