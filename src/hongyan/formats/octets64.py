"""Base64 as customers' programs send it: broken lines, blanks where a `+` was not escaped, escapes that were escaped twice."""

from binascii import Error, a2b_base64
from urllib.parse import unquote_to_bytes

from pybase64 import b64decode

_BREAKS = b"\r\n\t"
_ALPHABET = bytes.maketrans(b" -_", b"++/")


class BadBase64(ValueError):
    """Not Base64, however leniently it is read."""


def read_base64(text: str) -> bytes:
    """Decodes a text; an empty text is no octets.

    text:   the value of a parameter; line breaks are skipped, a blank is read as a `+`, remaining escapes are undone,
            the URL-safe alphabet and missing `=` are understood
    raises: BadBase64
    source: wire contract, 2.6
    """
    try:
        return b64decode(text.replace(" ", "+"), validate=True)
    except ValueError:  # also raised for a text that is not ASCII
        return _read_leniently(text)


def _read_leniently(text: str) -> bytes:
    try:
        octets = unquote_to_bytes(text) if "%" in text else text.encode("ascii")
        octets = octets.translate(None, _BREAKS)
        if len(octets) % 4:
            octets = octets.strip(b" ")  # these blanks were no `+`: whole Base64 comes in groups of four
        octets = octets.translate(_ALPHABET)
        return a2b_base64(octets + b"=" * (-len(octets) % 4), strict_mode=True)
    except (UnicodeEncodeError, Error) as fault:
        raise BadBase64 from fault
