"""Sites: what a host name shows to requests that name no account."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from hongyan.model.dialect import DialectName
from hongyan.model.fields import Change, described
from hongyan.model.kinds import word
from hongyan.model.language import Language
from hongyan.model.names import TITLE


class CleanText(StrEnum):
    """The answer to a keyword check that found nothing. Programs compare it letter by letter, so a site chooses the text."""

    USUAL = "usual"  # the text of the dialect
    SCREENED = "screened"  # 没有包含屏蔽词
    ILLEGAL = "illegal"  # 未包含非法字符
    ENGLISH = "english"  # Does not contain illegal characters


@dataclass(frozen=True, slots=True)
class Site:
    """What a host name shows: to requests that name no known account, and to everybody where that is said."""

    host: str  # "" is every other host
    dialect: DialectName = DialectName.HX
    brand: str = "Hongyan"
    language: Language = Language.ZH
    clean_text: CleanText = CleanText.USUAL  # to everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChange(Change):
    """The settings of a site that can be changed."""

    thing: ClassVar[type] = Site

    dialect: DialectName | None = described("Whose words its answers use.", word(DialectName))
    brand: str | None = described("Name that people see.", TITLE)
    language: Language | None = described("Language that people see: zh or en.", word(Language))
    clean_text: CleanText | None = described(
        "What checkkeyword says of a text without such words; screened 没有包含屏蔽词, illegal 未包含非法字符, usual: as the dialect.",
        word(CleanText),
    )
