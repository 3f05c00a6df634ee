"""Manual 000, a white-label platform: the same doors in its words; userid is part of the login.

`$word` is a word that texts may not have, `poor` an account without points.
"""

from hongyan.conformance.answers import DECLARED_GBK, refused, report, sent
from hongyan.conformance.case import JSON, XML_GBK, Case, get, post
from hongyan.conformance.hx import BALANCE, QUERY, SEND
from hongyan.conformance.v2 import cases as v2_cases
from hongyan.conformance.words import Words

_FULL = SEND | {"checkContent": "0", "taskName": "十月活动", "countnumber": "1", "mobilenumber": "1", "telephonenumber": "0"}
_CHECK = SEND | {"action": "checkkeyword"}


def cases(words: Words) -> tuple[Case, ...]:
    def wrong(clause: str, claim: str, changed: dict[str, str], message: str, *needs: str) -> Case:
        answer = refused(message, words.failed, "0")
        return Case(f"manual 000, {clause}", claim, post("/sms.aspx", SEND | changed), answer, needs=needs)

    return (
        Case("manual 000, 1", "sms.aspx takes a form", post("/sms.aspx", SEND), sent("ok", task="@number@")),
        Case("manual 000, 1", "declared totals and a task name", post("/sms.aspx", _FULL), sent("ok", task="@number@")),
        Case("manual 000, 1", "everything in the query", get("/sms.aspx", SEND), sent("ok", task="@number@")),
        Case(
            "manual 000, 1",
            "smsGBK.aspx in GB2312",
            post("/smsGBK.aspx", SEND, "gbk"),
            sent("ok", task="@number@", declared=DECLARED_GBK),
            XML_GBK,
            "gbk",
        ),
        Case(
            "manual 000, 1",
            "two numbers count two",
            post("/sms.aspx", SEND | {"mobile": "$mobile,$mobile2"}),
            sent("ok", "2", "@number@"),
        ),
        wrong("1", "no password", {"password": ""}, words.empty),
        wrong("1", "a userid that is another's", {"userid": "999999"}, words.wrong),
        wrong("1", "no number", {"mobile": ""}, words.no_number),
        wrong("1", "no content", {"content": ""}, words.no_content),
        wrong("1", "a number that is none", {"mobile": "12345"}, words.other),
        wrong("1", "SQL", {"content": "'; DROP TABLE users; --【腾飞】"}, words.sql),
        wrong("1", "a word that is not allowed", {"content": "$word【腾飞】"}, f"{words.illegal}$word", "word"),
        wrong("1", "more than the balance", {"account": "$poor"}, words.balance, "poor"),
        Case("manual 000, 2", "the balance; its message is empty", post("/sms.aspx", BALANCE), words.balance_found()),
        Case("manual 000, 2", "no password", post("/sms.aspx", BALANCE | {"password": ""}), words.no_balance(words.empty)),
        Case("manual 000, 3", "a text without such words", post("/sms.aspx", _CHECK), words.checked(words.has_none)),
        Case(
            "manual 000, 3",
            "a text with one",
            post("/sms.aspx", _CHECK | {"content": "$word"}),
            words.checked(words.has_keywords),
            needs=("word",),
        ),
        Case(
            "manual 000, 3",
            "action=action=checkkeyword",
            post("/sms.aspx", _CHECK | {"action": "action=checkkeyword"}),
            words.checked(words.has_none),
        ),
        Case("manual 000, 4", "a task to be reported on", post("/sms.aspx", SEND), sent("ok", task="@number@")),
        Case("manual 000, 4", "its report", post("/statusApi.aspx", QUERY | {"taskid": "$task"}), report(), within_s=30),
        Case(
            "manual 000, 4",
            "1: no password",
            post("/statusApi.aspx", QUERY | {"password": ""}),
            words.no_reports(1, words.empty),
        ),
        Case(
            "manual 000, 4",
            "2: a userid that is another's",
            post("/statusApi.aspx", QUERY | {"userid": "999999"}),
            words.no_reports(2, words.wrong),
        ),
        Case(
            "manual 000, 4",
            "4: statusNum that is no number",
            post("/statusApi.aspx", QUERY | {"statusNum": "x"}),
            words.no_reports(4, words.bad_parameter),
        ),
        Case(
            "manual 000's platform",
            "rt=json: names of its own",
            post("/sms.aspx", SEND | {"rt": "json"}),
            '{"ReturnStatus":"Success","Message":"ok","RemainPoint":@int@,"TaskID":@number@,"SuccessCounts":1}',
            JSON,
        ),
        Case(
            "decided, 7.7",
            "rt=json: the balance",
            post("/sms.aspx", BALANCE | {"rt": "json"}),
            '{"ReturnStatus":"Success","Message":"","PayInfo":"预付","Overage":@int@,"SendTotal":@count@}',
            JSON,
        ),
        Case(
            "decided, 7.7",
            "rt=json: a keyword check",
            post("/sms.aspx", _CHECK | {"rt": "json"}),
            '{"ReturnStatus":"Success","Message":"' + words.has_none + '","CheckCounts":1}',
            JSON,
        ),
        Case(
            "decided, 7.7",
            "rt=json: reports, or none",
            post("/statusApi.aspx", QUERY | {"taskid": "1", "rt": "json"}),
            '{"error":"1","remark":"成功","statusbox":[]}',
            JSON,
        ),
        Case(
            "decided, 7.7",
            "rt=json: replies, or none",
            post("/callApi.aspx", QUERY | {"rt": "json"}),
            '{"error":"1","remark":"成功","callbox":[@any@]}',
            JSON,
        ),
        Case(
            "decided, 7.7",
            "an extno of ten digits",
            post("/sms.aspx", SEND | {"extno": "1234567890"}),
            sent("ok", task="@number@"),
        ),
        Case("decided, 7.7", "sendTime 0 is at once", post("/sms.aspx", SEND | {"sendTime": "0"}), sent("ok", task="@number@")),
        wrong("1", "an extno of eleven digits", {"extno": "12345678901"}, words.other),
        Case(
            "manual 000, 5",
            "4: no action",
            post("/callApi.aspx", QUERY | {"action": ""}),
            words.no_reports(4, words.bad_parameter),
        ),
        *v2_cases(words),
    )
