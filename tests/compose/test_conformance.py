"""The conformance kit against whole platforms, on both engines; and against platforms in which one octet is wrong."""

from dataclasses import replace

import orjson
import pytest
import uvloop

from hongyan.compose.office import open_office
from hongyan.conformance import run as kit
from hongyan.conformance.case import World
from hongyan.conformance.catalog import CASES
from hongyan.conformance.run import Outcome, run
from hongyan.formats import dialects, miaodi, returnsms, sendtime
from hongyan.model.account import Product
from hongyan.model.channel import Carrier, Channel, ChannelState, Protocol
from hongyan.model.listed import FOREVER_S
from hongyan.services import accounts, billing, channels, rules

SECRET = "abc123"
SID = "0123456789abcdef0123456789abcdef"
EXTRAS = {
    "sid": SID, "lushang": "lushang", "stopped": "stopped", "bound": "bound", "poor": "poor", "unrouted": "unrouted",
    "unserved": "0085298765432", "sample": "77", "bare": "bare", "signed": "signed", "approved": "approved", "listed": "13500135000",
    "word": "赌博", "mms": "yes", "changing": "changing",
}  # fmt: skip


def furnish(settings, dialect="hx"):
    """What the extras name."""
    with open_office(settings) as office:
        told = (office.actor, office.ids, office.now_ms())
        ids = {"demo": office.read(lambda tx: tx.rows_of("account", name="demo")[0]["id"])}
        for name, more in (
            ("lushang", {"dialect": "ls"}),
            ("stopped", {"is_stopped": True}),
            ("bound", {"ip_list": "192.0.2.1"}),
            ("poor", {"dialect": dialect}),
            ("unrouted", {"extno": ""}),
            ("bare", {"products": ()}),
            ("changing", {"extno": ""}),
            ("signed", {"signature_rule": "required"}),
            ("approved", {"signature_rule": "approved"}),
        ):
            ids[name] = office.change(accounts.add_account, accounts.AccountSpec(name, 12, SECRET), office.sealer, *told)
            office.change(accounts.change_account, name, more, *told)
        for name in ("lushang", "changing"):
            office.change(billing.top_up, ids[name], 100, *told)
        office.change(
            accounts.change_account,
            "demo",
            {"sid": SID, "extno": "", "dialect": dialect, "products": (Product.SMS, Product.MMS)},
            *told,
        )
        office.change(accounts.add_account, accounts.AccountSpec("test", 77, "test"), office.sealer, *told)
        office.change(rules.add_words, ["赌博"], "", *told)
        office.change(rules.add_listed, [rules.Entry(8613500135000, FOREVER_S)], "", *told)
        office.change(billing.top_up, ids["demo"], 100, *told, product=Product.MMS)
        pictures = Channel(0, "pictures", Protocol.LOOPBACK, product=Product.MMS, access="10690002")
        office.change(channels.add_channel, pictures, office.sealer, *told)
        office.change(channels.add_route, "pictures", None, None, 0, 1, *told)
        closed = Channel(0, "closed", Protocol.LOOPBACK, state=ChannelState.STOPPED)
        office.change(channels.add_channel, closed, office.sealer, *told)
        office.change(channels.add_route, "closed", None, ids["unrouted"], 0, 1, *told)
        office.change(channels.add_route, "closed", Carrier.FOREIGN, ids["demo"], 0, 1, *told)


async def try_all(running, dialect, extras=EXTRAS):
    world = World("demo", SECRET, "12", "13800138000", "13900139000", extras)
    url = f"http://127.0.0.1:{running.platform.door_port}"
    return [verdict async for verdict in run(url, CASES[dialect], world)]


def failures(verdicts):
    return [(v.case.clause, v.case.claim, v.why, v.expected, v.seen) for v in verdicts if v.outcome is Outcome.FAILED]


@pytest.mark.parametrize("dialect", CASES)
def test_the_platform_answers_as_the_manuals_say(furnished, start, dialect):
    furnish(furnished, dialect)

    async def go():
        async with start(furnished) as running:
            return await try_all(running, dialect)

    verdicts = uvloop.run(go())

    assert failures(verdicts) == []
    assert [verdict.why for verdict in verdicts if verdict.outcome is Outcome.SKIPPED] == []


CHAPTER_9 = """
    1 1001 1002 1003 1004 1005 1006 1007 1008 1009 1010 2001 1103 1104 2105 1106 2107 1108 1109 1110 1111 1112 2113 2114 3001 9999
"""


def test_every_result_code_is_reached_by_a_request_that_deserves_it():
    """But 9999: it is our own fault, and no request deserves it."""
    reached = {case.code for case in CASES["hx"]}

    assert {int(code) for code in CHAPTER_9.split()} - reached == {9999}


BUGS = {
    "the word for the balance is spelled well": (
        lambda patch: patch.setitem(dialects.DIALECTS, "hx", replace(dialects.HX, sucess="Success")),
        {
            "Sucess is spelled so",
            "smsGBK.aspx tells the balance in GB2312",
            "the balance for MMS",
            "another secret: Sucess is spelled so here too",
            "and back again",
        },
    ),
    "the balance is a number in JSON": (
        lambda patch: patch.setattr(returnsms, "_flat_json", lambda answer: orjson.dumps(answer._asdict())),
        {"smsJson.aspx answers five strings", "no content, in JSON", "the balance in JSON"},
    ),
    "times are those of ISO 8601": (
        lambda patch: patch.setattr(returnsms, "china_text", lambda at_ms: sendtime.china_text(at_ms).replace(" ", "T")),
        {"the report of that task", "its report in JSON"},
    ),
    "a description ends with a stop": (
        lambda patch: patch.setitem(miaodi.DESCRIPTIONS, "00131", "短信内容为空。"),
        {"no content"},
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_wrong_octet_is_found(on_sqlite, start, monkeypatch, bug):
    put_in, found = BUGS[bug]
    furnish(on_sqlite)
    put_in(monkeypatch)
    monkeypatch.setattr(kit, "PATIENCE", 0.1)

    async def go():
        async with start(on_sqlite) as running:
            return await try_all(running, "hx")

    assert {claim for _, claim, *_ in failures(uvloop.run(go()))} == found
