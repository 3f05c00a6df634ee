"""Manual 000, a white-label platform: the same doors in its words; userid is part of the login.

`$word` is a word that texts may not have, `poor` an account without points.
"""

from hongyan.conformance.answers import DECLARED_GBK, refused, report, sent
from hongyan.conformance.case import JSON, XML_GBK, Case
from hongyan.conformance.hx import BALANCE, QUERY, SEND, TWO
from hongyan.conformance.requests import get, post
from hongyan.conformance.v2 import cases as v2_cases
from hongyan.conformance.words import Words

_FULL = SEND | {"checkContent": "0", "taskName": "十月活动", "countnumber": "1", "mobilenumber": "1", "telephonenumber": "0"}
_CHECK = SEND | {"action": "checkkeyword"}


_SENT = sent("ok", task="@number@")


def cases(words: Words) -> tuple[Case, ...]:
    return (*_sending(words), *_balances(words), *_checks(words), *_pulls(words), *_decided(words), *v2_cases(words))


def _wrong(words: Words, claim: str, changed: dict[str, str], message: str, *needs: str) -> Case:
    return Case("manual 000, 1", claim, post("/sms.aspx", SEND | changed), refused(message, words.failed, "0"), needs=needs)


def _sending(words: Words) -> tuple[Case, ...]:
    in_gbk = sent("ok", task="@number@", declared=DECLARED_GBK)
    return (
        Case("manual 000, 1", "sms.aspx takes a form", post("/sms.aspx", SEND), _SENT),
        Case("manual 000, 1", "declared totals and a task name", post("/sms.aspx", _FULL), _SENT),
        Case("manual 000, 1", "everything in the query", get("/sms.aspx", SEND), _SENT),
        Case("manual 000, 1", "smsGBK.aspx in GB2312", post("/smsGBK.aspx", SEND, "gbk"), in_gbk, XML_GBK, "gbk"),
        Case("manual 000, 1", "two numbers count two", post("/sms.aspx", TWO), sent("ok", "2", "@number@")),
        _wrong(words, "no password", {"password": ""}, words.empty),
        _wrong(words, "a userid that is another's", {"userid": "999999"}, words.wrong),
        _wrong(words, "no number", {"mobile": ""}, words.no_number),
        _wrong(words, "no content", {"content": ""}, words.no_content),
        _wrong(words, "a number that is none", {"mobile": "12345"}, words.other),
        _wrong(words, "SQL", {"content": "'; DROP TABLE users; --【腾飞】"}, words.sql),
        _wrong(words, "a word that is not allowed", {"content": "$word【腾飞】"}, f"{words.illegal}$word", "word"),
        _wrong(words, "more than the balance", {"account": "$poor"}, words.balance, "poor"),
    )


def _balances(words: Words) -> tuple[Case, ...]:
    return (
        Case("manual 000, 2", "the balance; its message is empty", post("/sms.aspx", BALANCE), words.balance_found()),
        Case("manual 000, 2", "no password", post("/sms.aspx", BALANCE | {"password": ""}), words.no_balance(words.empty)),
    )


def _checks(words: Words) -> tuple[Case, ...]:
    found, none = words.checked(words.has_keywords), words.checked(words.has_none)
    twice = _CHECK | {"action": "action=checkkeyword"}
    return (
        Case("manual 000, 3", "a text without such words", post("/sms.aspx", _CHECK), none),
        Case("manual 000, 3", "a text with one", post("/sms.aspx", _CHECK | {"content": "$word"}), found, needs=("word",)),
        Case("manual 000, 3", "action=action=checkkeyword", post("/sms.aspx", twice), none),
    )


def _pulls(words: Words) -> tuple[Case, ...]:
    def wrong(claim: str, changed: dict[str, str], number: int, why: str) -> Case:
        return Case("manual 000, 4", claim, post("/statusApi.aspx", QUERY | changed), words.no_reports(number, why))

    return (
        Case("manual 000, 4", "a task to be reported on", post("/sms.aspx", SEND), _SENT),
        Case("manual 000, 4", "its report", post("/statusApi.aspx", QUERY | {"taskid": "$task"}), report(), within_s=30),
        wrong("1: no password", {"password": ""}, 1, words.empty),
        wrong("2: a userid that is another's", {"userid": "999999"}, 2, words.wrong),
        wrong("4: statusNum that is no number", {"statusNum": "x"}, 4, words.bad_parameter),
    )


def _decided(words: Words) -> tuple[Case, ...]:
    def as_json(clause: str, claim: str, path: str, given: dict[str, str], answer: str) -> Case:
        return Case(clause, claim, post(path, given | {"rt": "json"}), answer, JSON)

    taken = '{"ReturnStatus":"Success","Message":"ok","RemainPoint":@int@,"TaskID":@number@,"SuccessCounts":1}'
    balance = '{"ReturnStatus":"Success","Message":"","PayInfo":"预付","Overage":@int@,"SendTotal":@count@}'
    checked = '{"ReturnStatus":"Success","Message":"' + words.has_none + '","CheckCounts":1}'
    reports, replies = '{"error":"1","remark":"成功","statusbox":[]}', '{"error":"1","remark":"成功","callbox":[@any@]}'
    no_action = words.no_reports(4, words.bad_parameter)
    return (
        as_json("manual 000's platform", "rt=json: names of its own", "/sms.aspx", SEND, taken),
        as_json("decided, 7.7", "rt=json: the balance", "/sms.aspx", BALANCE, balance),
        as_json("decided, 7.7", "rt=json: a keyword check", "/sms.aspx", _CHECK, checked),
        as_json("decided, 7.7", "rt=json: reports, or none", "/statusApi.aspx", QUERY | {"taskid": "1"}, reports),
        as_json("decided, 7.7", "rt=json: replies, or none", "/callApi.aspx", QUERY, replies),
        Case("decided, 7.7", "an extno of ten digits", post("/sms.aspx", SEND | {"extno": "1234567890"}), _SENT),
        Case("decided, 7.7", "sendTime 0 is at once", post("/sms.aspx", SEND | {"sendTime": "0"}), _SENT),
        _wrong(words, "an extno of eleven digits", {"extno": "12345678901"}, words.other),
        Case("manual 000, 5", "4: no action", post("/callApi.aspx", QUERY | {"action": ""}), no_action),
    )
