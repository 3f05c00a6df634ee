"""Dialects: the words of the answers at the doors."""

from enum import StrEnum


class DialectName(StrEnum):
    """Which platform's words the answers use; the door decides their shape."""

    HX = "hx"  # manual 001
    WL = "wl"  # manual 000, Chinese words
    WL_EN = "wl-en"  # manual 000, English words
    WL_000 = "wl-000"  # manual 000 to the letter, with the names of its elements
    LS = "ls"  # manual 002


WHITE_LABEL = (DialectName.WL, DialectName.WL_EN, DialectName.WL_000)
"""Dialects of manual 000's platform."""

NAMING_SMS_IDS = (DialectName.LS,)
"""Dialects in whose XML and JSON a task is named by its smsId."""
