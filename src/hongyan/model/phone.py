"""Mobile numbers: read as customers and carriers write them, kept as E.164 integers, written as customers read them."""

import re

MAINLAND = 86 * 10**11  # plus the 11 national digits is the E.164 number
_FIRST_MOBILE, _LAST_MOBILE = 13_000_000_000, 19_999_999_999
_SPAN = _LAST_MOBILE - _FIRST_MOBILE
_LEAST = {11: _FIRST_MOBILE, 13: MAINLAND + _FIRST_MOBILE}
"""The number of digits of a mainland mobile, without and with 86 → the smallest such number."""

_TELLING = 8  # two numbers share so many digits by chance once in a hundred million

_MOST_WRITTEN = 18  # digits that fit into an integer of the store behind another one

MOST_CHARACTERS = 64
"""Of a number with all its blanks and brackets; a longer text is none."""

_MAINLAND_FORM = r"(?:\+?86|0086)?0?(1[3-9][0-9]{9})"
_FOREIGN_FORM = r"(?:\+|00)(?!86)([1-9][0-9]{6,14})"
_NUMBER = re.compile(f"{_MAINLAND_FORM}|{_FOREIGN_FORM}")

_COUNTRIES = (
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[124]|9[0-58]"  # North America, Russia, and countries with two digits
    r"|(?:2[1-69]|3[578]|42|5[09]|6[7-9]|8[058]|87|9[679])[0-9]"
)
_INTERNATIONAL = re.compile(rf"(?:\+|00)?(?=[0-9]{{7,15}}\Z)(861[3-9][0-9]{{9}}|(?:{_COUNTRIES})[0-9]+)")

_BLANKS = r"\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"  # and invisible characters
_PUNCTUATION = r"\-\u2010-\u2015\u2212\uff0d().\uff08\uff09\uff0e"
_DECORATION = re.compile(f"[{_BLANKS}{_PUNCTUATION}]")
_TO_ASCII = str.maketrans("０１２３４５６７８９＋", "0123456789+")


def normalise(text: str) -> int | None:
    """Read a number as people and systems write it.

    text:    a mainland mobile number, plain or behind 86, +86, 0086 or a trunk 0; a foreign one behind + or 00; full-width
             characters, blanks, hyphens, brackets, dots and invisible marks are skipped
    returns: the E.164 number, such as 8613800138000; None for anything else, including IoT and fixed numbers of the mainland
    """
    if text.isascii() and (least := _LEAST.get(len(text))):
        try:
            digits = int(text)
        except ValueError:
            digits = 0
        if least <= digits <= least + _SPAN:  # so few characters with such a value leave no room for a sign or a blank
            return digits + MAINLAND if least == _FIRST_MOBILE else digits
    return _read_decorated(text)


def _read_decorated(text: str) -> int | None:
    if len(text) > MOST_CHARACTERS:
        return None
    if not (text.isascii() and text.isdigit()):
        text = _DECORATION.sub("", text).translate(_TO_ASCII)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    mainland, foreign = found.groups()
    return MAINLAND + int(mainland) if mainland else int(foreign)


def may_be_same(stated: int, phone: int) -> bool:
    """Returns whether a number that a carrier states may be this one.

    stated: with or without the country's code, so that a foreign number may read as a mainland one; possibly cut at either end,
            with at least eight digits left; 0 if the carrier states none, which fits every number
    """
    if stated == phone or not stated or not phone:
        return True
    short, long = sorted((_bare(stated), _bare(phone)), key=len)
    return len(short) >= _TELLING and (long.startswith(short) or long.endswith(short))


def _bare(number: int) -> str:
    return str(number).removeprefix("86")


def international(text: str) -> int | None:
    """Read a number that begins with its country's code, with or without + or 00 before it.

    returns: the E.164 number; None for anything else, for unassigned codes, and for mainland numbers that are no mobiles
    source:  ITU-T E.164, 6.2.1: 15 digits at most; its list of assigned country codes
    """
    digits = _DECORATION.sub("", text[:MOST_CHARACTERS]).translate(_TO_ASCII)
    found = _INTERNATIONAL.fullmatch(digits)
    return int(found[1]) if found and len(text) <= MOST_CHARACTERS else None


def as_written(text: str) -> int | None:
    """Returns digits that are no number, such as a refused one, as a negative phone; `national` writes them as they were.

    returns: None for anything but 1 to 18 digits
    """
    is_kept = text.isascii() and text.isdecimal() and len(text) <= _MOST_WRITTEN
    return -int(f"1{text}") if is_kept else None


def national(phone: int) -> str:
    """Returns the number as the interfaces write it: 11 digits for the mainland, else 00 and the E.164 digits."""
    if phone < 0:
        return str(-phone)[1:]  # the 1 before the digits keeps their zeros
    digits = phone - MAINLAND
    return str(digits) if _FIRST_MOBILE <= digits <= _LAST_MOBILE else f"00{phone}"


def masked(phone: int) -> str:
    """Returns the number as screens and logs show it: 138****8000."""
    shown = national(phone)
    return f"{shown[:-8]}****{shown[-4:]}"
