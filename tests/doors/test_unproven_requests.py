"""What a door answers before a secret is proved shows nothing that only the proof may open.

One walk over every door: whatever else is wrong with a request or its account, a wrong secret gets one answer, head and body;
and while an address is slowed, a right secret gets it too. Which words exist is fixed by the wire contract, 7.1.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import replace
from time import monotonic

import pytest
from tests.doors.platform import ACCOUNTS, Platform, asking, form, garbage_of, login, secret, snapshot_of
from tests.doors.requests import INDUSTRY, MARKETING, SECOND, envelope, lushang_signed, text64, v2_signed
from tests.doors.requests import soap_post as post
from tests.doors.requests import text64_form as posted

from hongyan.doors import ensms
from hongyan.doors import lushang as lushang_door
from hongyan.doors import signed as signed_door
from hongyan.doors.app import doors_of
from hongyan.doors.context import DoorContext
from hongyan.doors.request import BODY_OCTETS
from hongyan.formats.text64 import BLOCK, encrypt, key_of, read_octets, read_sealed
from hongyan.http.strangers import Strangers
from hongyan.model.account import CharsetRule
from hongyan.services.guessing import ADDRESS, KNOWN

DEMO = ACCOUNTS[0]
TRAITS = {
    "plain": {},
    "stopped": {"is_stopped": True},
    "bound to other addresses": {"ip_list": ("10.0.0.0/8",)},
    "no reports": {"reads_reports": False},
    "no product": {"products": ()},
    "a charset to be guessed": {"charset": CharsetRule.GUESS},
    "an older secret too": {"old_secret": DEMO.secret},
    "a former secret": {"former_secret": secret("former")},
}
SID = "f" * 32
SPOILT = (
    {},
    {"sendTime": "soon"},
    {"content": "\udcd1\udce9"},
    {"mobile": ""},
    {"content": ""},
    {"extno": "x" * 30},
    {"statusNum": "all", "taskid": "x"},
)
OLD_STAMP = "20200101000000"


def named(path, **fixed):
    return lambda plain, **more: form(path, **login(mobile="15023239810", content="x", **fixed) | {"password": plain} | more)


def v2(path, **fixed):
    return lambda plain, stamp="20260501120000", **more: form(path, **v2_signed(plain=plain, stamp=stamp, **fixed | more))


def lushang(path):
    return lambda plain, stamp="20260501120000", **more: form(path, **lushang_signed(sid=SID, token=plain, stamp=stamp, **more))


def soap(plain, **more):
    names = {"mobile": "Msisdns", "content": "SMSContent", "extno": "ExtNumber", "sendTime": "PlanSendTime"}
    return post(
        envelope(
            password=plain, **{names[name]: value for name, value in more.items() if name in names and value.isprintable()}
        )
    )


def sealed(plain, **more):
    names = {"mobile": "mobile", "content": "text", "extno": "ext", "sendTime": "send_time"}
    return posted(
        text64(plain=plain, **{names[name]: value for name, value in more.items() if name in names and value.isprintable()})
    )


DOORS = {
    **{
        f"{name} {action}": named(f"/{name}", action=action)
        for name in ("sms.aspx", "smsGBK.aspx", "smsJson.aspx", "I18NSms.aspx", "mms.aspx")
        for action in ("send", "overage", "checkkeyword", "changespwd", "fly")
    },
    **{
        f"{name} query": named(f"/{name}", action="query")
        for name in ("statusApi.aspx", "statusJsonApi.aspx", "callApi.aspx", "callJsonApi.aspx")
    },
    "BatchSms.ashx": named("/BatchSms.ashx"),
    "pwd.aspx": named("/pwd.aspx", newpassword=""),
    "WebService.asmx": soap,
    "ensms.ashx": sealed,
    **{
        f"{name} {action}": v2(f"/{name}", action=action)
        for name in ("v2sms.aspx", "v2smsGBK.aspx")
        for action in ("send", "overage", "fly")
    },
    **{f"{name} query": v2(f"/{name}", action="query") for name in ("v2statusApi.aspx", "v2callApi.aspx")},
    **{path[1:]: lushang(path) for path in (INDUSTRY, MARKETING, SECOND)},
}
STAMPED = [name for name in DOORS if name.startswith("v2") or "sendSMS" in name]


def platform(**trait):
    return Platform(snapshot_of(replace(DEMO, sid=SID, **trait)))


def seen(answers):
    """Each answer without its date and its own number."""
    return [(re.sub(rb"(?im)^(date|x-request-id): .*\r\n", b"", head), body) for head, body in answers]


def test_the_walk_passes_every_door():
    names = {door.name for door in doors_of(DoorContext(None, None, None, None))}

    assert {name.split()[0] for name in DOORS} == names


@pytest.mark.parametrize("door", DOORS)
def test_a_wrong_secret_gets_one_answer_whatever_else_is_wrong(door):
    wrong = [DOORS[door]("wrong", **spoilt) for spoilt in SPOILT]
    answers = [answer for trait in TRAITS.values() for answer in seen(asking(platform(**trait), *wrong))]

    assert len(set(answers)) == 1


@pytest.mark.parametrize("door", DOORS)
def test_what_a_wrong_secret_leaves_goes_without_the_garbage_collector(door):
    """It would stand still for 20 ms to find two thousand requests whose refusals refer to themselves, and everybody with it."""
    assert garbage_of(platform(), DOORS[door]("wrong")) < 10


@pytest.mark.parametrize("door", [*STAMPED, "ensms.ashx"])
def test_a_failure_costs_as_much_whether_or_not_the_secret_was_ever_changed(door, monkeypatch):
    made = []
    for module, name in ((lushang_door, "sign"), (signed_door, "sign"), (ensms, "read_sealed")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, real=real: made.append(given) or real(*given))

    def cost(**trait):
        made.clear()
        asking(platform(**trait), DOORS[door]("wrong"))
        return len(made)

    assert cost() == cost(former_secret=secret("former")) > 1


@pytest.mark.parametrize("door", DOORS)
def test_a_slowed_address_learns_nothing_from_a_right_secret(door):
    ask = DOORS[door]
    tries = [ask(f"guess{number:03}") for number in range(KNOWN.free + 2)]
    for trait in TRAITS.values():
        *_, last, right, spoilt = seen(asking(platform(**trait), *tries, ask("abc123"), ask("abc123", extno="x" * 30)))

        assert last == right == spoilt


@pytest.mark.parametrize("door", STAMPED)
def test_nor_from_a_stamp_that_is_out_of_date(door):
    ask = DOORS[door]
    tries = [ask(f"guess{number:03}", stamp=OLD_STAMP) for number in range(KNOWN.free + 2)]
    *_, last, right = seen(asking(platform(), *tries, ask("abc123", stamp=OLD_STAMP)))

    assert last == right


def test_at_the_v2_doors_any_account_of_the_customer_is_slowed_with_the_others():
    accounts = [replace(DEMO, id=number, name=f"a{number}") for number in range(3)]
    tries = [v2("/v2sms.aspx")(f"guess{number:03}", account="a0") for number in range(KNOWN.free + 2)]
    *_, last, right = seen(asking(Platform(snapshot_of(*accounts)), *tries, v2("/v2sms.aspx")("abc123", account="a2")))

    assert last == right


@pytest.mark.parametrize(
    "ask",
    [
        lambda name: form("/statusJsonApi.aspx", **login(action="query", account=name)),
        lambda name: form("/v2sms.aspx", **v2_signed(userid=name[1:], action="overage", sign="0" * 32)),
        lambda name: form(INDUSTRY, **lushang_signed(sid=name, sig="0" * 32)),
        lambda name: posted(text64(), user_id=name[1:]),
    ],
    ids=["account", "userid", "sid", "ensms"],
)
def test_names_cannot_be_looked_for_with_one_secret(ask):
    requests = [ask(f"x{number}") for number in range(100, 101 + ADDRESS.free)]
    *_, right = asking(platform(), *requests, form("/sms.aspx", **login(action="overage")))

    assert "用户名或密码错误" in right[1].decode()


# --- what was encrypted ----------------------------------------------------------------------------------------------------


def spoilt_text64(at):
    """One whose octet `at` was changed under way."""
    octets = bytearray(b64decode(text64()))
    octets[at] ^= 1
    return b64encode(octets).decode()


def padded_wrong():
    key = key_of("abc123")
    whole = b64decode(text64())
    return b64encode(whole[:-BLOCK] + encrypt(b"{}", key)[:BLOCK]).decode()


def no_json(number):
    return b64encode(encrypt(b'{"UserName":"demo","Secret":%d' % number, key_of("abc123"))).decode()


FAILING = {
    "padding": lambda _: padded_wrong(),
    "JSON": no_json,
    "a block under way": lambda _: spoilt_text64(70),
    "the last block": lambda _: spoilt_text64(-1),
    "key": lambda number: text64(key=f"another{number}"),
    "blocks": lambda _: text64()[:-12],
    "Base64": lambda _: "!" + text64(),
}


@pytest.mark.parametrize("how", FAILING)
def test_all_that_fails_before_the_json_is_read_is_one_answer_and_one_try(how, monkeypatch):
    reference, answer = seen(asking(platform(), posted(text64(key="another")), posted(FAILING[how](1))))
    plain, opened = read_octets, []
    monkeypatch.setattr(ensms, "read_octets", lambda text: opened.append(1) or plain(text))
    tries = [form("/sms.aspx", **login(action="overage", account=f"x{number}")) for number in range(ADDRESS.free + 1)]
    slowed = seen(asking(platform(), *tries, posted(FAILING[how](1)), posted(text64())))[-2:]

    assert answer == reference == slowed[0] == slowed[1]
    assert not opened


@pytest.mark.parametrize("how", ["padding", "JSON"])
def test_after_a_few_of_them_nothing_is_opened_any_more(how, monkeypatch):
    key, opened = key_of("abc123"), []
    whole = b64decode(text64())

    def read(octets, tried):
        opened.extend([tried] if tried == key else [])  # each try is also opened with a secret that nobody has
        return read_sealed(octets, tried)

    monkeypatch.setattr(ensms, "read_sealed", read)
    if how == "JSON":
        tries = [no_json(number) for number in range(300)]
    else:  # as an oracle is asked: the same block behind others
        tries = [b64encode(whole[:8] + encrypt(b"%07d" % n, key)[:8] + whole[8:16]).decode() for n in range(300)]
    *answers, right = seen(asking(platform(), *[posted(each) for each in tries], posted(text64())))

    assert len(opened) < 10
    assert {*answers} == {right}


@pytest.mark.parametrize(
    "wrong", [{"name": "nobody"}, {"name": ""}, {"secret": ""}, {"secret": "0" * 32}, {"stamp": "0101000000"}]
)
def test_a_forged_inside_is_a_try_too(wrong):
    tries = [posted(text64(text=f"{number}", **wrong)) for number in range(30)]
    *_, before, right = seen(asking(platform(), *tries, posted(text64())))

    assert before == right
    assert b'"StatusCode":1009' in right[1]


def test_one_that_a_former_secret_opened_and_that_was_changed_under_way_is_a_try_each_time():
    sealed = b64decode(text64("moved", "old-one"))
    tries = [sealed[:-2] + number.to_bytes(2) for number in range(30)]
    *_, before, right = seen(
        asking(
            Platform(), *[posted(b64encode(each).decode(), "22") for each in tries], posted(text64("moved", "new-one"), "22")
        )
    )

    assert before == right


def test_a_text64_repeated_from_the_wire_gets_no_more_patience_than_a_stranger():
    repeating = platform()
    repeating.is_repeat = True
    tries = [posted(no_json(number)) for number in range(10)]
    *_, last = seen(asking(repeating, posted(text64()), *tries, posted(text64(text="another"))))

    assert b'"StatusCode":1009' in last[1]


# --- what is counted ---------------------------------------------------------------------------------------------------------


def faults_of(platform, *requests):
    faults = []
    asking(platform, *requests, strangers=Strangers(monotonic, None, faults.append))
    return faults


@pytest.mark.parametrize("door", DOORS)
def test_what_proves_nothing_is_a_fault_at_every_door_and_what_proves_a_secret_is_none(door):
    ask = DOORS[door]
    assert faults_of(platform(), ask("wrong"), *(ask("wrong", **spoilt) for spoilt in SPOILT)) == ["refused"] * (
        1 + len(SPOILT)
    )
    assert faults_of(platform(), ask("abc123"), *(ask("abc123", **spoilt) for spoilt in SPOILT)) == []


def test_so_is_what_is_no_door_or_no_way_to_ask_one():
    asked = [
        b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        b"DELETE /sms.aspx HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
    ]
    too_large = form("/statusApi.aspx", content="x" * (BODY_OCTETS + 1))
    assert faults_of(platform(), *asked, too_large) == ["refused"] * 4


def test_who_asks_whether_we_live_or_what_we_are_makes_no_fault():
    assert (
        faults_of(
            platform(), *(b"GET %b HTTP/1.1\r\nHost: h\r\n\r\n" % path for path in (b"/", b"/livez", b"/WebService.asmx"))
        )
        == []
    )
