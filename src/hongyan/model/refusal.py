"""The one registry of refusals: each cause with its number, and what people read of it in both languages.

What a customer's program reads of it, in the words of its platform, stands in `formats.refusals`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Words:
    """What one cause is called.

    number:   ResultCode of manual 001, chapter 9; reports, logs and people name the cause by it, and several causes share one
    zh, en:   what happened; `{fact}` is filled from the refusal
    cure_zh, cure_en: what to do now
    """

    number: int
    zh: str
    en: str
    cure_zh: str
    cure_en: str


class Code(Enum):
    """Every cause of a refusal."""

    ACCOUNT_EMPTY = Words(
        1002, "没有填写账号", "no account name was given",
        "请填写 account 参数", "fill in the parameter account",
    )  # fmt: skip
    SECRET_EMPTY = Words(
        1003, "没有填写接口密码", "no API secret was given",
        "请填写 password 参数", "fill in the parameter password",
    )  # fmt: skip
    ACCOUNT_UNKNOWN = Words(
        1004, "没有这个账号", "there is no such account",
        "请核对 account，区分大小写", "check account; upper and lower case differ",
    )  # fmt: skip
    SECRET_WRONG = Words(
        1005, "接口密码不对", "the API secret is wrong",
        "请用接口密码（不是登录密码），明文或 MD5 均可", "use the API secret (not the portal password), plain or as MD5",
    )  # fmt: skip
    LOGIN_SLOWED = Words(
        1005, "该地址试错接口密码太多，{seconds} 秒内不再核对", "too many wrong secrets from this address; none is looked at for {seconds} s",
        "请核对接口密码，稍后重试；可把地址加入账号的 IP 名单", "check the secret, then try again later; an address on the account's IP list is slowed by nobody else",
    )  # fmt: skip
    PULLED_OFTEN = Words(
        1001, "拉取过于频繁，每分钟最多 {most} 次", "pulled too often; the limit is {most} times a minute",
        "请降低拉取频率，或改用推送", "pull less often, or have reports and replies posted to you",
    )  # fmt: skip
    ADDRESS_FORBIDDEN = Words(
        1006, "地址 {address} 不在账号的 IP 名单中", "address {address} is not on the account's list",
        "请把该地址加入账号的 IP 名单", "add the address to the account's IP list",
    )  # fmt: skip
    ACCOUNT_STOPPED = Words(
        1007, "账号已停用", "the account is stopped",
        "请联系平台客服启用", "ask the operator to enable it",
    )  # fmt: skip
    REPORTS_FORBIDDEN = Words(
        1001, "账号没有查看状态报告的权限", "the account may not read reports",
        "请联系平台客服开通", "ask the operator for the permission",
    )  # fmt: skip
    PARAMETER_BAD = Words(
        1001, "参数 {name} 不正确", "parameter {name} is not valid",
        "请按接口文档填写该参数", "fill it in as the interface page says",
    )  # fmt: skip
    USERID_BAD = Words(
        1008, "UserId 为空、不存在，或不是该账号的企业编号", "UserId is empty, unknown, or not that of the account",
        "请填写平台分配的企业编号（数字）", "fill in the number of your company",
    )  # fmt: skip
    TEXT64_BAD = Words(
        1009, "Text64 无法解密：{step}", "Text64 cannot be read: {step}",
        "请用 hongyan text64 decode 查看出错的步骤；密钥取接口密码明文的前 8 个字节", "hongyan text64 decode names the step; the key is eight octets of the plain secret",
    )  # fmt: skip
    REFERENCE_REUSED = Words(
        1001, "同一 clientref 已用于不同的内容", "this client reference was used for another submission",
        "新的内容请用新的 clientref", "use a new reference for new contents",
    )  # fmt: skip
    TIME_BAD = Words(
        1001, "定时时间的格式不对", "sendTime is not a valid time",
        "请用 yyyy-MM-dd HH:mm:ss（北京时间）", "write yyyy-MM-dd HH:mm:ss, China time",
    )  # fmt: skip
    NUMBERS_MANY = Words(
        1001, "一次提交 {count} 个号码，最多 {most} 个", "{count} numbers in one request; the limit is {most}",
        "请分批提交", "split the request",
    )  # fmt: skip
    NUMBER_REPEATED = Words(
        1108, "同一批里有重复的号码", "a number stands twice in the batch",
        "请去掉重复的号码", "remove the repeated number",
    )  # fmt: skip
    NUMBER_EMPTY = Words(
        1103, "没有填写手机号码", "no mobile number was given",
        "请填写 mobile 参数", "fill in the parameter mobile",
    )  # fmt: skip
    NUMBER_BAD = Words(
        1108, "手机号码不正确", "the mobile number is not valid",
        "大陆号码为 1 开头的 11 位数字", "mainland numbers have 11 digits and begin with 1",
    )  # fmt: skip
    NUMBER_LISTED = Words(
        1109, "手机号码在黑名单中", "the number is black-listed",
        "如属误加，请从黑名单移除", "remove it from the list if that is a mistake",
    )  # fmt: skip
    NUMBER_NO_CHANNEL = Words(
        1110, "没有通道能发往该号码的运营商", "no channel serves this number's carrier",
        "请联系平台客服为该运营商添加路由", "ask the operator for a route to that carrier",
    )  # fmt: skip
    NO_CHANNEL = Words(
        1106, "账号没有可用的发送通道", "the account has no usable channel",
        "请在路由中为该账号添加通道", "add a route for this account",
    )  # fmt: skip
    NO_BINARY_CHANNEL = Words(
        1106, "账号的通道都不能承载二进制短信", "no channel of the account carries binary messages",
        "请在路由中添加 CMPP、SGIP、SMGP 或 SMPP 通道；http 通道只承载文本", "add a route to a channel of CMPP, SGIP, SMGP or SMPP; one of http carries texts only",
    )  # fmt: skip
    NO_FLASH_CHANNEL = Words(
        1001, "账号的通道都不能发送闪信（flash=1）", "no channel of the account carries flash messages (flash=1)",
        "请去掉 flash 参数，或为路由添加 CMPP、SGIP、SMGP 或 SMPP 通道", "leave out flash, or have a route to a channel of CMPP, SGIP, SMGP or SMPP added",
    )  # fmt: skip
    CONTENT_EMPTY = Words(
        2001, "短信内容为空", "the content is empty",
        "请填写 content 参数", "fill in the parameter content",
    )  # fmt: skip
    CONTENT_LONG = Words(
        2105, "内容需要 {segments} 条，最多 {most} 条", "the content needs {segments} segments; the limit is {most}",
        "请缩短内容", "shorten the content",
    )  # fmt: skip
    CONTENT_WORDS = Words(
        2107, "内容含有敏感词：{words}", "the content has words that are not allowed: {words}",
        "请改写内容", "reword the content",
    )  # fmt: skip
    CONTENT_SQL = Words(
        2107, "内容像一条 SQL 语句", "the content reads like an SQL statement",
        "请改写内容", "reword the content",
    )  # fmt: skip
    SIGNATURE_MISSING = Words(
        2113, "内容没有签名", "the content has no signature",
        "请在开头或结尾加上【签名】", "put the signature in 【】 at the start or the end",
    )  # fmt: skip
    SIGNATURE_WRONG = Words(
        2114, "签名未通过审核", "the signature is not approved for this account",
        "请使用已通过的签名", "use an approved signature",
    )  # fmt: skip
    EXTNO_BAD = Words(
        1104, "扩展号须为数字，最多 {most} 位", "extno must be digits, {most} at most",
        "请更正 extno，或留空", "correct extno or leave it empty",
    )  # fmt: skip
    EXTNO_TAKEN = Words(
        1104, "扩展号 {extno} 属于另一个账号，回复会到那里", "extno {extno} belongs to another account, which would get the replies",
        "请换一个 extno，或留空；扩展号由平台分配", "use another extno or leave it empty; the operator assigns them",
    )  # fmt: skip
    BALANCE_SHORT = Words(
        1111, "需要 {need} 点，可用 {free} 点", "the messages need {need} points and {free} are free",
        "请充值，或减少发送量", "top up or send fewer",
    )  # fmt: skip
    NO_PRODUCT = Words(
        1112, "账号没有开通该产品", "the account does not have this product",
        "请联系平台客服开通", "ask the operator to enable it",
    )  # fmt: skip
    SUBJECT_EMPTY = Words(
        3001, "彩信主题为空", "the MMS has no subject",
        "请填写 subject 参数", "fill in the parameter subject",
    )  # fmt: skip
    METHOD_WRONG = Words(
        1001, "该接口只接受 POST", "this door takes POST only",
        "请改用 POST 提交表单", "post the parameters as a form",
    )  # fmt: skip
    SID_EMPTY = Words(
        1002, "没有填写 accountSid", "no accountSid was given",
        "请填写 accountSid 参数", "fill in the parameter accountSid",
    )  # fmt: skip
    SID_UNKNOWN = Words(
        1004, "没有账号使用这个 accountSid", "no account has this accountSid",
        "请核对 accountSid；由平台客服告知", "check it; the operator tells it",
    )  # fmt: skip
    SIGN_EMPTY = Words(
        1003, "没有填写签名", "no signature was given",
        "请填写 sig 参数（v2 接口为 sign）", "fill in the parameter sig, at the v2 doors sign",
    )  # fmt: skip
    SIGN_WRONG = Words(
        1005, "签名与账号、接口密码、timestamp 不符", "the signature does not fit account, API secret and timestamp",
        "请按 md5(accountSid+接口密码+timestamp) 计算，v2 接口用 account，原样拼接", "it is md5(accountSid+secret+timestamp), at the v2 doors with account, joined as they are",
    )  # fmt: skip
    STAMP_EMPTY = Words(
        1010, "没有填写 timestamp", "no timestamp was given",
        "请填写 timestamp 参数", "fill in the parameter timestamp",
    )  # fmt: skip
    STAMP_MALFORMED = Words(
        1010, "timestamp 的格式不对", "timestamp is no time",
        "请用 yyyyMMddHHmmss（北京时间）", "write yyyyMMddHHmmss, China time",
    )  # fmt: skip
    STAMP_OLD = Words(
        1010, "timestamp 与当前时间相差超过 5 分钟", "timestamp is more than five minutes away from now",
        "请校准时钟，并使用北京时间", "set your clock, and use China time",
    )  # fmt: skip
    TEMPLATE_UNKNOWN = Words(
        1001, "没有编号为 templateid 的模板", "there is no template of this templateid",
        "请由运营方添加该模板，或把短信全文填入 smsContent", "have the operator add it, or put the whole text into smsContent",
    )  # fmt: skip
    PARAMETERS_EMPTY = Words(
        1001, "模板有空位，但没有填写 param", "the template has gaps, and no param was given",
        "请在 param 中按顺序填写各空位的内容，以逗号分隔", "give what fills the gaps in param, in their order, by comma",
    )  # fmt: skip
    CONTENT_TWICE = Words(
        1001, "templateid 和 smsContent 同时填写", "templateid and smsContent are both given",
        "请只填其中一项", "give one of them",
    )  # fmt: skip
    STAMP_FAR = Words(
        1010, "timestamp 与当前时间相差超过 {hours} 小时", "timestamp is more than {hours} hours away from now",
        "请每次用当前的北京时间生成 timestamp 和 sign", "make timestamp and sign of China's time now, for each request",
    )  # fmt: skip
    SOAP_BAD = Words(
        1001, "不是可读的 SOAP 请求：{fault}", "this is no SOAP request that can be read: {fault}",
        "请按 ?wsdl 的描述发送 SOAP 1.1 或 1.2 的 SendSms", "send SendSms in SOAP 1.1 or 1.2 as ?wsdl describes it",
    )  # fmt: skip
    SUBJECT_LONG = Words(
        3001, "彩信主题有 {count} 个字，最多 {most} 个", "the subject has {count} characters; the limit is {most}",
        "请缩短 subject", "shorten the subject",
    )  # fmt: skip
    FRAMES_EMPTY = Words(
        2001, "彩信没有可显示的内容", "the MMS shows nothing",
        "请放入图片或文字，并在 SMIL 的 par 中引用", "put in a picture or a text, and name it in a par of the SMIL",
    )  # fmt: skip
    ELEMENT_BAD = Words(
        1001, "彩信第 {number} 个元素无法识别：{step}", "element {number} of the MMS cannot be taken: {step}",
        "请用 hongyan tms unpack 查看出错的步骤；支持 jpg gif png bmp wav mid amr mp3 mp4 文本和 SMIL", "hongyan tms unpack names the step; jpg, gif, png, bmp, wav, mid, amr, mp3, mp4, texts and SMIL are taken",
    )  # fmt: skip
    ELEMENT_REPEATED = Words(
        1001, "第 {number} 个元素的名称已经用过", "element {number} has the name of an earlier one",
        "请给每个元素不同的文件名，不分大小写", "give each element a name of its own; upper and lower case do not differ",
    )  # fmt: skip
    SMIL_EMPTY = Words(
        2001, "彩信没有 SMIL", "the MMS has no SMIL",
        "请加入一个 SMIL 元素，说明各帧显示什么", "add one SMIL element that says what each frame shows",
    )  # fmt: skip
    SMIL_MANY = Words(
        1001, "彩信有多个 SMIL", "the MMS has several SMIL elements",
        "请只保留一个", "keep one",
    )  # fmt: skip
    FRAME_BAD = Words(
        1001, "SMIL 无法读取，或第 {number} 帧引用了不存在的元素", "the SMIL cannot be read, or frame {number} names no element",
        "请用 hongyan tms unpack 检查 SMIL；每个 src 须为一个元素的文件名，最多 20 帧", "hongyan tms unpack checks the SMIL; each src is the name of an element, in 20 frames at most",
    )  # fmt: skip
    FRAME_LARGE = Words(
        2105, "第 {number} 帧有 {octets} 字节，最多 {most}", "frame {number} has {octets} octets; the limit is {most}",
        "请压缩图片，或把内容分到几帧", "make the picture smaller, or spread it over frames",
    )  # fmt: skip
    MMS_LARGE = Words(
        2105, "彩信有 {octets} 字节，最多 {most}", "the MMS has {octets} octets; the limit is {most}",
        "请压缩图片和声音", "make pictures and sounds smaller",
    )  # fmt: skip
    INTERNAL = Words(
        9999, "系统内部错误", "something broke on our side",
        "请稍后重试；若持续出现，请把时间告诉平台客服", "try again later; if it persists, tell the operator the time",
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
