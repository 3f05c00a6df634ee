"""Texts in the XML of our answers: what XML cannot carry, what is escaped, and how it is encoded."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The declaration of an XML answer, and the codec that writes it. Compared by identity, since it is a key on the hot path."""

    declaration: str
    codec: str


UTF8 = Encoding('<?xml version="1.0" encoding="utf-8" ?>\r\n', "utf-8")
GB2312 = Encoding('<?xml version="1.0" encoding="gb2312" ?>\r\n', "gbk")  # as the platform does: it says GB2312 and writes GBK

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
