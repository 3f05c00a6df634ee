"""checkkeyword on the sms doors, and what a send with such words is answered (wire contract, 3.1, 3.3 and 7.2)."""

from dataclasses import replace

import pytest
from tests.doors.platform import SNAPSHOT, Platform, asking, fields, form, login

from hongyan.formats.dialects import CLEAN_TEXTS
from hongyan.formats.zipbatch import pack, write_content
from hongyan.model.dialect import DialectName
from hongyan.model.site import CleanText, Site
from hongyan.model.words import EVERYBODY, Word, WordTable, plain
from hongyan.services.admit import admit

WORDS = [Word(EVERYBODY, plain(word), word) for word in ("赌博", "Success", "A<B")] + [Word(1, "红包", "红包")]
WITH_WORDS = replace(SNAPSHOT, words=WordTable.of(1, WORDS))
XML = (
    '<?xml version="1.0" encoding="utf-8" ?>\r\n<returnsms>\r\n<returnstatus>{}</returnstatus>\r\n<message>{}</message>\r\n'
    "<checkCounts>{}</checkCounts>\r\n</returnsms>\r\n"
)
BARE = '<?xml version="1.0" encoding="utf-8" ?>\r\n<returnsms>\r\n<message>{}</message>\r\n</returnsms>\r\n'


def seen(message):
    return XML.format("Success", message, 1)


LITERAL = replace(
    WITH_WORDS,
    accounts=SNAPSHOT.accounts | {"literal": replace(SNAPSHOT.accounts["wl"], name="literal", dialect=DialectName.WL_000)},
)


class Judging(Platform):
    """Admits as the platform does, and so refuses words."""

    def admit(self, snapshot, submission, now_ms):
        return admit(snapshot, submission, now_ms)


def ask(path, snapshot=WITH_WORDS, **given):
    (_, body), *_ = asking(Judging(snapshot), form(path, **login(**given)))
    return body.decode("gbk" if "GBK" in path else "utf-8")


def check(content, path="/sms.aspx", action="checkkeyword", **given):
    return ask(path, action=action, content=content, **given)


WL, WL_EN = {"account": "wl", "userid": "12"}, {"account": "wl-en", "userid": "12"}


@pytest.mark.parametrize(
    ("who", "found", "none"),
    [
        (WL, "包含非法字符", "没有包含屏蔽词"),
        (WL_EN, "Contains illegal characters", "Does not contain illegal characters"),
        ({}, "包含非法字符", "没有包含屏蔽词"),
    ],
)
def test_the_answer_has_three_children(who, found, none):
    assert check("去赌*博", **who) == seen(found)
    assert check("您好", **who) == seen(none)


@pytest.mark.parametrize(
    ("content", "message"), [("赌博", "Contains illegal characters"), ("您好", "Does not contain illegal characters")]
)
def test_the_page_letter_by_letter_has_a_message_alone(content, message):
    literal = {"account": "literal", "userid": "12"}

    assert ask("/sms.aspx", LITERAL, action="checkkeyword", content=content, **literal) == BARE.format(message)
    assert ask("/sms.aspx", LITERAL, action="checkkeyword", content=content, rt="json", **literal) == (
        '{"ReturnStatus":"Success","Message":"' + message + '","CheckCounts":1}'
    )


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (CleanText.USUAL, "没有包含屏蔽词"),
        (CleanText.SCREENED, "没有包含屏蔽词"),
        (CleanText.ILLEGAL, "未包含非法字符"),
        (CleanText.ENGLISH, "Does not contain illegal characters"),
    ],
)
def test_a_site_chooses_what_is_said_of_a_clean_text(choice, message):
    snapshot = replace(WITH_WORDS, sites={"": Site("", clean_text=choice)})

    assert ask("/sms.aspx", snapshot, action="checkkeyword", content="您好") == seen(message)
    assert ask("/sms.aspx", snapshot, action="checkkeyword", content="赌博") == seen("包含非法字符")


def test_every_choice_has_its_words():
    assert set(CLEAN_TEXTS) == set(CleanText) - {CleanText.USUAL}


@pytest.mark.parametrize("action", ["action=checkkeyword", "CheckKeyword", " checkkeyword "])
def test_clients_spell_the_action_in_several_ways(action):
    assert check("赌博", action=action) == seen("包含非法字符")


def test_the_variant_in_the_address_is_understood():
    query = fields(**login(content="赌博", **WL)).decode()
    _, body = asking(Platform(WITH_WORDS), f"GET /sms.aspx?action=action=checkkeyword&{query} HTTP/1.1\r\n\r\n".encode())[0]

    assert body.decode() == seen("包含非法字符")


def test_the_gbk_and_json_doors_answer_in_their_own_shape():
    body = "&".join(f"{name}={value}" for name, value in login(action="checkkeyword", content="赌博").items()).encode("gbk")
    request = b"POST /smsGBK.aspx HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    assert asking(Platform(WITH_WORDS), request)[0][1] == seen("包含非法字符").replace("utf-8", "gb2312").encode("gbk")
    assert check("您好", "/smsJson.aspx") == '{"returnstatus":"Success","message":"没有包含屏蔽词","checkCounts":"1"}'


def test_an_accounts_own_words_count_for_it_alone():
    assert check("红包") == seen("包含非法字符")
    assert check("红包", **WL) == seen("没有包含屏蔽词")


def test_without_a_table_nothing_is_found():
    assert ask("/sms.aspx", SNAPSHOT, action="checkkeyword", content="赌博") == seen("没有包含屏蔽词")


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"password": ""}, "用户名或密码不能为空"),
        ({"password": "wrong"}, "用户名或密码错误"),
        ({"content": ""}, "内容为空"),
        ({"content": "长" * 700}, "内容太长"),
        (WL | {"password": ""}, "用户名或密码不能为空"),
        (WL | {"content": ""}, "短信内容不能为空"),
    ],
)
def test_a_failure_has_them_too(given, seen):
    assert ask("/sms.aspx", action="checkkeyword", **{"content": "您好"} | given) == XML.format("Faild", seen, 0)


# --- send ------------------------------------------------------------------------------------------------------------


def message_of(content, **who):
    answer = ask("/sms.aspx", action="send", mobile="15023239810", content=content, **who)
    assert "Success" not in answer
    return answer.partition("<message>")[2].partition("</message>")[0]


@pytest.mark.parametrize(
    ("who", "seen"), [({}, "敏感词汇"), (WL, "包含非法字符：赌博"), (WL_EN, "Contains illegal characters:赌博")]
)
def test_a_send_with_such_words_names_them_in_the_words_of_manual_000(who, seen):
    assert message_of("去赌*博，赌博", **who) == seen


def test_a_batch_of_which_nothing_is_left_names_the_words_of_its_first_text():
    content = write_content(pack([("15023239810", "去赌*博"), ("15023239811", "a b")]))
    head, body = asking(Judging(WITH_WORDS), form("/BatchSms.ashx", **login(content=content, **WL)))[0]

    assert "<message>包含非法字符：赌博</message>" in body.decode()
    assert b"x-cause: CONTENT_WORDS; parameter=content\r\n" in head


def test_a_text_of_a_batch_that_nobody_can_carry_is_blamed_on_its_parameter():
    content = write_content(pack([("15023239810", "a\0b")]))
    head, _ = asking(Judging(WITH_WORDS), form("/BatchSms.ashx", **login(content=content)))[0]

    assert b"x-cause: PARAMETER_BAD; parameter=content\r\n" in head


def test_a_word_that_clients_would_take_for_success_is_not_named():
    assert message_of("success", **WL) == "包含非法字符："


def test_a_word_is_escaped():
    assert message_of("a b", **WL) == "包含非法字符：A&lt;B"


@pytest.mark.parametrize(
    ("who", "seen"),
    [(WL, "发送内容包含sql注入字符"), (WL_EN, "The sent content contains sql injection characters")],
)
def test_sql_is_answered_in_the_words_of_manual_000(who, seen):
    assert message_of("'; drop table users; --", **who) == seen


@pytest.mark.parametrize(
    ("given", "asks"),
    [({"checkcontent": "1"}, True), ({"checkContent": " 1 "}, True), ({"checkcontent": "0"}, False), ({}, False)],
)
def test_whether_the_client_asks_for_the_check_is_passed_on(given, asks):
    platform = Platform()
    asking(platform, form("/sms.aspx", **login(action="send", mobile="15023239810", content="您好", **given)))

    assert platform.submissions[0].asks_word_check is asks
