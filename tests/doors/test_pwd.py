"""pwd.aspx and changespwd: who may change a secret, to what, and the octets of the answers."""

import hashlib

import pytest
from tests.doors.platform import Platform, asking, form, login, overheard

from hongyan.model.refusal import Code, Refusal

XML = b'<?xml version="1.0" encoding="utf-8" ?>\r\n'
BODY = "<returnsms>\r\n<returnstatus>{}</returnstatus>\r\n<message>{}</message>\r\n</returnsms>\r\n"


def ask(request, platform=None):
    return asking(platform or Platform(), request)[0]


@pytest.mark.parametrize("given", ["abc123", hashlib.md5(b"abc123").hexdigest()])
def test_pwd_changes_the_secret_for_who_knows_it(given):
    platform = Platform()
    head, body = ask(form("/pwd.aspx", **login(password=given, userid="1", newpassword="新的-one")), platform)

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert body == XML + BODY.format("Sucess", "操作成功").encode()
    assert platform.secrets == [("demo", "新的-one")]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"account": ""}, "用户名或密码不能为空"),
        ({"password": "x"}, "用户名或密码错误"),
        ({"account": "stopped"}, "帐户已停用"),
        ({"account": "bound"}, "IP绑定错误"),
        ({"newpassword": ""}, "参数错误"),
        ({"newpassword": " x"}, "参数错误"),
        ({"newpassword": "a\nb"}, "参数错误"),
        ({"newpassword": "x" * 21}, "参数错误"),
    ],
)
def test_pwd_says_what_is_wrong_and_changes_nothing(wrong, message):
    platform = Platform()

    assert (
        ask(form("/pwd.aspx", **login(newpassword="n3w") | wrong), platform)[1] == XML + BODY.format("Faild", message).encode()
    )
    assert platform.secrets == []


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/pwd.aspx", {"newpassword": "abc123"}),
        ("/sms.aspx", {"action": "changespwd", "newpwd": "abc123", "renewpwd": "abc123"}),
    ],
)
def test_the_secret_that_holds_already_is_taken_and_the_old_one_goes_on_to_count(path, given):
    platform = Platform()

    assert ask(form(path, **login(**given)), platform)[1] == XML + BODY.format("Sucess", "操作成功").encode()
    assert platform.secrets == []


def test_twenty_characters_are_taken():
    platform = Platform()
    ask(form("/PWD.aspx", **login(newpassword="密" * 20)), platform)

    assert platform.secrets == [("demo", "密" * 20)]


def test_an_old_secret_still_sends_but_changes_nothing():
    platform = Platform()
    (_, sent), (_, kept), (_, changed) = asking(
        platform,
        form("/sms.aspx", account="changed", password="old-one", action="send", mobile="13800138000", content="x"),
        form("/pwd.aspx", account="changed", password="old-one", newpassword="mine"),
        form("/pwd.aspx", account="changed", password="new-one", newpassword="third"),
    )

    assert b"<returnstatus>Success</returnstatus>" in sent
    assert kept == XML + BODY.format("Faild", "用户名或密码错误").encode()
    assert changed == XML + BODY.format("Sucess", "操作成功").encode()
    assert platform.secrets == [("changed", "third")]


def changes(path, **more):
    return form(path, **login(account="wl", userid="12", action="changespwd", newpwd="n3w", renewpwd="n3w") | more)


def test_changespwd_over_xml_gbk_and_json():
    platform = Platform()
    (_, xml), (_, gbk), (_, json) = asking(
        platform, changes("/sms.aspx"), changes("/smsGBK.aspx", account="demo"), changes("/smsJson.aspx", account="demo")
    )

    assert xml == XML + BODY.format("Sucess", "ok").encode()
    assert gbk == b'<?xml version="1.0" encoding="gb2312" ?>\r\n' + BODY.format("Sucess", "操作成功").encode("gbk")
    assert json == '{"returnstatus":"Success","message":"操作成功"}'.encode()
    assert platform.secrets == [("wl", "n3w"), ("demo", "n3w"), ("demo", "n3w")]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"renewpwd": "other"}, ("Faild", "其他错误")),
        ({"newpwd": "", "renewpwd": ""}, ("Faild", "其他错误")),
        ({"userid": "13"}, ("Faild", "用户名或密码错误")),
        ({"account": "wl-en", "password": "x"}, ("Failure", "User name or password error")),
    ],
)
def test_changespwd_says_what_is_wrong_in_its_own_shape(wrong, words):
    platform = Platform()

    assert ask(changes("/sms.aspx", **wrong), platform)[1] == XML + BODY.format(*words).encode()
    assert platform.secrets == []


def test_a_store_that_is_away_is_our_own_fault_and_no_secret_is_logged(monkeypatch):
    log = overheard(monkeypatch)
    platform = Platform()
    platform.refusal = ValueError("n3w")
    _, body = ask(form("/pwd.aspx", **login(newpassword="n3w")), platform)
    platform.refusal = Refusal(Code.INTERNAL)
    ask(form("/pwd.aspx", **login(newpassword="n3w" * 10)), platform)

    assert body == XML + BODY.format("Faild", "系统内部错误").encode()
    assert "n3w" not in str(log)
