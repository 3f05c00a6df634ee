"""The bodies of the JSON pushes, and the answer that takes them. All values are strings.

source: manual 002; wire contract, 4.5, 4.6 and 7.3
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Protocol

import orjson

from hongyan.formats.encoding import read_text
from hongyan.formats.reports import Reply
from hongyan.formats.sendtime import china_text
from hongyan.formats.xml_text import carried

_TAKEN = frozenset({"0", "0000", "00000"})
ROUND_ANSWERS = b" \t\r\n\0" + BOM_UTF8
"""What may stand round the answer to a push: blanks, and the byte-order mark of .NET's writers."""
_ZEROS = re.compile(r"""("respCode"\s*:\s*)0+(?=\s*[,}])""")  # JSON has no numbers that begin with zeros


class Receipt(Protocol):
    """The fields of a receipt; its task is named by its smsId."""

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
    """Returns the receipts of one push. A delivered message has a time and no word, any other has a word and no time."""
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
    """Returns one reply (MO); this format has no list of them."""
    return orjson.dumps(
        {"phone": item.mobile, "content": carried(item.text), "MOTime": china_text(item.at_ms), "MOPort": item.dest}
    )


def is_taken(answer: bytes) -> bool:
    """Returns whether the customer's answer takes the push: a JSON object with the respCode 0, 0000 or 00000, as text or
    number.

    Other members may be in GBK, as Chinese servers write their texts.
    source: wire contract, 4.5 and 7.7
    """
    try:
        fields = orjson.loads(_ZEROS.sub(r"\g<1>0", read_text(answer.strip(ROUND_ANSWERS))))
    except ValueError:  # no JSON, or in no charset
        return False
    code = fields.get("respCode") if isinstance(fields, dict) else None
    return type(code) in (str, int) and str(code).strip() in _TAKEN
