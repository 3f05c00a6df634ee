"""How the octets of a text are read that comes with no word about its encoding."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

_BY_MARK = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))


def marked_codec(octets: bytes) -> str | None:
    """Returns the codec that a byte-order mark in front names; it drops the mark. None without one"""
    return next((codec for mark, codec in _BY_MARK if octets.startswith(mark)), None)


def read_text(octets: bytes) -> str:
    """Reads a text by its byte-order mark, or as UTF-8, or as GB2312 and its successors.

    UTF-8 is tried first: Chinese in GB2312 is hardly ever valid UTF-8 by chance, while nearly all of UTF-8 is valid GBK.
    raises: UnicodeDecodeError
    """
    if codec := marked_codec(octets):
        return octets.decode(codec)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("gb18030")
