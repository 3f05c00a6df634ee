"""The tables of errors in docs/errors.md and in the page of each door, from the registry of refusals and their words on the wire.

After a change of these: `python -m tests.docs.errors` writes them anew.
"""

import re
from collections.abc import Callable, Iterable

from tests.docs.pages import ROOT, text_of

from hongyan.adapters.cmpp.refusals import login_status_of, result_of
from hongyan.adapters.smpp.refusals import status_of
from hongyan.doors.dialect import cause_of
from hongyan.formats.dialects import HX
from hongyan.formats.lushang import DESCRIPTIONS
from hongyan.formats.refusals import WORDS, meaning_of
from hongyan.i18n import in_language
from hongyan.model.refusal import Code, Refusal

ALL = {"en": "docs/errors.md", "zh": "docs/errors.zh.md"}
_TABLE = re.compile(r"^\|[^\n]*\b(?:what to do|怎么办) \|.*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
_PEOPLES_HEADS = {"en": ("what happened", "what to do"), "zh": ("发生了什么", "怎么办")}
_HEADS = {
    "en": ("number", "name", "`X-Cause`", "`message`, manual 001", "manual 000", "XML pull", "JSON pull", "manual 002"),
    "zh": ("编号", "名称", "`X-Cause`", "`message`（文档 001）", "文档 000", "XML 拉取", "JSON 拉取", "文档 002"),
}

_LOGIN = "ACCOUNT_EMPTY SECRET_EMPTY ACCOUNT_UNKNOWN SECRET_WRONG LOGIN_SLOWED ACCOUNT_STOPPED ADDRESS_FORBIDDEN"
_ENCRYPTED = _LOGIN.replace(" LOGIN_SLOWED", "")  # there it is 1009 too
_TEXT = """
    NUMBERS_MANY NUMBER_EMPTY NUMBER_BAD NUMBER_LISTED NUMBER_NO_CHANNEL NO_CHANNEL CONTENT_EMPTY CONTENT_LONG CONTENT_WORDS CONTENT_SQL
    SIGNATURE_MISSING SIGNATURE_WRONG EXTNO_BAD EXTNO_TAKEN BALANCE_SHORT NO_PRODUCT BUSY INTERNAL
"""
_SEND = f"{_LOGIN} PARAMETER_BAD REFERENCE_REUSED TIME_BAD {_TEXT}"
_NO_FLASH, _PULLS = "NO_FLASH_CHANNEL", "REPORTS_FORBIDDEN PULLED_OFTEN"
_FLASH = f"{_SEND} {_NO_FLASH}"
_PARTS = (
    "SUBJECT_EMPTY SUBJECT_LONG FRAMES_EMPTY ELEMENT_BAD ELEMENT_REPEATED FRAME_BAD FRAME_LARGE SMIL_EMPTY SMIL_MANY MMS_LARGE"
)
_PULL = f"{_LOGIN} REPORTS_FORBIDDEN PULLED_OFTEN PARAMETER_BAD INTERNAL"
_SIGNED = "METHOD_WRONG SID_EMPTY STAMP_EMPTY SIGN_EMPTY STAMP_MALFORMED SID_UNKNOWN SIGN_WRONG STAMP_OLD LOGIN_SLOWED ACCOUNT_STOPPED"
_V2 = (
    "SIGN_EMPTY STAMP_EMPTY ACCOUNT_UNKNOWN SIGN_WRONG LOGIN_SLOWED STAMP_MALFORMED STAMP_FAR ACCOUNT_STOPPED ADDRESS_FORBIDDEN"
)
_PULLED = {*_PULL.split(), *_V2.split()}
"""Causes that a pull can meet."""

Cells = Callable[[Code], tuple[str, ...]]


def _message(code: Code) -> tuple[str, ...]:
    return (WORDS[code].hx,)


def _pull(code: Code) -> tuple[str, ...]:
    number = WORDS[code].pull
    return str(number), HX.pull_remarks[number - 1]


def _pull_json(code: Code) -> tuple[str, ...]:
    return str(WORDS[code].pull_json), WORDS[code].remark_json


def _number(code: Code) -> tuple[str, ...]:
    return str(code.words.number), meaning_of(code)


def _name(code: Code) -> tuple[str, ...]:
    return WORDS[code].name, meaning_of(code)


def _login(code: Code) -> tuple[str, ...]:
    return f"0x{status_of(code):02X}", str(login_status_of(code))


def _submit(code: Code) -> tuple[str, ...]:
    return f"0x{status_of(code):02X}", str(result_of(code))


def _lushang(code: Code) -> tuple[str, ...]:
    return WORDS[code].resp_code, DESCRIPTIONS[WORDS[code].resp_code]


DOORS: dict[str, tuple[tuple[str, ...], Cells, str]] = {
    "sms": (("`message`",), _message, _FLASH),
    "smsGBK": (("`message`",), _message, _FLASH),
    "smsJson": (("`message`",), _message, _FLASH),
    "I18NSms": (("`message`",), _message, _FLASH),
    "BatchSms": (("`message`",), _message, f"{_FLASH} NUMBER_REPEATED"),
    "ensms": (
        ("`StatusCode`", "`Description`"),
        _number,
        f"USERID_BAD TEXT64_BAD STAMP_OLD {_ENCRYPTED} TIME_BAD PARAMETER_BAD {_TEXT}",
    ),
    "WebService": (("`StatusCode`", "`Description`"), _name, _SEND),
    "lushang": (
        ("`respCode`", "`respDesc`"),
        _lushang,
        f"{_SIGNED} ADDRESS_FORBIDDEN CONTENT_TWICE TEMPLATE_UNKNOWN PARAMETERS_EMPTY PARAMETER_BAD REFERENCE_REUSED {_TEXT} {_NO_FLASH}",
    ),
    "v2": (("`message`",), _message, f"{_V2} {_TEXT} REFERENCE_REUSED TIME_BAD PARAMETER_BAD {_PULLS} {_NO_FLASH}"),
    "pwd": (("`message`",), _message, f"{_LOGIN} PARAMETER_BAD INTERNAL"),
    "mms": (("`message`",), _message, f"{_SEND} {_PARTS}"),
    "statusApi": (("`error`", "`remark`"), _pull, _PULL),
    "callApi": (("`error`", "`remark`"), _pull, _PULL),
    "statusJsonApi": (("`error`", "`remark`"), _pull_json, _PULL),
    "callJsonApi": (("`error`", "`remark`"), _pull_json, _PULL),
}
"""Pages of docs/integrate: what leads the rows, and the causes that the door can meet."""

LOGINS = (
    "ACCOUNT_EMPTY ACCOUNT_UNKNOWN SECRET_WRONG LOGIN_SLOWED ACCOUNT_STOPPED ADDRESS_FORBIDDEN PROTOCOL_FORBIDDEN SESSIONS_MANY"
)
SUBMITS = f"PARAMETER_BAD TIME_BAD VALIDITY_BAD {_TEXT} NO_BINARY_CHANNEL {_NO_FLASH} PARTS_MANY"
SESSIONS = {"en": "docs/sessions.md", "zh": "docs/sessions.zh.md"}
"""Where customers read who connect as to a carrier: what refuses their logins, and their submits."""

ELSEWHERE = {"SOAP_BAD", "NO_BINARY_CHANNEL", "PROTOCOL_FORBIDDEN", "SESSIONS_MANY", "PARTS_MANY", "VALIDITY_BAD"}
"""Codes of a fault of SOAP, which is no result; of `hongyan send`, since no door takes binary messages; of sessions."""


def pages() -> list[tuple[str, str]]:
    """Every page with such a table, and its language."""
    doors = [
        (f"docs/integrate/{door}{ending}", language) for door in DOORS for language, ending in (("en", ".md"), ("zh", ".zh.md"))
    ]
    return [*((name, language) for language, name in (*ALL.items(), *SESSIONS.items())), *doors]


def written(name: str, language: str) -> str:
    """The page as it should stand."""
    return _TABLE.sub(lambda _: _table(name, language), text_of(name).rstrip("\n")) + "\n"


def _table(name: str, language: str) -> str:
    if name in SESSIONS.values():
        heads = ("`command_status`", "`Status`, `Result`" if language == "en" else "`Status`、`Result`")
        rows = [(Code[code], _login(Code[code])) for code in LOGINS.split()]
        return _rows(heads, [*rows, *((Code[code], _submit(Code[code])) for code in SUBMITS.split())], language)
    door = DOORS.get(name.removeprefix("docs/integrate/").split(".")[0])
    if door is None:
        return _rows(_HEADS[language], ((code, _everything(code, language)) for code in Code), language)
    heads, cells, codes = door
    return _rows(heads, ((Code[code], cells(Code[code])) for code in codes.split()), language)


def _rows(heads: Iterable[str], rows: Iterable[tuple[Code, tuple[str, ...]]], language: str) -> str:
    lines = [(*heads, *_PEOPLES_HEADS[language])]
    lines += [("---",) * len(lines[0]), *((*cells, *_for_people(code, language)) for code, cells in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _for_people(code: Code, language: str) -> tuple[str, str]:
    what, cure = in_language(language, code.words.what), in_language(language, code.words.cure)
    return re.sub("{.+?}", "…", what), cure


def _everything(code: Code, language: str) -> tuple[str, ...]:
    words = WORDS[code]
    is_pulled = code.name in _PULLED
    pull, pull_json = (str(words.pull), f"{words.pull_json} {words.remark_json}") if is_pulled else ("–", "–")
    other = words.wl_en if language == "en" else words.wl
    cause, _ = cause_of(Refusal(code), {}, is_proved=False)
    manual_002 = f"{words.resp_code} {DESCRIPTIONS[words.resp_code]}"
    return str(code.words.number), words.name, cause, words.hx, other, pull, pull_json, manual_002


if __name__ == "__main__":
    for page, its_language in pages():
        (ROOT / page).write_text(written(page, its_language), encoding="utf-8")
