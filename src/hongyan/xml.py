"""Reads XML of strangers into a tree: no entity is expanded, nothing is fetched, and lxml's bounds of size and depth hold.

What carriers and other platforms write is not always what they say it is: `decode` believes a charset as far as it can be, and
`parse_text` passes over characters that XML cannot carry. What is read here often comes once, so that nothing is lost for one of them.
"""

import codecs
import re
from contextlib import suppress
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml gives it no other name

_WIDE = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE
_DECLARATION = re.compile(rb"\s*<\?xml([^<>]*)\?>")
_DECLARED = re.compile(r"\s*<\?xml[^<>]*\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["'](?!utf-?(?:16|32))([\w.:-]+)["']""", re.IGNORECASE)
"""What a declaration says. UTF-16 is not true where the declaration itself could be read; some libraries write it all the same."""

_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "x-gbk", "gb_2312-80"})
_CHARSET = re.compile(r"utf-?8|utf-?16(?:le|be)?|us-ascii|iso-8859-\d{1,2}|windows-125\d|big5")
"""Charsets of texts beside the Chinese ones. Python has others, and takes seconds over some."""

_HAN = re.compile("[\u2e80-\u9fff]")
_NO_CHARACTER = re.compile(
    "[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F]..|[fF]{3}[efEF]));"
)
"""A character that XML cannot carry, as it is or by its number (XML 1.0, 2.2): .NET writes them."""

_BARE = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
"""An ampersand that begins no reference. Without a document type there are no other entities (XML 1.0, 4.6)."""


class BadXml(ValueError):
    """The XML is not well-formed; the message says where."""


def parse(octets: bytes, encoding: str | None = None) -> Element:
    """Returns the root of a document, without its comments and processing instructions.

    encoding: that of the octets, whatever they declare; None: as they declare
    raises:   BadXml
    """
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(octets, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise BadXml(str(fault)[:200]) from fault


def decode(octets: bytes, charset: str = "utf-8") -> str:
    """Returns the text of a document without its declaration, in the charset of its byte-order mark, else of its declaration.

    charset: if neither says it
    """
    if octets.startswith(_WIDE):
        text = octets.decode("utf-16", "replace")
        found = _DECLARED.match(text)  # looked for at the beginning alone: blanks would be tried again and again
        return text[found.end() :] if found else text
    raw = octets.removeprefix(codecs.BOM_UTF8)
    declaration = _DECLARATION.match(raw)
    declared = declaration and _ENCODING.search(declaration[1])
    named = declared[1].decode("latin-1") if declared else charset
    return text_of(raw[declaration.end() :] if declaration else raw, named.lower())


def text_of(octets: bytes, charset: str) -> str:
    """Returns the text as the charset says. Some senders say UTF-8 and write GBK, or the reverse.

    charset: in lower case
    """
    likely = "gb18030" if charset in _CHINESE else charset if _CHARSET.fullmatch(charset) else "utf-8"
    for codec in ("utf-8",) if likely == "gb18030" and _is_chinese_utf8(octets) else (likely, "utf-8"):
        with suppress(ValueError, LookupError):  # not of that charset, or there is none of that number
            return octets.decode(codec)
    return octets.decode("gb18030", "replace")


def _is_chinese_utf8(octets: bytes) -> bool:
    """Returns whether it is UTF-8 with Chinese characters. GBK that could be read as UTF-8 gives Latin or Greek letters."""
    with suppress(ValueError):
        return _HAN.search(octets.decode()) is not None
    return False


def parse_text(text: str) -> Element:
    """Returns the root of a decoded document. If it cannot be read as it is, characters that XML cannot carry are left out, and an
    ampersand that begins no reference stands for itself.

    raises: BadXml
    """
    try:
        return parse(text.encode("utf-8", "replace"), "utf-8")
    except BadXml:
        plain = _BARE.sub("&amp;", _NO_CHARACTER.sub("", text))
        return parse(plain.encode("utf-8", "replace"), "utf-8")


def local_name(element: Element) -> str:
    """Returns the name without its namespace; "" for anything but an element, such as an unexpanded entity."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
