"""Reports and replies as customers pull them and have them pushed: a box each, in `returnsms` or in JSON.

source: wire contract, 2.4, 2.5 and 2.12; manual 001, chapters 3 to 6
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Protocol

import orjson

from hongyan.formats.returnsms import returnsms
from hongyan.formats.sendtime import china_text
from hongyan.formats.xml_text import UTF8, Encoding, carried, escaped


class Report(Protocol):
    """The fields of a status report. The mobile is written as customers know it, the time is in milliseconds since 1970, UTC."""

    @property
    def mobile(self) -> str: ...
    @property
    def task_id(self) -> int: ...
    @property
    def sms_id(self) -> str: ...
    @property
    def is_delivered(self) -> bool: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def extno(self) -> str: ...


class Reply(Protocol):
    """The fields of a reply; task 0 and an empty smsId mean none."""

    @property
    def mobile(self) -> str: ...
    @property
    def task_id(self) -> int: ...
    @property
    def sms_id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def extno(self) -> str: ...


_NAMES = {False: attrgetter("task_id"), True: attrgetter("sms_id")}
"""What `taskid` is, by `names_sms_ids`: the customer finds there what the answer to its submission named (wire contract, 7.3)."""


def status_xml(items: Iterable[Report], encoding: Encoding = UTF8, *, names_sms_ids: bool = False) -> bytes:
    """Returns status reports, pulled or pushed. `status` is the third child, since clients read it by position."""
    name = _NAMES[names_sms_ids]
    boxes = [
        f"<statusbox>\r\n<mobile>{item.mobile}</mobile>\r\n<taskid>{name(item)}</taskid>\r\n"
        f"<status>{10 if item.is_delivered else 20}</status>\r\n<receivetime>{china_text(item.at_ms)}</receivetime>\r\n"
        f"<errorcode>{escaped(item.code)}</errorcode>\r\n<extno>{item.extno}</extno>\r\n</statusbox>\r\n"
        for item in items
    ]
    return returnsms("".join(boxes), encoding)


def replies_xml(items: Iterable[Reply], encoding: Encoding = UTF8, *, names_sms_ids: bool = False) -> bytes:
    """Returns replies (MO), pulled or pushed."""
    name = _NAMES[names_sms_ids]
    boxes = [
        f"<callbox>\r\n<mobile>{item.mobile}</mobile>\r\n<taskid>{name(item) or ''}</taskid>\r\n"
        f"<content>{escaped(item.text)}</content>\r\n<receivetime>{china_text(item.at_ms)}</receivetime>\r\n"
        f"<extno>{item.extno}</extno>\r\n</callbox>\r\n"
        for item in items
    ]
    return returnsms("".join(boxes), encoding)


def pull_error_xml(error: int, remark: str, encoding: Encoding = UTF8) -> bytes:
    """Returns the answer to a pull that failed: 1 to 4 and its remark."""
    status = f"<errorstatus>\r\n<error>{error}</error>\r\n<remark>{escaped(remark)}</remark>\r\n</errorstatus>\r\n"
    return returnsms(status, encoding)


def status_json(items: Iterable[Report], remark: str, error: int = 1, *, names_sms_ids: bool = False) -> bytes:
    """Returns status reports, without status and extno; with another error than 1 the list is empty."""
    name = _NAMES[names_sms_ids]
    boxes = [
        {
            "mobile": item.mobile,
            "taskid": str(name(item)),
            "receivetime": china_text(item.at_ms),
            "errorcode": carried(item.code),
        }
        for item in items
    ]
    return orjson.dumps({"error": str(error), "remark": remark, "statusbox": boxes})


def replies_json(items: Iterable[Reply], remark: str, error: int = 1, *, names_sms_ids: bool = False) -> bytes:
    name = _NAMES[names_sms_ids]
    boxes = [
        {
            "mobile": item.mobile,
            "taskid": str(name(item) or ""),
            "content": carried(item.text),
            "receivetime": china_text(item.at_ms),
            "extno": item.extno,
        }
        for item in items
    ]
    return orjson.dumps({"error": str(error), "remark": remark, "callbox": boxes})
