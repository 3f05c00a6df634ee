"""Every result code of manual 001, chapter 9, is the answer to a request that deserves it: a whole platform, asked over HTTP.

/ensms.ashx answers with the number itself; what it has no field for is asked at the door that has.
"""

import json
from base64 import b64encode
from dataclasses import replace

import pytest
from tests.command_store import command_store

from hongyan.compose.process_start import clock
from hongyan.formats.refusals import meaning_of
from hongyan.formats.text64 import Contents, encrypt, key_of, proof_of, stamp_at, write_json
from hongyan.model.account import AccountChange, Product
from hongyan.model.black_list import ListedNumber
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.destination import Carrier
from hongyan.model.number_list import FOREVER_S
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code
from hongyan.model.signature import SignatureChange
from hongyan.services.admin import accounts, billing, channels, rules

SECRET, CUSTOMER = "abc123", 12
MOBILE, LISTED, TELECOM = "13800138000", "13800138001", "13300133000"
TEXT = "您好【鸿雁】"

ACCOUNTS = {
    "demo": {},
    "bound": {"ip_list": "203.0.113.9"},
    "stopped": {"is_stopped": True},
    "stranded": {},
    "poor": {},
    "pictures": {"products": (Product.MMS,)},
    "signed": {"signature_rule": "approved"},
}
"""Accounts of one customer, each with what makes it special."""

CHAPTER_9 = {
    1, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1103, 1104, 1106, 1108, 1109, 1110, 1111, 1112,
    2001, 2105, 2107, 2113, 2114, 3001, 9999,
}  # fmt: skip

ENCRYPTED = [
    (1, {}),
    (1001, {"send_time": "tomorrow"}),
    (1002, {"user_name": ""}),
    (1003, {"secret": ""}),
    (1004, {"user_name": "nobody"}),
    (1005, {"secret": "0" * 32}),
    (1006, {"user_name": "bound"}),
    (1007, {"user_name": "stopped"}),
    (1008, {"user_id": "99"}),
    (1009, {"sealed": "bm9uc2Vuc2U="}),
    (1010, {"minutes_ago": 30}),
    (1103, {"mobile": ""}),
    (1104, {"ext": "12x"}),
    (1106, {"user_name": "stranded"}),
    (1108, {"mobile": "12345"}),
    (1109, {"mobile": LISTED}),
    (1110, {"mobile": TELECOM}),
    (1111, {"user_name": "poor"}),
    (1112, {"user_name": "pictures"}),
    (2001, {"text": " "}),
    (2105, {"text": "长" * 700}),
    (2107, {"text": "去 赌*博【鸿雁】"}),
    (2113, {"user_name": "signed", "text": "您好"}),
    (2114, {"user_name": "signed", "text": "您好【别家】"}),
]
"""The number, and how the request differs from one that is right."""


def furnish(admin):
    for name, changes in ACCOUNTS.items():
        account_id = admin.change(accounts.add_account, accounts.NewAccount(name, CUSTOMER, SECRET), admin.sealer)
        if name != "poor":
            admin.change(billing.top_up, account_id, 1_000)
        if changes:
            admin.change(accounts.change_account, name, AccountChange(**changes))
    admin.change(channels.add_channel, Channel(0, "trial", Protocol.LOOPBACK, access="1069"), admin.sealer)
    admin.change(channels.add_route, "trial", Carrier.MOBILE, None, 0, 1)
    off = Channel(0, "off", Protocol.LOOPBACK, state=ChannelState.STOPPED)
    admin.change(channels.add_channel, off, admin.sealer)
    admin.change(channels.add_route, "off", None, "stranded", 0, 1)
    admin.change(rules.add_words, ["赌博"], "")
    admin.change(rules.add_listed, [ListedNumber(phone=86 * 10**11 + int(LISTED), end_s=FOREVER_S, note="")], "")
    admin.change(rules.add_signature, "signed", SignatureChange(name="鸿雁", is_approved=True))


@pytest.fixture
def furnished_with_rules(settings):
    with command_store(settings) as admin:
        furnish(admin)
    return settings


def encrypted(now_ms, user_id=str(CUSTOMER), sealed="", minutes_ago=0, **others):
    """The form of /ensms.ashx."""
    stamp = stamp_at(now_ms - minutes_ago * 60_000)
    contents = replace(Contents("demo", proof_of(SECRET, stamp), stamp, MOBILE, TEXT), **others)
    return {"userid": user_id, "Text64": sealed or b64encode(encrypt(write_json(contents), key_of(SECRET))).decode()}


def meaning(number):
    return "操作成功" if number == 1 else next(meaning_of(code) for code in Code if code.words.number == number)


@pytest.mark.interpreted
def test_every_code_is_reached(furnished_with_rules, run, monkeypatch):
    async def go(running):
        answers = []
        for _, others in ENCRYPTED:
            text, _ = await running.ask("ensms.ashx", **encrypted(clock(), **others))
            answers.append(json.loads(text))
        no_subject = (await running.ask("mms.aspx", action="send", account="pictures", mobile=MOBILE, content="", subject=""))[
            1
        ]
        monkeypatch.setattr(running.platform.api._numbers, "next", broken)
        fault = json.loads((await running.ask("ensms.ashx", **encrypted(clock(), ext="7")))[0])
        return answers, no_subject["message"], fault

    def broken(_):
        raise ZeroDivisionError

    answers, no_subject, fault = run(furnished_with_rules, go)

    assert [(answer["StatusCode"], answer["Description"]) for answer in answers] == [
        (number, meaning(number)) for number, _ in ENCRYPTED
    ]
    assert no_subject == meaning(3001) == "主题为空"
    assert (fault["StatusCode"], fault["Description"]) == (9999, "系统内部错误")


def test_the_table_is_whole():
    assert {number for number, _ in ENCRYPTED} | {3001, 9999} == CHAPTER_9
    assert {code.words.number for code in Code} | {1} == CHAPTER_9
