"""The one registry of refusals: number, name, the words of every dialect, and what people are told in both languages.

Wire words are the manuals' own, letter by letter (wire contract, 2.11, 3.1, 7.1, 7.2). No wire word of a refusal may
contain "Success": customers' programs look for it anywhere in the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Words:
    """How one cause is worded.

    number:   ResultCode of manual 001, chapter 9
    name:     its name in the SOAP schema
    hx:       `message` of the send doors, manual 001
    wl:       the same in manual 000, Chinese; wl_en its English; `{words}` is filled with the words found
    ls:       respCode of manual 002, whose texts stand in formats.miaodi
    pull:     number of `errorstatus` in the XML pulls; pull_json that of the JSON pulls
    zh, en:   what happened, for people; `{fact}` is filled from the refusal
    cure_zh, cure_en: what to do now
    parameter: of sms.aspx, that is to blame; other doors have names of their own
    """

    number: int
    name: str
    hx: str
    zh: str
    en: str
    cure_zh: str
    cure_en: str
    wl: str = "其他错误"
    wl_en: str = "Other errors"
    pull: int = 4
    pull_json: int = 1001
    remark_json: str = "参数不正确"
    ls: str = "00001"
    parameter: str = ""

    @property
    def meaning(self) -> str:
        """The text of the number in manual 001, chapter 9: `Description` of the doors that answer numbers.

        At a login `message` does not say what was wrong, and this does.
        """
        return _LOGIN_MEANINGS.get(self.number, self.hx)


_LOGIN_MEANINGS = {1002: "用户名为空", 1003: "密码为空", 1004: "用户名错误", 1005: "密码错误"}
_LOGIN_EMPTY = ("用户名或密码不能为空", "User name or password cannot be empty")
_LOGIN_WRONG = ("用户名或密码错误", "User name or password error")


class Code(Enum):
    """Every cause of a refusal; several causes share a number."""

    ACCOUNT_EMPTY = Words(
        1002, "UserNameEmpty", "用户名或密码不能为空", "没有填写账号", "no account name was given",
        "请填写 account 参数", "fill in the parameter account",
        *_LOGIN_EMPTY, pull=1, pull_json=1002, remark_json="用户名为空", ls="00018",
    )  # fmt: skip
    SECRET_EMPTY = Words(
        1003, "PasswordEmpty", "用户名或密码不能为空", "没有填写接口密码", "no API secret was given",
        "请填写 password 参数", "fill in the parameter password",
        *_LOGIN_EMPTY, pull=1, pull_json=1003, remark_json="密码为空", ls="00018",
    )  # fmt: skip
    ACCOUNT_UNKNOWN = Words(
        1004, "UserNameError", "用户名或密码错误", "没有这个账号", "there is no such account",
        "请核对 account，区分大小写", "check account; upper and lower case differ",
        *_LOGIN_WRONG, pull=2, pull_json=1004, remark_json="用户名错误", ls="00040",
    )  # fmt: skip
    SECRET_WRONG = Words(
        1005, "PasswordError", "用户名或密码错误", "接口密码不对", "the API secret is wrong",
        "请用接口密码（不是登录密码），明文或 MD5 均可", "use the API secret (not the portal password), plain or as MD5",
        *_LOGIN_WRONG, pull=2, pull_json=1005, remark_json="密码错误", ls="00040",
    )  # fmt: skip
    LOGIN_SLOWED = Words(
        1005, "PasswordError", "用户名或密码错误", "该地址试错接口密码太多，{seconds} 秒内不再核对", "too many wrong secrets from this address; none is looked at for {seconds} s",
        "请核对接口密码，稍后重试；可把地址加入账号的 IP 名单", "check the secret, then try again later; an address on the account's IP list is slowed by nobody else",
        *_LOGIN_WRONG, pull=2, pull_json=1005, remark_json="密码错误", ls="00040",
    )  # fmt: skip
    PULLED_OFTEN = Words(
        1001, "FrequentOperation", "参数错误", "拉取过于频繁，每分钟最多 {most} 次", "pulled too often; the limit is {most} times a minute",
        "请降低拉取频率，或改用推送", "pull less often, or have reports and replies posted to you",
        pull=4, pull_json=1001, remark_json="操作频繁", ls="00008",
    )  # fmt: skip
    ADDRESS_FORBIDDEN = Words(
        1006, "BindIpError", "IP绑定错误", "地址 {address} 不在账号的 IP 名单中", "address {address} is not on the account's list",
        "请把该地址加入账号的 IP 名单", "add the address to the account's IP list",
        pull=3, pull_json=1006, remark_json="IP绑定错误", ls="00166",
    )  # fmt: skip
    ACCOUNT_STOPPED = Words(
        1007, "UserStop", "帐户已停用", "账号已停用", "the account is stopped",
        "请联系平台客服启用", "ask the operator to enable it",
        pull=3, pull_json=1007, remark_json="帐户已停用",
    )  # fmt: skip
    REPORTS_FORBIDDEN = Words(
        1001, "ParamError", "参数错误", "账号没有查看状态报告的权限", "the account may not read reports",
        "请联系平台客服开通", "ask the operator for the permission",
        "该用户不允许查看状态报告", "This user is not allowed to view status reports",
        pull=3, pull_json=1001, remark_json="该用户不允许查看状态报告",
    )  # fmt: skip
    PARAMETER_BAD = Words(
        1001, "ParamError", "参数错误", "参数 {name} 不正确", "parameter {name} is not valid",
        "请按接口文档填写该参数", "fill it in as the interface page says", ls="00004",
    )  # fmt: skip
    USERID_BAD = Words(
        1008, "UserIdError", "UserId参数错误", "UserId 为空、不存在，或不是该账号的企业编号", "UserId is empty, unknown, or not that of the account",
        "请填写平台分配的企业编号（数字）", "fill in the number of your company", ls="00004", parameter="userid",
    )  # fmt: skip
    TEXT64_BAD = Words(
        1009, "Text64Error", "Text64参数错误", "Text64 无法解密：{step}", "Text64 cannot be read: {step}",
        "请用 hongyan text64 decode 查看出错的步骤；密钥取接口密码明文的前 8 个字节", "hongyan text64 decode names the step; the key is eight octets of the plain secret",
        ls="00004", parameter="Text64",
    )  # fmt: skip
    REFERENCE_REUSED = Words(
        1001, "ParamError", "参数错误", "同一 clientref 已用于不同的内容", "this client reference was used for another submission",
        "新的内容请用新的 clientref", "use a new reference for new contents", ls="00007", parameter="clientref",
    )  # fmt: skip
    TIME_BAD = Words(
        1001, "SendTimeError", "参数错误", "定时时间的格式不对", "sendTime is not a valid time",
        "请用 yyyy-MM-dd HH:mm:ss（北京时间）", "write yyyy-MM-dd HH:mm:ss, China time", ls="00004", parameter="sendTime",
    )  # fmt: skip
    NUMBERS_MANY = Words(
        1001, "MsisdnsMany", "参数错误", "一次提交 {count} 个号码，最多 {most} 个", "{count} numbers in one request; the limit is {most}",
        "请分批提交", "split the request", ls="00202", parameter="mobile",
    )  # fmt: skip
    NUMBER_REPEATED = Words(
        1108, "MsisdnRepeat", "错误的手机号码", "同一批里有重复的号码", "a number stands twice in the batch",
        "请去掉重复的号码", "remove the repeated number", ls="00004", parameter="mobile",
    )  # fmt: skip
    NUMBER_EMPTY = Words(
        1103, "MsisdnEmpty", "手机号码为空", "没有填写手机号码", "no mobile number was given",
        "请填写 mobile 参数", "fill in the parameter mobile",
        "短信号码不能为空", "SMS number cannot be empty", ls="00126", parameter="mobile",
    )  # fmt: skip
    NUMBER_BAD = Words(
        1108, "MsisdnError", "错误的手机号码", "手机号码不正确", "the mobile number is not valid",
        "大陆号码为 1 开头的 11 位数字", "mainland numbers have 11 digits and begin with 1", ls="00025", parameter="mobile",
    )  # fmt: skip
    NUMBER_LISTED = Words(
        1109, "MsisdnBlack", "黑名单的手机号码", "手机号码在黑名单中", "the number is black-listed",
        "如属误加，请从黑名单移除", "remove it from the list if that is a mistake", ls="00111", parameter="mobile",
    )  # fmt: skip
    NUMBER_NO_CHANNEL = Words(
        1110, "MsisdnNoChannel", "没有通道的手机号码", "没有通道能发往该号码的运营商", "no channel serves this number's carrier",
        "请联系平台客服为该运营商添加路由", "ask the operator for a route to that carrier",
        parameter="mobile",
    )  # fmt: skip
    NO_CHANNEL = Words(
        1106, "NoChannel", "没有发送通道", "账号没有可用的发送通道", "the account has no usable channel",
        "请在路由中为该账号添加通道", "add a route for this account",
    )  # fmt: skip
    NO_BINARY_CHANNEL = Words(
        1106, "NoChannel", "没有发送通道", "账号的通道都不能承载二进制短信", "no channel of the account carries binary messages",
        "请在路由中添加 CMPP、SGIP、SMGP 或 SMPP 通道；http 通道只承载文本", "add a route to a channel of CMPP, SGIP, SMGP or SMPP; one of http carries texts only",
    )  # fmt: skip
    NO_FLASH_CHANNEL = Words(
        1001, "ParamError", "参数错误", "账号的通道都不能发送闪信（flash=1）", "no channel of the account carries flash messages (flash=1)",
        "请去掉 flash 参数，或为路由添加 CMPP、SGIP、SMGP 或 SMPP 通道", "leave out flash, or have a route to a channel of CMPP, SGIP, SMGP or SMPP added",
        ls="00004", parameter="flash",
    )  # fmt: skip
    CONTENT_EMPTY = Words(
        2001, "ContentEmpty", "内容为空", "短信内容为空", "the content is empty",
        "请填写 content 参数", "fill in the parameter content",
        "短信内容不能为空", "SMS content cannot be empty", ls="00131", parameter="content",
    )  # fmt: skip
    CONTENT_LONG = Words(
        2105, "ContentLong", "内容太长", "内容需要 {segments} 条，最多 {most} 条", "the content needs {segments} segments; the limit is {most}",
        "请缩短内容", "shorten the content", ls="00172", parameter="content",
    )  # fmt: skip
    CONTENT_WORDS = Words(
        2107, "SensitiveWords", "敏感词汇", "内容含有敏感词：{words}", "the content has words that are not allowed: {words}",
        "请改写内容", "reword the content",
        "包含非法字符：{words}", "Contains illegal characters:{words}", ls="00100", parameter="content",
    )  # fmt: skip
    CONTENT_SQL = Words(
        2107, "SensitiveWords", "敏感词汇", "内容像一条 SQL 语句", "the content reads like an SQL statement",
        "请改写内容", "reword the content",
        "发送内容包含sql注入字符", "The sent content contains sql injection characters", ls="00100", parameter="content",
    )  # fmt: skip
    SIGNATURE_MISSING = Words(
        2113, "RequiredSuffix", "需要签名", "内容没有签名", "the content has no signature",
        "请在开头或结尾加上【签名】", "put the signature in 【】 at the start or the end", ls="00138", parameter="content",
    )  # fmt: skip
    SIGNATURE_WRONG = Words(
        2114, "SuffixError", "签名错误", "签名未通过审核", "the signature is not approved for this account",
        "请使用已通过的签名", "use an approved signature", ls="00161", parameter="content",
    )  # fmt: skip
    EXTNO_BAD = Words(
        1104, "ExtNumberError", "扩展错误", "扩展号须为数字，最多 {most} 位", "extno must be digits, {most} at most",
        "请更正 extno，或留空", "correct extno or leave it empty", ls="00164", parameter="extno",
    )  # fmt: skip
    EXTNO_TAKEN = Words(
        1104, "ExtNumberError", "扩展错误", "扩展号 {extno} 属于另一个账号，回复会到那里", "extno {extno} belongs to another account, which would get the replies",
        "请换一个 extno，或留空；扩展号由平台分配", "use another extno or leave it empty; the operator assigns them", ls="00164", parameter="extno",
    )  # fmt: skip
    BALANCE_SHORT = Words(
        1111, "AmountNotEnough", "额度不足", "需要 {need} 点，可用 {free} 点", "the messages need {need} points and {free} are free",
        "请充值，或减少发送量", "top up or send fewer",
        "对不起，您当前要发送的量大于您当前余额",
        "Sorry, the amount you want to send is greater than your current balance", ls="00023",
    )  # fmt: skip
    NO_PRODUCT = Words(
        1112, "NoProduct", "没有配置产品", "账号没有开通该产品", "the account does not have this product",
        "请联系平台客服开通", "ask the operator to enable it",
    )  # fmt: skip
    SUBJECT_EMPTY = Words(
        3001, "SubjectEmpty", "主题为空", "彩信主题为空", "the MMS has no subject",
        "请填写 subject 参数", "fill in the parameter subject",
        parameter="subject",
    )  # fmt: skip
    METHOD_WRONG = Words(
        1001, "ParamError", "参数错误", "该接口只接受 POST", "this door takes POST only",
        "请改用 POST 提交表单", "post the parameters as a form", ls="00012",
    )  # fmt: skip
    SID_EMPTY = Words(
        1002, "UserNameEmpty", "用户名或密码不能为空", "没有填写 accountSid", "no accountSid was given",
        "请填写 accountSid 参数", "fill in the parameter accountSid", *_LOGIN_EMPTY, ls="00112",
    )  # fmt: skip
    SID_UNKNOWN = Words(
        1004, "UserNameError", "用户名或密码错误", "没有账号使用这个 accountSid", "no account has this accountSid",
        "请核对 accountSid；由平台客服告知", "check it; the operator tells it", *_LOGIN_WRONG, ls="00020",
    )  # fmt: skip
    SIGN_EMPTY = Words(
        1003, "PasswordEmpty", "用户名或密码不能为空", "没有填写签名", "no signature was given",
        "请填写 sig 参数（v2 接口为 sign）", "fill in the parameter sig, at the v2 doors sign",
        *_LOGIN_EMPTY, pull=1, pull_json=1003, remark_json="密码为空", ls="00107",
    )  # fmt: skip
    SIGN_WRONG = Words(
        1005, "PasswordError", "用户名或密码错误", "签名与账号、接口密码、timestamp 不符",
        "the signature does not fit account, API secret and timestamp",
        "请按 md5(accountSid+接口密码+timestamp) 计算，v2 接口用 account，原样拼接",
        "it is md5(accountSid+secret+timestamp), at the v2 doors with account, joined as they are",
        *_LOGIN_WRONG, pull=2, pull_json=1005, remark_json="密码错误", ls="00006",
    )  # fmt: skip
    STAMP_EMPTY = Words(
        1010, "StampError", "时间戳错误", "没有填写 timestamp", "no timestamp was given",
        "请填写 timestamp 参数", "fill in the parameter timestamp", ls="00106", parameter="timestamp",
    )  # fmt: skip
    STAMP_MALFORMED = Words(
        1010, "StampError", "时间戳错误", "timestamp 的格式不对", "timestamp is no time",
        "请用 yyyyMMddHHmmss（北京时间）", "write yyyyMMddHHmmss, China time", ls="00108", parameter="timestamp",
    )  # fmt: skip
    STAMP_OLD = Words(
        1010, "StampError", "时间戳错误", "timestamp 与当前时间相差超过 5 分钟", "timestamp is more than five minutes away from now",
        "请校准时钟，并使用北京时间", "set your clock, and use China time", ls="00005", parameter="timestamp",
    )  # fmt: skip
    TEMPLATE_UNKNOWN = Words(
        1001, "TemplateIdError", "参数错误", "没有编号为 templateid 的模板", "there is no template of this templateid",
        "请由运营方添加该模板，或把短信全文填入 smsContent", "have the operator add it, or put the whole text into smsContent", ls="00167",
        parameter="templateid",
    )  # fmt: skip
    PARAMETERS_EMPTY = Words(
        1001, "ParamError", "参数错误", "模板有空位，但没有填写 param", "the template has gaps, and no param was given",
        "请在 param 中按顺序填写各空位的内容，以逗号分隔", "give what fills the gaps in param, in their order, by comma", ls="00127", parameter="param",
    )  # fmt: skip
    CONTENT_TWICE = Words(
        1001, "ParamError", "参数错误", "templateid 和 smsContent 同时填写", "templateid and smsContent are both given",
        "请只填其中一项", "give one of them", ls="00177", parameter="templateid",
    )  # fmt: skip
    STAMP_FAR = Words(
        1010, "StampError", "时间戳错误", "timestamp 与当前时间相差超过 {hours} 小时", "timestamp is more than {hours} hours away from now",
        "请每次用当前的北京时间生成 timestamp 和 sign", "make timestamp and sign of China's time now, for each request", ls="00005",
        parameter="timestamp",
    )  # fmt: skip
    SOAP_BAD = Words(
        1001, "ParamError", "参数错误", "不是可读的 SOAP 请求：{fault}", "this is no SOAP request that can be read: {fault}",
        "请按 ?wsdl 的描述发送 SOAP 1.1 或 1.2 的 SendSms", "send SendSms in SOAP 1.1 or 1.2 as ?wsdl describes it",
    )  # fmt: skip
    SUBJECT_LONG = Words(
        3001, "SubjectLong", "主题太长", "彩信主题有 {count} 个字，最多 {most} 个", "the subject has {count} characters; the limit is {most}",
        "请缩短 subject", "shorten the subject",
        parameter="subject",
    )  # fmt: skip
    FRAMES_EMPTY = Words(
        2001, "FramesEmpty", "没有彩信帧", "彩信没有可显示的内容", "the MMS shows nothing",
        "请放入图片或文字，并在 SMIL 的 par 中引用", "put in a picture or a text, and name it in a par of the SMIL",
        parameter="content",
    )  # fmt: skip
    ELEMENT_BAD = Words(
        1001, "ElementError", "彩信元素错误", "彩信第 {number} 个元素无法识别：{step}", "element {number} of the MMS cannot be taken: {step}",
        "请用 hongyan tms unpack 查看出错的步骤；支持 jpg gif png bmp wav mid amr mp3 mp4 文本和 SMIL",
        "hongyan tms unpack names the step; jpg, gif, png, bmp, wav, mid, amr, mp3, mp4, texts and SMIL are taken",
        parameter="content",
    )  # fmt: skip
    ELEMENT_REPEATED = Words(
        1001, "ElementNameRepeat", "彩信元素名称重复", "第 {number} 个元素的名称已经用过", "element {number} has the name of an earlier one",
        "请给每个元素不同的文件名，不分大小写", "give each element a name of its own; upper and lower case do not differ",
        parameter="content",
    )  # fmt: skip
    SMIL_EMPTY = Words(
        2001, "SmilEmpty", "没有SMIL", "彩信没有 SMIL", "the MMS has no SMIL",
        "请加入一个 SMIL 元素，说明各帧显示什么", "add one SMIL element that says what each frame shows",
        parameter="content",
    )  # fmt: skip
    SMIL_MANY = Words(
        1001, "SmilExcessive", "SMIL多于一个", "彩信有多个 SMIL", "the MMS has several SMIL elements",
        "请只保留一个", "keep one",
        parameter="content",
    )  # fmt: skip
    FRAME_BAD = Words(
        1001, "FrameError", "彩信帧错误", "SMIL 无法读取，或第 {number} 帧引用了不存在的元素", "the SMIL cannot be read, or frame {number} names no element",
        "请用 hongyan tms unpack 检查 SMIL；每个 src 须为一个元素的文件名，最多 20 帧",
        "hongyan tms unpack checks the SMIL; each src is the name of an element, in 20 frames at most",
        parameter="content",
    )  # fmt: skip
    FRAME_LARGE = Words(
        2105, "FrameSizeLong", "彩信帧太大", "第 {number} 帧有 {octets} 字节，最多 {most}", "frame {number} has {octets} octets; the limit is {most}",
        "请压缩图片，或把内容分到几帧", "make the picture smaller, or spread it over frames",
        parameter="content",
    )  # fmt: skip
    MMS_LARGE = Words(
        2105, "SizeLong", "彩信太大", "彩信有 {octets} 字节，最多 {most}", "the MMS has {octets} octets; the limit is {most}",
        "请压缩图片和声音", "make pictures and sounds smaller",
        parameter="content",
    )  # fmt: skip
    INTERNAL = Words(
        9999, "InternalError", "系统内部错误", "系统内部错误", "something broke on our side",
        "请稍后重试；若持续出现，请把时间告诉平台客服", "try again later; if it persists, tell the operator the time",
        pull_json=9999, remark_json="系统内部错误", ls="00079",
    )  # fmt: skip

    @property
    def words(self) -> Words:
        return self.value


class Refusal(Exception):
    """A request that cannot be granted: a cause and its facts (numbers and names, never a secret, text or phone)."""

    def __init__(self, code: Code, **facts: object) -> None:
        super().__init__(code.name)
        self.code = code
        self.facts = facts
        self.rejected: Sequence[tuple[str, Code]] = ()  # numbers as written, and why; for the customer alone

    @classmethod
    def of_all(cls, rejected: "Sequence[tuple[str, Code]]") -> "Refusal":
        """Of a request of which no number is left: the first one's cause."""
        refusal = cls(rejected[0][1])
        refusal.rejected = rejected
        return refusal

    def told(self, language: str = "en") -> str:
        """What happened and what to do, for a person."""
        words = self.code.words
        what, cure = (words.zh, words.cure_zh) if language == "zh" else (words.en, words.cure_en)
        stop = "。" if language == "zh" else ". "
        return f"{what.format_map(_Facts(self.facts))} ({words.number}){stop}{cure}{stop.strip()}"


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"
