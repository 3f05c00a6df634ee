"""Every door slows those that try secrets, and answers the same to right and wrong ones while it does."""

import pytest
from tests.doors.platform import SNAPSHOT, Platform, asking, form, login
from tests.doors.requests import INDUSTRY, envelope, text64, v2_signed
from tests.doors.requests import lushang_signed as signed
from tests.doors.requests import soap_post as post
from tests.doors.requests import text64_form as posted

from hongyan.services.guessing import ADDRESS, KNOWN, STRANGER

OVERAGE = login(action="overage")


def ask(*requests, snapshot=SNAPSHOT):
    return [body.decode() for _, body in asking(Platform(snapshot), *requests)]


def guesses(count, path="/sms.aspx", **given):
    return [form(path, **OVERAGE | {"password": f"guess{number}"} | given) for number in range(count)]


RIGHT = form("/sms.aspx", **OVERAGE)
WRONG = "<message>用户名或密码错误</message>"


def test_after_too_many_wrong_secrets_the_right_one_gets_the_same_answer():
    *_, last_wrong, right = ask(*guesses(STRANGER.free + 2), RIGHT)

    assert right == last_wrong
    assert WRONG in right


def test_a_few_wrong_secrets_do_no_harm():
    assert "Sucess" in ask(*guesses(STRANGER.free), RIGHT)[-1]


def test_a_program_that_goes_on_with_an_old_secret_slows_nobody_at_its_address():
    assert "Sucess" in ask(*[form("/sms.aspx", **OVERAGE | {"password": "old"})] * 100, RIGHT)[-1]


@pytest.mark.parametrize(
    ("request_of", "seen"),
    [
        (lambda plain, stamp: form(INDUSTRY, **signed(sid="9" * 32, token=plain, stamp=stamp)), '"respCode":"00000"'),
        (lambda plain, stamp: form("/v2sms.aspx", **v2_signed("moved", plain, stamp, userid="22")), "Success"),
        (lambda plain, stamp: posted(text64("moved", plain, text=stamp), "22"), '"StatusCode":1,'),
    ],
    ids=["signed", "v2", "encrypted"],
)
def test_nor_does_one_whose_proofs_have_a_time_stamp(request_of, seen):
    stamps = [f"202605011200{second:02}" for second in range(60)]
    answers = ask(*[request_of("old-one", stamp) for stamp in stamps], request_of("new-one", stamps[0]))

    assert [seen in answer for answer in answers] == [False] * 60 + [True]


def test_what_was_tried_at_one_door_counts_at_all():
    pulls = guesses(STRANGER.free + 1, "/statusApi.aspx", action="query")

    assert WRONG in ask(*pulls, RIGHT)[-1]


@pytest.mark.parametrize(
    ("path", "action", "seen"),
    [
        ("/statusApi.aspx", "query", "<error>2</error>\r\n<remark>用户名或密码错误</remark>"),
        ("/statusJsonApi.aspx", "query", '{"error":"1005","remark":"密码错误","statusbox":[]}'),
        ("/smsJson.aspx", "overage", '"message":"用户名或密码错误"'),
    ],
)
def test_each_door_says_so_in_the_words_of_a_wrong_secret(path, action, seen):
    assert seen in ask(*guesses(STRANGER.free + 1), form(path, **login(action=action)))[-1]


def slowed_at(request_of):
    """The last answers to wrong secrets and to the right one, once there were too many; `request_of` makes the request by secret."""
    wrongs = [request_of(f"guess{number:03}") for number in range(KNOWN.free + 2)]
    return ask(*wrongs, request_of("abc123"))[-2:]


@pytest.mark.parametrize(
    ("request_of", "seen"),
    [
        (lambda plain: form(INDUSTRY, **signed(token=plain)), '"respCode":"00040"'),
        (lambda plain: posted(text64(plain=plain)), '"StatusCode":1009,"Description":"Text64参数错误"'),
        (lambda plain: form("/v2sms.aspx", **v2_signed(plain=plain, action="overage")), WRONG),
        (lambda plain: post(envelope(password=plain)), "<StatusCode>PasswordError</StatusCode>"),
        (lambda plain: form("/BatchSms.ashx", **login(password=plain, content="x")), WRONG),
        (lambda plain: form("/pwd.aspx", **login(password=plain, newpassword="n3w")), WRONG),
    ],
    ids=["signed", "encrypted", "v2", "soap", "batch", "pwd"],
)
def test_right_and_wrong_secrets_get_one_answer_at_every_door(request_of, seen):
    wrong, right = slowed_at(request_of)

    assert seen in right
    assert wrong == right


def test_invented_names_count_against_the_address():
    names = [
        form("/sms.aspx", **OVERAGE | {"account": "nobody", "password": f"x{number}"}) for number in range(ADDRESS.free + 1)
    ]

    assert WRONG in ask(*names, RIGHT)[-1]


def test_an_address_that_knew_the_secret_has_more_patience():
    assert "Sucess" in ask(RIGHT, *guesses(KNOWN.free), RIGHT)[-1]
    assert WRONG in ask(RIGHT, *guesses(KNOWN.free + 1), RIGHT)[-1]
