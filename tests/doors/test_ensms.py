"""ensms.ashx: who a Text64 is from, what the platform gets of it, and the octets of the answers."""

import hashlib
import json
import tracemalloc
from base64 import b64encode
from datetime import datetime

import pytest
from tests.doors.platform import NOW, Platform, asking, fields, form, login, secret, snapshot_of
from tests.doors.requests import text64
from tests.doors.requests import text64_form as posted
from tests.formats.test_text64 import SAMPLE

from hongyan.doors.ensms import MOST_KEYS
from hongyan.doors.request import BODY_OCTETS
from hongyan.formats.text64 import (
    BadText64,
    decrypt,
    encrypt,
    key_of,
    proof_of,
    read_json,
    read_octets,
    stamp_at,
)
from hongyan.model.account import Account
from hongyan.model.refusal import Code, Refusal
from hongyan.model.times import CHINA

MINUTE = 60_000
ACCEPTED = '{"StatusCode":1,"Description":"操作成功","MsgId":"1504080852350206","Amount":-4,"SuccessCounts":1,"Errors":[]}'


def ask(sealed, user_id="12", platform=None):
    return asking(platform or Platform(), posted(sealed, user_id))[0][1].decode()


def failure(number, description):
    return f'{{"StatusCode":{number},"Description":"{description}","MsgId":"","Amount":0,"SuccessCounts":0,"Errors":[]}}'


def test_an_old_secret_opens_and_proves_as_long_as_it_is_taken():
    for plain in ("new-one", "old-one"):
        assert submission_of(text64("changed", plain), "21").account.name == "changed"

    assert ask(text64("changed", "old-one", key="new-one"), "21") == failure(1005, "密码错误")


def submission_of(sealed, user_id="12", platform=None):
    platform = platform or Platform()

    assert json.loads(ask(sealed, user_id, platform))["StatusCode"] == 1
    return platform.submissions[0]


def test_the_sample_of_the_manual_succeeds_when_the_clock_is_set():
    manual = Account(1, 77, "test", secret("test"))
    then = int(datetime(2015, 4, 14, 17, 47, 15, tzinfo=CHINA).timestamp() * 1000)
    platform = Platform(snapshot_of(manual), then)
    head, body = asking(platform, posted(SAMPLE, "77"))[0]

    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert body.decode() == ACCEPTED
    assert platform.submissions[0].numbers == ["15510331875"]
    assert platform.submissions[0].text == "我的验证码是：7890。【奥创时代】"


def test_the_sample_of_the_manual_is_out_of_date_today():
    platform = Platform(snapshot_of(Account(1, 77, "test", secret("test"))))

    assert ask(SAMPLE, "77", platform) == failure(1010, "时间戳错误")


def test_the_platform_gets_what_the_client_encrypted():
    submission = submission_of(text64(ext="12", send_time="2026-05-01 12:00:01", mobile="15023239810,13527576163"))

    assert submission.account.name == "demo"
    assert submission.numbers == ["15023239810", "13527576163"]
    assert (submission.text, submission.extno, submission.send_at_ms) == ("您好【腾飞】", "12", NOW + 1000)
    assert (submission.source, submission.address) == ("ensms.ashx", "127.0.0.1")


def test_it_may_come_by_get_with_a_plus_that_was_not_escaped():
    sealed = next(one for n in range(99) if "+" in (one := text64(text=f"{n}")))
    target = f"/ensms.ashx?UserId=12&Text64={sealed}".encode()

    (answer,) = asking(Platform(), b"GET " + target + b" HTTP/1.1\r\n\r\n")
    assert answer[1].decode() == ACCEPTED


def test_what_was_not_accepted_is_listed_with_its_cause():
    platform = Platform()
    platform.rejected = [("12345", Code.NUMBER_BAD), ("13900000000", Code.NUMBER_NO_CHANNEL)]

    errors = json.loads(ask(text64(), platform=platform))["Errors"]
    assert errors == ["12345 错误的手机号码", "13900000000 没有通道的手机号码"]


def test_it_is_listed_also_when_nothing_else_was_sent():
    platform = Platform()
    platform.refusal = Refusal.of_all([("12345", Code.NUMBER_BAD), ("1", Code.NUMBER_BAD)])

    seen = json.loads(ask(text64(), platform=platform))
    assert (seen["StatusCode"], seen["Errors"]) == (1108, ["12345 错误的手机号码", "1 错误的手机号码"])


def test_the_account_is_the_one_that_is_named_among_those_of_the_customer():
    accounts = [Account(n, 12, f"a{n}", secret(f"secret-{n}")) for n in range(1, 4)]
    platform = Platform(snapshot_of(*accounts))

    assert submission_of(text64("a3", "secret-3"), platform=platform).account.name == "a3"


def test_two_accounts_may_share_a_key_and_the_secret_distinguishes_them():
    platform = Platform(snapshot_of(Account(1, 12, "a", secret("password1")), Account(2, 12, "b", secret("password2"))))

    assert submission_of(text64("b", "password2"), platform=platform).account.name == "b"
    assert ask(text64("b", "password1"), platform=platform) == failure(1005, "密码错误")


def test_a_key_serves_its_own_accounts_alone():
    platform = Platform(snapshot_of(Account(1, 12, "a", secret("secretofa")), Account(2, 12, "b", secret("another"))))

    assert ask(text64("a", "secretofa", key="another"), platform=platform) == failure(1005, "密码错误")


def test_keys_that_are_one_to_des_are_reported_apart_by_the_account():
    accounts = [Account(1, 12, "a", secret("secret10")), Account(2, 12, "b", secret("secret11"))]
    platform = Platform(snapshot_of(*accounts))

    assert submission_of(text64("b", "secret11"), platform=platform).account.name == "b"


@pytest.mark.parametrize(("keys", "is_tried"), [(MOST_KEYS, True), (MOST_KEYS + 1, False)])
def test_no_more_than_twenty_keys_are_tried(keys, is_tried):
    plain = [hashlib.md5(b"%d" % n).hexdigest() for n in range(keys)]
    accounts = [Account(n, 12, f"a{n}", secret(plain[n])) for n in range(keys)]
    accounts += [Account(n + 100, 12, f"b{n}", secret(plain[n] + "again")) for n in range(keys)]  # no keys of their own
    answer = ask(text64(f"a{keys - 1}", plain[-1]), platform=Platform(snapshot_of(*accounts)))

    assert answer == (ACCEPTED if is_tried else failure(1009, "Text64参数错误"))


@pytest.mark.parametrize("given", ["lower", "upper"])
def test_the_secret_is_compared_in_any_case(given):
    proof = getattr(proof_of("abc123", stamp_at(NOW)), given)()

    assert ask(text64(secret=proof)) == ACCEPTED


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_stamp_may_be_five_minutes_off(minutes):
    assert submission_of(text64(at=NOW + minutes * MINUTE)).is_late is False


def test_a_text64_that_comes_late_gets_its_first_answer_or_none():
    assert submission_of(text64(at=NOW - 6 * MINUTE)).is_late
    assert submission_of(text64(at=NOW - 15 * MINUTE)).is_late
    assert ask(text64(at=NOW - 16 * MINUTE)) == failure(1010, "时间戳错误")


def test_a_text64_is_its_own_client_reference_however_it_is_spelt():
    sealed = text64()
    platform = Platform()
    asking(platform, posted(sealed), posted("\r\n".join([sealed[:76], sealed[76:]])), posted(text64(text="another")))
    first, again, other = [(s.client_ref, s.client_hash) for s in platform.submissions]

    assert first == again != other
    assert first[0] != other[0]


def test_no_client_can_name_a_reference_as_a_text64_is_named():
    own = submission_of(text64()).client_ref
    platform = Platform()
    asking(platform, form("/sms.aspx", **login(action="send", mobile="15023239810", content="x", clientref=own)))

    assert own.startswith(" ")
    assert platform.submissions[0].client_ref == own.strip()


@pytest.mark.parametrize(
    ("sealed", "user_id", "number", "description"),
    [
        (text64(), "", 1008, "UserId参数错误"),
        (text64(), "jadl", 1008, "UserId参数错误"),
        (text64(), "99", 1008, "UserId参数错误"),
        (text64(), "1" * 30, 1008, "UserId参数错误"),
        (text64(), "１２", 1008, "UserId参数错误"),
        ("", "12", 1009, "Text64参数错误"),
        ("QUJD", "12", 1009, "Text64参数错误"),
        (text64(key="another"), "12", 1009, "Text64参数错误"),
        (text64()[:-12], "12", 1009, "Text64参数错误"),
        (text64(), "7", 1009, "Text64参数错误"),
        (text64(name=""), "12", 1002, "用户名为空"),
        (text64(secret=""), "12", 1003, "密码为空"),
        (text64(name="nobody"), "12", 1004, "用户名错误"),
        (text64(secret="0" * 32), "12", 1005, "密码错误"),
        (text64(secret="密"), "12", 1005, "密码错误"),
        (text64("bound"), "12", 1006, "IP绑定错误"),
        (text64("stopped"), "12", 1007, "帐户已停用"),
        (text64(stamp="", secret=proof_of("abc123", "")), "12", 1010, "时间戳错误"),
        (text64(send_time="tomorrow"), "12", 1001, "参数错误"),
    ],
)
def test_what_is_wrong_is_said_by_its_number(sealed, user_id, number, description):
    assert ask(sealed, user_id) == failure(number, description)


def test_the_account_of_another_customer_with_the_same_key_is_not_this_customers():
    platform = Platform(snapshot_of(Account(1, 12, "a", secret("abc123")), Account(2, 13, "b", secret("abc123"))))

    assert ask(text64("b"), platform=platform) == failure(1008, "UserId参数错误")


def test_what_later_steps_refuse_has_the_same_shape():
    platform = Platform()
    platform.refusal = Refusal(Code.BALANCE_SHORT, need=2, free=1)

    assert ask(text64(), platform=platform) == failure(1111, "额度不足")


def test_the_parameters_of_sms_aspx_sent_here_by_mistake_are_answered():
    sms = {"action": "send", "account": "demo", "password": "abc123", "mobile": "15023239810", "content": "x"}
    first, second = asking(Platform(), form("/ensms.ashx", **sms, userid=""), form("/ensms.ashx", **sms, userid="12"))

    assert first[1].decode() == failure(1008, "UserId参数错误")
    assert second[1].decode() == failure(1009, "Text64参数错误")


def test_nothing_of_a_text64_that_is_refused_is_reported_but_the_step():
    platform = Platform()

    async def admit(*_):
        raise AssertionError("was not refused")

    platform.admit = admit
    for sealed in (text64(key="another"), text64(secret="0" * 32)):
        assert '"MsgId":""' in ask(sealed, platform=platform)


def test_a_long_text64_is_read_in_a_thread_and_understood():
    mobiles = ",".join(f"138{n:08}" for n in range(5_000))

    assert len(submission_of(text64(mobile=mobiles)).numbers) == 5_000


def test_the_snapshot_knows_the_accounts_of_a_customer_in_the_order_in_which_they_were_made():
    snapshot = snapshot_of(*(Account(n, n % 2, f"a{n}", secret("abc123")) for n in (5, 2, 1, 3)))

    assert [account.id for account in snapshot.accounts_of[1]] == [1, 3, 5]


HOSTILE = {
    "members": "{" + ",".join(f'"k{n}":1' for n in range(120_000)) + "}",
    "one name again and again": "{" + '"Text":"",' * 120_000 + '"Ext":""}',
    "lists": '{"Text":[' + "[]," * 400_000 + "0]}",
    "depth": '{"Text":' * 150_000,
    "escapes": '{"Text":"' + "\\\\" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_under_the_right_key_is_refused_and_never_built(name):
    key = key_of("abc123")
    sealed = b64encode(encrypt(HOSTILE[name].encode(), key)).decode()
    tracemalloc.start()
    try:
        with pytest.raises(BadText64):
            read_json(decrypt(read_octets(sealed), key))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 20 * 1024 * 1024
    if len(sealed) < BODY_OCTETS * 9 // 10:
        assert ask(sealed) == failure(1009, "Text64参数错误")


@pytest.mark.parametrize("path", ["/ensms.ashx", "/BatchSms.ashx"])
def test_a_body_that_declares_a_hundred_megabytes_is_refused_before_it_comes(path):
    request = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n".encode()

    assert asking(Platform(), request)[0][0].startswith(b"HTTP/1.1 413 ")


def test_a_hostile_request_line_of_a_megabyte_of_names_is_answered():
    body = b"&".join(b"k%d=1" % n for n in range(200_000)) + b"&" + fields(UserId="12", Text64=text64())
    request = b"POST /ensms.ashx HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    assert asking(Platform(), request)[0][1].decode() == failure(1008, "UserId参数错误")
