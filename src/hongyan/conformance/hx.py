"""Manual 001, chapters 1 and 3 to 5: sending, balance, reports and replies over plain HTTP."""

from hongyan.conformance.answers import (
    DECLARED_GBK,
    checked,
    overage,
    pull_error,
    refused,
    refused_json,
    refused_overage,
    report,
    returnsms,
    sent,
    sent_json,
)
from hongyan.conformance.case import JSON, XML_GBK, Case
from hongyan.conformance.requests import declared, get, parts, post, raw, split

LOGIN = {"userid": "$userid", "account": "$account", "password": "$secret"}
SEND = LOGIN | {"mobile": "$mobile", "content": "您的验证码：1439【腾飞】", "sendTime": "", "action": "send", "extno": ""}
TWO = SEND | {"mobile": "$mobile,$mobile2"}
QUERY = LOGIN | {"action": "query"}
BALANCE = LOGIN | {"action": "overage"}
_RAW = "action=send&userid=&account=$account&password=$secret&mobile=$mobile&content=您的验证码：1439【腾飞】&sendTime=&extno="

SENDING = (
    Case("manual 001, 1.2", "sms.aspx takes a form and one number", post("/sms.aspx", SEND), sent()),
    Case("manual 001, 1.2", "two numbers by comma count two", post("/sms.aspx", TWO), sent(count="2")),
    Case("manual 001, 1.2", "the password as upper-case MD5", post("/sms.aspx", SEND | {"password": "$md5"}), sent()),
    Case("manual 001, 1.2", "the example: everything in the query", get("/sms.aspx", TWO), sent(count="2")),
    Case("manual 001, 1.2", "userid is not looked at", post("/sms.aspx", SEND | {"userid": "jadl"}), sent()),
    Case("manual 001, 1.2", "an extno of five digits", post("/sms.aspx", SEND | {"extno": "12345"}), sent()),
    Case("manual 001, 1.2", "sendTime in the past means at once", post("/sms.aspx", SEND | {"sendTime": "2010-10-24 09:08:10"}), sent()),
    Case("decided, 7.7", "sendTime 0 is at once", post("/sms.aspx", SEND | {"sendTime": "0"}), sent()),
    Case("decided, 7.7", "a keyword check of a clean text", post("/sms.aspx", SEND | {"action": "checkkeyword"}), checked("没有包含屏蔽词")),
    Case("decided, 7.7", "a keyword check that finds one", post("/sms.aspx", SEND | {"action": "checkkeyword", "content": "$word"}), checked("包含非法字符"), needs=("word",)),
    Case("manual 001, 1.3", "a good number beside a bad one counts one", post("/sms.aspx", SEND | {"mobile": "$mobile,12345"}), sent()),
    Case("manual 001, 1.1", "smsGBK.aspx reads and answers GB2312", post("/smsGBK.aspx", SEND, "gbk"), sent(declared=DECLARED_GBK), XML_GBK, "gbk"),
    Case("manual 001, 1.4", "smsJson.aspx answers five strings", post("/smsJson.aspx", TWO), sent_json("2"), JSON),
    Case("real clients", "the path in another case, behind two slashes", post("//SMS.ASPX", SEND), sent()),
    Case("real clients", "names in another case", post("/sms.aspx", {name.upper(): value for name, value in SEND.items()}), sent()),
    Case("real clients", "multipart/form-data", parts("/sms.aspx", SEND), sent()),
    Case("real clients", "octets that nobody escaped, and stray separators", raw("/sms.aspx", f"&{_RAW}&&"), sent()),
    Case("real clients", "action in the query beats an empty one in the body", split("/sms.aspx", {"action": "send"}, SEND | {"action": ""}), sent()),
    Case("real clients", "the signature at the start", post("/sms.aspx", SEND | {"content": "【腾飞】您的验证码：1439"}), sent()),
    Case("real clients", "blanks round the account", post("/sms.aspx", SEND | {"account": " $account "}), sent()),
)  # fmt: skip

CHARSETS = (
    Case("real clients", "GBK that is declared", declared("/sms.aspx", SEND, "GBK", "gbk"), sent()),
    Case("real clients", "GB2312 that is declared, in JSON", declared("/smsJson.aspx", SEND, "gb2312", "gbk"), sent_json(), JSON),
    Case("real clients", "UTF-8 that is declared, at smsGBK.aspx", declared("/smsGBK.aspx", SEND, "utf-8", "utf-8"), sent(declared=DECLARED_GBK), XML_GBK, "gbk"),
    Case("real clients", "units of UTF-16, as escape() writes them", raw("/sms.aspx", _RAW.replace("您的", "%u60A8%u7684")), sent()),
    Case("decided, 7.7", "half of a pair of them", raw("/sms.aspx", _RAW.replace("您的", "%uD83D")), refused("参数错误"), code=1001),
    Case("decided, 7.7", "GBK that nobody declared", declared("/sms.aspx", SEND, "", "gbk"), refused("参数错误"), code=1001),
    Case("decided, 7.7", "GBK that is declared as UTF-8", declared("/sms.aspx", SEND, "utf-8", "gbk"), refused("参数错误"), code=1001),
    Case("decided, 7.7", "UTF-8 that is no GBK, at smsGBK.aspx", declared("/smsGBK.aspx", SEND | {"content": "验"}, "", "utf-8"), refused("参数错误", declared=DECLARED_GBK), XML_GBK, "gbk", code=1001),
    Case("decided, 7.7", "an account in no charset", declared("/sms.aspx", SEND | {"account": "验"}, "", "gbk"), refused("参数错误"), code=1001),
    Case("decided, 7.7", "a replacement character of the customer's own", post("/sms.aspx", SEND | {"content": "\ufffd【腾飞】"}), sent()),
)  # fmt: skip

REFUSING = (
    Case("manual 001, 1.3", "no content", post("/sms.aspx", SEND | {"content": ""}), refused("内容为空"), code=2001),
    Case("manual 001, 1.4", "no content, in JSON", post("/smsJson.aspx", SEND | {"content": ""}), refused_json("内容为空"), JSON, code=2001),
    Case("manual 001, 9", "content too long", post("/sms.aspx", SEND | {"content": "长" * 3_000 + "【腾飞】"}), refused("内容太长"), code=2105),
    Case("manual 001, 9", "no number", post("/sms.aspx", SEND | {"mobile": ""}), refused("手机号码为空"), code=1103),
    Case("manual 001, 9", "a number that is none", post("/sms.aspx", SEND | {"mobile": "12345"}), refused("错误的手机号码"), code=1108),
    Case("manual 001, 9", "an extno with letters", post("/sms.aspx", SEND | {"extno": "1a"}), refused("扩展错误"), code=1104),
    Case("manual 001, 1.2", "an extno of six digits", post("/sms.aspx", SEND | {"extno": "123456"}), refused("扩展错误"), code=1104),
    Case("manual 001, 9", "an action that is none", post("/sms.aspx", SEND | {"action": "fly"}), refused("参数错误"), code=1001),
    Case("manual 001, 9", "a sendTime that is none", post("/sms.aspx", SEND | {"sendTime": "tomorrow"}), refused("参数错误"), code=1001),
    Case("manual 001, 3.4", "no account", post("/sms.aspx", SEND | {"account": ""}), refused("用户名或密码不能为空"), code=1002),
    Case("manual 001, 3.4", "no password", post("/sms.aspx", SEND | {"password": ""}), refused("用户名或密码不能为空"), code=1003),
    Case("manual 001, 3.4", "an account that is none", post("/sms.aspx", SEND | {"account": "no such account"}), refused("用户名或密码错误"), code=1004),
)  # fmt: skip

BALANCES = (
    Case("manual 001, 3.3", "Sucess is spelled so", post("/sms.aspx", BALANCE), overage()),
    Case("manual 001, 3.1", "smsGBK.aspx answers the balance in GB2312", post("/smsGBK.aspx", BALANCE), overage(declared=DECLARED_GBK), XML_GBK, "gbk"),
    Case("manual 001, 3.4", "the balance in JSON", post("/smsJson.aspx", BALANCE), '{"returnstatus":"Success","message":"操作成功","payinfo":"预付","overage":"@int@","sendTotal":"@count@"}', JSON),
    Case("manual 001, 3.4", "the balance of no account", post("/sms.aspx", BALANCE | {"account": ""}), refused_overage("用户名或密码不能为空"), code=1002),
    Case("manual 001, 3.4", "the balance of an account that is none", post("/sms.aspx", BALANCE | {"account": "no such account"}), refused_overage("用户名或密码错误"), code=1004),
)  # fmt: skip

PULLING = (
    Case("manual 001, 4.2", "a task to be reported on", post("/sms.aspx", SEND), sent()),
    Case("manual 001, 4.3", "the report of that task", post("/statusApi.aspx", QUERY | {"statusNum": "", "taskid": "$task"}), report(), within_s=30),
    Case("manual 001, 4.3", "a report is handed out once", post("/statusApi.aspx", QUERY | {"taskid": "$task"}), returnsms()),
    Case("manual 001, 4.2", "the example: a blank before taskid", raw("/statusApi.aspx", "action=query&userid=12&account=$account&password=$secret& taskid =$task"), returnsms()),
    Case("manual 001, 4.5", "another task to be reported on", post("/sms.aspx", SEND), sent()),
    Case("manual 001, 4.5", "its report in JSON", post("/statusJsonApi.aspx", QUERY | {"taskid": "$task"}), '{"error":"1","remark":"成功","statusbox":[{"mobile":"$mobile","taskid":"$task","receivetime":"@time@","errorcode":"DELIVRD"}]}', JSON, within_s=30),
    Case("manual 001, 4.5", "no report is an empty list", post("/statusJsonApi.aspx", QUERY | {"taskid": "1"}), '{"error":"1","remark":"成功","statusbox":[]}', JSON),
    Case("manual 001, 5.3", "replies, or none", post("/callApi.aspx", QUERY), returnsms("@any@").replace("@any@\r\n", "@any@")),
    Case("manual 001, 5.5", "replies in JSON, or none", post("/callJsonApi.aspx", QUERY), '{"error":"1","remark":"成功","callbox":[@any@]}', JSON),
    Case("manual 001, 4.4", "1: no account", post("/statusApi.aspx", QUERY | {"account": ""}), pull_error(1, "用户名或密码不能为空"), code=1002),
    Case("manual 001, 4.4", "2: an account that is none", post("/statusApi.aspx", QUERY | {"account": "no such account"}), pull_error(2, "用户名或密码错误"), code=1004),
    Case("manual 001, 4.4", "4: statusNum that is no number", post("/statusApi.aspx", QUERY | {"statusNum": "x"}), pull_error(4, "参数不正确"), code=1001),
    Case("manual 001, 5.4", "4: no action", post("/callApi.aspx", LOGIN), pull_error(4, "参数不正确"), code=1001),
    Case("manual 001, 4.5", "1002: no account", post("/statusJsonApi.aspx", QUERY | {"account": ""}), '{"error":"1002","remark":"用户名为空","statusbox":[]}', JSON, code=1002),
    Case("manual 001, 4.5", "1003: no password", post("/statusJsonApi.aspx", QUERY | {"password": ""}), '{"error":"1003","remark":"密码为空","statusbox":[]}', JSON, code=1003),
    Case("manual 001, 4.5", "1004: an account that is none", post("/statusJsonApi.aspx", QUERY | {"account": "no such account"}), '{"error":"1004","remark":"用户名错误","statusbox":[]}', JSON, code=1004),
    Case("manual 001, 5.5", "1001: no action", post("/callJsonApi.aspx", LOGIN), '{"error":"1001","remark":"参数不正确","callbox":[]}', JSON, code=1001),
)  # fmt: skip

_ABROAD = SEND | {"mobile": "$foreign", "code": "8", "content": "60A876849A8C8BC17801FF1A00310034003300393010817E98DE3011"}

ABROAD = (
    Case("decided, 7.7", "I18NSms.aspx: UCS-2 in hexadecimal digits", post("/I18NSms.aspx", _ABROAD), sent(), needs=("foreign",)),
    Case("decided, 7.7", "I18NSms.aspx: text of GSM", post("/I18NSms.aspx", _ABROAD | {"code": "0", "content": "[Tengfei] code 1439"}), sent(), needs=("foreign",)),
    Case("decided, 7.7", "I18NSms.aspx: a + before the number, which counts once", post("/I18NSms.aspx", _ABROAD | {"mobile": "+$foreign,$foreign"}), sent(), needs=("foreign",)),
    Case("decided, 7.7", "I18NSms.aspx: digits of half a character", post("/I18NSms.aspx", _ABROAD | {"content": "D83D"}), refused("参数错误"), code=1001),
    Case("decided, 7.7", "I18NSms.aspx: a code that is none", post("/I18NSms.aspx", _ABROAD | {"code": "7"}), refused("参数错误"), code=1001),
    Case("decided, 7.7", "I18NSms.aspx: the balance", post("/I18NSms.aspx", BALANCE), overage()),
)  # fmt: skip

HX = SENDING + CHARSETS + REFUSING + BALANCES + PULLING + ABROAD
