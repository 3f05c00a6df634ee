"""No door lets an account send with the number of another, whose replies would go there."""

from dataclasses import replace

import pytest
from tests.doors.mms import content
from tests.doors.platform import ACCOUNTS, Platform, asking, form, login, secret
from tests.doors.requests import CONTENT, INDUSTRY, MARKETING, SECOND, envelope, lushang_signed, text64, v2_signed
from tests.doors.requests import soap_post as post
from tests.doors.requests import text64_form as posted

from hongyan.model.account import Account, Product
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.route import Route
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.services.admit import admit

SID = "f" * 32
SENDER = replace(ACCOUNTS[0], sid=SID, products=(Product.SMS, Product.MMS))
OWNER = Account(2, 7, "owner", secret("xyz"), extno="88")
SEND = login(action="send", mobile="15023239810", content="您好", subject="x")

DOORS = {
    **{
        f"{name}.aspx": lambda extno, name=name: form(f"/{name}.aspx", **SEND, extno=extno)
        for name in ("sms", "smsGBK", "smsJson")
    },
    "mms.aspx": lambda extno: form("/mms.aspx", **SEND | {"content": content()}, extno=extno),
    "BatchSms.ashx": lambda extno: form("/BatchSms.ashx", **login(content=CONTENT), extno=extno),
    "WebService.asmx": lambda extno: post(envelope(ExtNumber=extno)),
    "ensms.ashx": lambda extno: posted(text64(ext=extno)),
    **{
        f"{name}.aspx": lambda extno, name=name: form(f"/{name}.aspx", **v2_signed(content="x", extno=extno))
        for name in ("v2sms", "v2smsGBK")
    },
    **{
        path: lambda extno, path=path: form(path, **lushang_signed(sid=SID, portNumber=extno))
        for path in (INDUSTRY, MARKETING, SECOND)
    },
}


class Judging(Platform):
    """Admits as the real platform does."""

    def admit(self, snapshot, submission, now_ms):
        return admit(snapshot, submission, now_ms)


def snapshot():
    channels = [
        Channel(1, "up", Protocol.CMPP2, access="1069"),
        Channel(2, "mm", Protocol.MM7, product=Product.MMS, access="1069"),
    ]
    accounts = (SENDER, OWNER)
    return ConfigSnapshot(
        accounts={account.name: account for account in accounts},
        accounts_by_id={account.id: account for account in accounts},
        channels={channel.id: channel for channel in channels},
        routes=(Route(1, 1), Route(2, 2, product=Product.MMS)),
    )


@pytest.mark.parametrize("door", DOORS)
def test_the_extno_of_another_account_is_refused_and_its_name_is_not_shown(door):
    taken, free = (asking(Judging(snapshot()), DOORS[door](extno))[0] for extno in ("88", "87"))

    assert b"x-cause: EXTNO_TAKEN; parameter=" in taken[0]
    assert b"x-cause" not in free[0]
    assert b"owner" not in taken[0] + taken[1]
