"""The languages that people read."""

from enum import StrEnum


class Language(StrEnum):
    ZH = "zh"
    EN = "en"
