"""BatchSms.ashx: the pairs that the platform gets, and the octets of the answers."""

import threading
import zlib

import pytest
from tests.doors.platform import Platform, asking, form, login
from tests.doors.requests import CONTENT, PAIRS, XML, XML_REFUSED
from tests.formats.test_zipbatch import BOMBS

from hongyan.doors import batchsms
from hongyan.doors.request import BODY_OCTETS
from hongyan.formats.zipbatch import pack, unpack, write_content
from hongyan.model.refusal import Code, Refusal

TOO_LARGE_FOR_A_BODY = ("one line", "plain")
ACCEPTED = (
    "<returnsms>\r\n<returnstatus>Success</returnstatus>\r\n<message>操作成功</message>\r\n<remainpoint>-4</remainpoint>\r\n"
    "<taskID>1504080852350206</taskID>\r\n<successCounts>2</successCounts>\r\n</returnsms>\r\n"
)


def ask(platform=None, **given):
    return asking(platform or Platform(), form("/BatchSms.ashx", **login(content=CONTENT) | given))[0]


def submission_of(**given):
    platform = Platform()

    assert b"Success" in ask(platform, **given)[1]
    return platform.submissions[0]


def test_a_batch_octet_by_octet():
    head, body = ask()

    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert body == XML + ACCEPTED.encode()


def test_the_platform_gets_numbers_and_their_texts():
    submission = submission_of(extno="12", sendTime="")

    assert list(zip(submission.numbers, submission.texts, strict=True)) == PAIRS
    assert (submission.text, submission.extno, submission.source) == ("", "12", "BatchSms.ashx")


def test_no_action_is_asked_for_and_any_is_ignored():
    assert submission_of(action="fly").numbers == ["13800138000", "13800138001"]


def test_the_path_is_understood_in_any_case():
    request = form("//batchsms.ASHX", **login(content=CONTENT))

    assert b"Success" in asking(Platform(), request)[0][1]


def test_a_client_reference_stands_for_numbers_and_texts():
    other = write_content(pack([PAIRS[0], ("13800138001", "another")]))
    first, again, changed = (submission_of(clientref="r", content=content) for content in (CONTENT, CONTENT, other))

    assert first.client_hash == again.client_hash != changed.client_hash


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"account": ""}, "用户名或密码不能为空"),
        ({"password": "wrong"}, "用户名或密码错误"),
        ({"account": "stopped"}, "帐户已停用"),
        ({"content": ""}, "内容为空"),
        ({"content": "  "}, "内容为空"),
        ({"content": "好"}, "参数错误"),
        ({"content": write_content(zlib.compress(b"1,a")[:-1])}, "参数错误"),
        ({"content": write_content(zlib.compress("1,验证码".encode("gbk")))}, "参数错误"),
        ({"sendTime": "tomorrow"}, "参数错误"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_contract(wrong, message):
    assert ask(**wrong)[1] == XML + XML_REFUSED.format(message).encode()


def test_what_later_steps_refuse_is_said_too():
    platform = Platform()
    platform.refusal = Refusal(Code.NUMBER_REPEATED)

    assert ask(platform)[1] == XML + XML_REFUSED.format("错误的手机号码").encode()


@pytest.mark.parametrize("bomb", [name for name in BOMBS if name not in TOO_LARGE_FOR_A_BODY])
def test_a_bomb_is_refused(bomb):
    platform, octets = Platform(), BOMBS[bomb]()
    assert len(octets) < BODY_OCTETS // 2

    assert ask(platform, content=write_content(octets))[1] == XML + XML_REFUSED.format("参数错误").encode()
    assert platform.submissions == []


def test_nobody_who_has_no_account_has_anything_inflated(monkeypatch):
    monkeypatch.setattr("hongyan.doors.batchsms.unpack", lambda *_: pytest.fail("was inflated"))

    assert b"Faild" in ask(password="wrong")[1]


@pytest.mark.parametrize(("count", "is_elsewhere"), [(2, False), (2_000, True)])
def test_a_large_batch_is_read_in_a_thread(count, is_elsewhere, monkeypatch):
    threads, read = [], unpack
    monkeypatch.setattr(batchsms, "unpack", lambda *given: threads.append(threading.current_thread()) or read(*given))
    pairs = [(f"138{number:08}", f"您的验证码是{number * 7919}【华信】") for number in range(count)]

    assert b"Success" in ask(content=write_content(pack(pairs)))[1]
    assert (threads[0] is not threading.main_thread()) is is_elsewhere
