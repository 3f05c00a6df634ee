"""The bodies of the JSON pushes, and the answer that takes them. All values are strings.

source: manual 002; wire contract, 4.5, 4.6 and 7.3
"""

from collections.abc import Iterable
from typing import Protocol

import orjson

from hongyan.formats.returnsms import Reply, carried
from hongyan.formats.sendtime import china_text

_TAKEN = ("00000", "0000")  # no set: what the customer sent may not be hashable


class Receipt(Protocol):
    """What a receipt says; its task is known by its smsId."""

    @property
    def sms_id(self) -> str: ...
    @property
    def mobile(self) -> str: ...
    @property
    def is_delivered(self) -> bool: ...
    @property
    def code(self) -> str: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def segments(self) -> int: ...


class NumberedReply(Reply, Protocol):
    """A reply and the whole number that it was sent to."""

    @property
    def dest(self) -> str: ...


def receipts_json(items: Iterable[Receipt]) -> bytes:
    """Receipts of one push. A delivered message has a time and no word, any other a word and no time."""
    receipts = [
        {
            "smsId": item.sms_id,
            "phone": item.mobile,
            "status": "0" if item.is_delivered else "1",
            "respMessage": "" if item.is_delivered else carried(item.code),
            "receiveTime": china_text(item.at_ms) if item.is_delivered else "",
            "chargingNum": str(item.segments),
        }
        for item in items
    ]
    return orjson.dumps({"smsResult": receipts})


def reply_json(item: NumberedReply) -> bytes:
    """One reply (MO): this format has no list of them."""
    return orjson.dumps(
        {"phone": item.mobile, "content": carried(item.text), "MOTime": china_text(item.at_ms), "MOPort": item.dest}
    )


def is_taken(answer: bytes) -> bool:
    """Whether the customer's answer says that it has the push: a JSON object with the respCode 00000 or 0000."""
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and told.get("respCode") in _TAKEN
