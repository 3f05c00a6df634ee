"""Octets to and from another platform of the same interfaces (`sms.aspx`, `statusApi.aspx`, `callApi.aspx`), as its customer.

Its answers and pushes are read leniently: elements in any order and case, blanks around values, UTF-8 or GBK whatever is declared. XML
of strangers expands no entities and loads nothing. Words are kept as they came: `adapters/aspx/client` knows what they mean.
source: manual 001, chapters 1 and 3 to 6; manual 002
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from typing import Any, LiteralString
from urllib.parse import urlencode

import orjson

from hongyan.wire.aspx.auth import Login
from hongyan.wire.aspx.pdu import Item, Overage, Refused, Reply, Sent, Status
from hongyan.xml import BadXml, Element, decode, local_name, parse_text, text_of

MOST_OCTETS = 4 << 20  # of one answer or push
_ROUND = b" \t\r\n\0" + BOM_UTF8  # blanks, and the byte-order mark of .NET's writers
_COUNT_DIGITS = 9
_FAILED = ("fai", "fal", "err")
"""How words of failure begin: the manuals write Faild."""

_DELIVERED = {"10", "0"}
"""Statuses of delivered messages: XML has 10 and 20, JSON of manual 002 has 0 and 1."""


class BadAnswer(ValueError):
    """Octets that are no answer and no push of such a platform: why, as an English sentence and its facts."""

    def __init__(self, sentence: LiteralString, **facts: object) -> None:
        super().__init__(sentence.format_map(facts))
        self.sentence, self.facts = sentence, facts


def form(login: Login, **fields: str) -> bytes:
    """Returns the body of a request."""
    return urlencode(login.fields() | fields).encode()


def read_sent(octets: bytes) -> Sent:
    """raises: BadAnswer, also for one that says neither that the message was taken nor that it was not"""
    values = _values(_root(octets))
    count, status = values.get("successcounts", ""), values.get("returnstatus", "").lower()
    is_success = status == "success"
    if not is_success and not status.startswith(_FAILED):
        raise BadAnswer("its {name} says neither success nor failure", name="returnstatus")
    accepted = int(count) if count.isdecimal() and len(count) <= _COUNT_DIGITS else 0
    return Sent(is_success, values.get("message", ""), values.get("taskid", ""), accepted)


def read_overage(octets: bytes) -> Overage:
    """raises: BadAnswer"""
    values = _values(_root(octets))
    is_success = values.get("returnstatus", "").lower() in {"sucess", "success"}  # the manuals' own spelling, and the right one
    return Overage(is_success, values.get("message", ""), values.get("overage") or values.get("overview", ""))


def read_pull(octets: bytes) -> list[Item] | Refused:
    """Reads the answer to a pull of reports or replies. raises: BadAnswer"""
    root = _root(octets)
    for child in root:
        if _name(child) == "errorstatus":
            values = _values(child)
            return Refused(values.get("error", ""), values.get("remark", ""))
        if _name(child) == "message" and child.text:  # manual 000, to the letter
            return Refused("", child.text.strip())
    return _boxes(root)


def read_push(octets: bytes) -> tuple[bool, list[Item]]:
    """Reads a whole push; returns whether it is JSON, and its items. raises: BadAnswer"""
    stripped = octets.strip(_ROUND)
    if stripped[:1] == b"{":
        return True, _json_items(stripped)
    return False, _boxes(_root(octets))


# --- XML ---------------------------------------------------------------------------------------------------------------


def _root(octets: bytes) -> Element:
    if len(octets) > MOST_OCTETS:
        raise BadAnswer("it is too long")
    text = decode(octets.lstrip(_ROUND)).rstrip(" \t\r\n\0\ufeff")
    if "<!DOCTYPE" in text.upper():
        raise BadAnswer("it declares a document type")
    try:
        root = parse_text(text)
    except BadXml as fault:
        raise BadAnswer("it is no XML") from fault
    if _name(root) != "returnsms":
        raise BadAnswer("its root is {root}", root=str(root.tag)[:40])
    return root


def _name(element: Element) -> str:
    return local_name(element).lower()


def _values(element: Element) -> dict[str, str]:
    """Returns the values of the children by their names in lower case."""
    return {_name(child): (child.text or "").strip() for child in element}


def _boxes(root: Element) -> list[Item]:
    items: list[Item] = []
    for box in root:
        values = _values(box)
        mobile, task_id, time = values.get("mobile", ""), values.get("taskid", ""), values.get("receivetime", "")
        if _name(box) == "statusbox":
            items.append(Status(mobile, task_id, values.get("status") in _DELIVERED, values.get("errorcode", ""), time))
        elif _name(box) == "callbox":
            items.append(Reply(mobile, task_id, values.get("content", ""), time, values.get("extno", "")))
    return items


# --- JSON ----------------------------------------------------------------------------------------------------------------


def _json_items(octets: bytes) -> list[Item]:
    try:
        values = orjson.loads(text_of(octets, "utf-8"))
    except orjson.JSONDecodeError as fault:
        raise BadAnswer("it is no JSON") from fault
    if not isinstance(values, dict):
        raise BadAnswer("it is no JSON object")
    if "smsResult" in values:
        listed = values["smsResult"]
        return [_json_status(one if isinstance(one, dict) else {}) for one in _listed(listed)]
    if "phone" not in values:
        raise BadAnswer("it has neither {one} nor {other}", one="smsResult", other="phone")
    return [Reply(_text(values, "phone"), "", _text(values, "content"), _text(values, "MOTime"), _text(values, "MOPort"))]


def _json_status(values: Mapping[str, Any]) -> Status:
    is_delivered = _text(values, "status") in _DELIVERED
    return Status(
        _text(values, "phone"), _text(values, "smsId"), is_delivered, _text(values, "respMessage"), _text(values, "receiveTime")
    )


def _listed(listed: object) -> Iterable[object]:
    if not isinstance(listed, list) or (listed and not any(isinstance(one, dict) for one in listed)):
        raise BadAnswer("its {name} is no list of objects", name="smsResult")
    return listed


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value).strip()
