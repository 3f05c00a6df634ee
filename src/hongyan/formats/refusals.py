"""The words of refusals on the wire: a row for each cause, with the words of every dialect.

The words are the manuals' own, letter by letter (wire contract, 2.11, 3.1, 7.1, 7.2). No refusal may contain "Success", since
customers' programs look for it anywhere in the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hongyan.model.dialect import DialectName
from hongyan.model.refusal import Code, Refusal


@dataclass(frozen=True, slots=True)
class WireWords:
    """The platforms' words for one cause.

    name:      of the number in the SOAP schema
    hx:        `message` of the send doors, manual 001
    wl, wl_en: the same in manual 000, Chinese and English; `{words}` is filled with the words found
    pull:      number of `errorstatus` in the XML pulls, which chooses its remark
    pull_json, remark_json: number and remark of the JSON pulls
    resp_code: respCode of manual 002; its texts stand in `formats.lushang`
    parameter: of sms.aspx, that is to blame; other doors have names of their own
    """

    name: str
    hx: str
    wl: str = "其他错误"
    wl_en: str = "Other errors"
    pull: int = 4
    pull_json: int = 1001
    remark_json: str = "参数不正确"
    resp_code: str = "00001"
    parameter: str = ""


_LOGIN_EMPTY = ("用户名或密码不能为空", "User name or password cannot be empty")
_LOGIN_WRONG = ("用户名或密码错误", "User name or password error")

WORDS: Mapping[Code, WireWords] = {
    Code.ACCOUNT_EMPTY: WireWords("UserNameEmpty", "用户名或密码不能为空", *_LOGIN_EMPTY, pull=1, pull_json=1002, remark_json="用户名为空", resp_code="00018"),
    Code.SECRET_EMPTY: WireWords("PasswordEmpty", "用户名或密码不能为空", *_LOGIN_EMPTY, pull=1, pull_json=1003, remark_json="密码为空", resp_code="00018"),
    Code.ACCOUNT_UNKNOWN: WireWords("UserNameError", "用户名或密码错误", *_LOGIN_WRONG, pull=2, pull_json=1004, remark_json="用户名错误", resp_code="00040"),
    Code.SECRET_WRONG: WireWords("PasswordError", "用户名或密码错误", *_LOGIN_WRONG, pull=2, pull_json=1005, remark_json="密码错误", resp_code="00040"),
    Code.LOGIN_SLOWED: WireWords("PasswordError", "用户名或密码错误", *_LOGIN_WRONG, pull=2, pull_json=1005, remark_json="密码错误", resp_code="00040"),
    Code.PULLED_OFTEN: WireWords("FrequentOperation", "参数错误", remark_json="操作频繁", resp_code="00008"),
    Code.ADDRESS_FORBIDDEN: WireWords("BindIpError", "IP绑定错误", pull=3, pull_json=1006, remark_json="IP绑定错误", resp_code="00166"),
    Code.ACCOUNT_STOPPED: WireWords("UserStop", "帐户已停用", pull=3, pull_json=1007, remark_json="帐户已停用"),
    Code.REPORTS_FORBIDDEN: WireWords("ParamError", "参数错误", "该用户不允许查看状态报告", "This user is not allowed to view status reports", pull=3, remark_json="该用户不允许查看状态报告"),
    Code.PARAMETER_BAD: WireWords("ParamError", "参数错误", resp_code="00004"),
    Code.USERID_BAD: WireWords("UserIdError", "UserId参数错误", resp_code="00004", parameter="userid"),
    Code.TEXT64_BAD: WireWords("Text64Error", "Text64参数错误", resp_code="00004", parameter="Text64"),
    Code.REFERENCE_REUSED: WireWords("ParamError", "参数错误", resp_code="00007", parameter="clientref"),
    Code.TIME_BAD: WireWords("SendTimeError", "参数错误", resp_code="00004", parameter="sendTime"),
    Code.VALIDITY_BAD: WireWords("SendTimeError", "参数错误", resp_code="00004"),
    Code.NUMBERS_MANY: WireWords("MsisdnsMany", "参数错误", resp_code="00202", parameter="mobile"),
    Code.NUMBER_REPEATED: WireWords("MsisdnRepeat", "错误的手机号码", resp_code="00004", parameter="mobile"),
    Code.NUMBER_EMPTY: WireWords("MsisdnEmpty", "手机号码为空", "短信号码不能为空", "SMS number cannot be empty", resp_code="00126", parameter="mobile"),
    Code.NUMBER_BAD: WireWords("MsisdnError", "错误的手机号码", resp_code="00025", parameter="mobile"),
    Code.NUMBER_LISTED: WireWords("MsisdnBlack", "黑名单的手机号码", resp_code="00111", parameter="mobile"),
    Code.NUMBER_NO_CHANNEL: WireWords("MsisdnNoChannel", "没有通道的手机号码", parameter="mobile"),
    Code.NO_CHANNEL: WireWords("NoChannel", "没有发送通道"),
    Code.NO_BINARY_CHANNEL: WireWords("NoChannel", "没有发送通道"),
    Code.NO_FLASH_CHANNEL: WireWords("ParamError", "参数错误", resp_code="00004", parameter="flash"),
    Code.CONTENT_EMPTY: WireWords("ContentEmpty", "内容为空", "短信内容不能为空", "SMS content cannot be empty", resp_code="00131", parameter="content"),
    Code.CONTENT_LONG: WireWords("ContentLong", "内容太长", resp_code="00172", parameter="content"),
    Code.CONTENT_WORDS: WireWords("SensitiveWords", "敏感词汇", "包含非法字符：{words}", "Contains illegal characters:{words}", resp_code="00100", parameter="content"),
    Code.CONTENT_SQL: WireWords("SensitiveWords", "敏感词汇", "发送内容包含sql注入字符", "The sent content contains sql injection characters", resp_code="00100", parameter="content"),
    Code.SIGNATURE_MISSING: WireWords("RequiredSuffix", "需要签名", resp_code="00138", parameter="content"),
    Code.SIGNATURE_WRONG: WireWords("SuffixError", "签名错误", resp_code="00161", parameter="content"),
    Code.EXTNO_BAD: WireWords("ExtNumberError", "扩展错误", resp_code="00164", parameter="extno"),
    Code.EXTNO_TAKEN: WireWords("ExtNumberError", "扩展错误", resp_code="00164", parameter="extno"),
    Code.BALANCE_SHORT: WireWords("AmountNotEnough", "额度不足", "对不起，您当前要发送的量大于您当前余额", "Sorry, the amount you want to send is greater than your current balance", resp_code="00023"),
    Code.NO_PRODUCT: WireWords("NoProduct", "没有配置产品"),
    Code.SUBJECT_EMPTY: WireWords("SubjectEmpty", "主题为空", parameter="subject"),
    Code.METHOD_WRONG: WireWords("ParamError", "参数错误", resp_code="00012"),
    Code.SID_EMPTY: WireWords("UserNameEmpty", "用户名或密码不能为空", *_LOGIN_EMPTY, resp_code="00112"),
    Code.SID_UNKNOWN: WireWords("UserNameError", "用户名或密码错误", *_LOGIN_WRONG, resp_code="00020"),
    Code.SIGN_EMPTY: WireWords("PasswordEmpty", "用户名或密码不能为空", *_LOGIN_EMPTY, pull=1, pull_json=1003, remark_json="密码为空", resp_code="00107"),
    Code.SIGN_WRONG: WireWords("PasswordError", "用户名或密码错误", *_LOGIN_WRONG, pull=2, pull_json=1005, remark_json="密码错误", resp_code="00006"),
    Code.STAMP_EMPTY: WireWords("StampError", "时间戳错误", resp_code="00106", parameter="timestamp"),
    Code.STAMP_MALFORMED: WireWords("StampError", "时间戳错误", resp_code="00108", parameter="timestamp"),
    Code.STAMP_OLD: WireWords("StampError", "时间戳错误", resp_code="00005", parameter="timestamp"),
    Code.TEMPLATE_UNKNOWN: WireWords("TemplateIdError", "参数错误", resp_code="00167", parameter="templateid"),
    Code.PARAMETERS_EMPTY: WireWords("ParamError", "参数错误", resp_code="00127", parameter="param"),
    Code.CONTENT_TWICE: WireWords("ParamError", "参数错误", resp_code="00177", parameter="templateid"),
    Code.STAMP_FAR: WireWords("StampError", "时间戳错误", resp_code="00005", parameter="timestamp"),
    Code.SOAP_BAD: WireWords("ParamError", "参数错误"),
    Code.SUBJECT_LONG: WireWords("SubjectLong", "主题太长", parameter="subject"),
    Code.FRAMES_EMPTY: WireWords("FramesEmpty", "没有彩信帧", parameter="content"),
    Code.ELEMENT_BAD: WireWords("ElementError", "彩信元素错误", parameter="content"),
    Code.ELEMENT_REPEATED: WireWords("ElementNameRepeat", "彩信元素名称重复", parameter="content"),
    Code.SMIL_EMPTY: WireWords("SmilEmpty", "没有SMIL", parameter="content"),
    Code.SMIL_MANY: WireWords("SmilExcessive", "SMIL多于一个", parameter="content"),
    Code.FRAME_BAD: WireWords("FrameError", "彩信帧错误", parameter="content"),
    Code.FRAME_LARGE: WireWords("FrameSizeLong", "彩信帧太大", parameter="content"),
    Code.MMS_LARGE: WireWords("SizeLong", "彩信太大", parameter="content"),
    Code.PROTOCOL_FORBIDDEN: WireWords("NoProduct", "没有配置产品"),
    Code.SESSIONS_MANY: WireWords("FrequentOperation", "参数错误"),
    Code.PARTS_MANY: WireWords("FrequentOperation", "参数错误"),
    Code.BUSY: WireWords("InternalError", "系统内部错误", pull_json=9999, remark_json="系统内部错误", resp_code="00079"),
    Code.INTERNAL: WireWords("InternalError", "系统内部错误", pull_json=9999, remark_json="系统内部错误", resp_code="00079"),
}  # fmt: skip

_HX = {code: words.hx for code, words in WORDS.items()}
_WL = {code: words.wl for code, words in WORDS.items()}
_WL_EN = {code: words.wl_en for code, words in WORDS.items()}
_MESSAGES: Mapping[DialectName, Mapping[Code, str]] = {
    DialectName.HX: _HX,
    DialectName.WL: _WL,
    DialectName.WL_EN: _WL_EN,
    DialectName.WL_000: _WL_EN,
    DialectName.LS: _WL,
}

_LOGIN_MEANINGS = {1002: "用户名为空", 1003: "密码为空", 1004: "用户名错误", 1005: "密码错误"}


def message_of(refusal: Refusal, name: DialectName) -> str:
    """Returns `message` of the send doors."""
    message = _MESSAGES[name][refusal.code]
    return message.format(words=_found_words(refusal)) if "{" in message else message


def meaning_of(code: Code) -> str:
    """Returns the text of the number in manual 001, chapter 9: `Description` of the doors that answer numbers.

    For a failed login it says what was wrong, which `message` does not.
    """
    return _LOGIN_MEANINGS.get(code.words.number, WORDS[code].hx)


def _found_words(refusal: Refusal) -> str:
    """Returns the words for which a text was refused; none if they contain what clients take for a sign of success."""
    words = str(refusal.facts.get("words", ""))
    return "" if "success" in words.lower() else words
