"""An MMS through a whole platform: door, store, channel, report."""

import pytest
from tests.command_store import command_store
from tests.doors.mms import content

from hongyan.model.account import Product
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.services.admin import accounts, billing, channels


@pytest.fixture
def furnished(furnished):
    """With a channel for MMS beside those for texts, and points for MMS."""
    with command_store(furnished) as admin:
        account_id = admin.change(accounts.add_product, "demo", Product.MMS)
        admin.change(billing.top_up, account_id, 50, Product.MMS)
        channel = Channel(0, "mms", Protocol.LOOPBACK, product=Product.MMS, access="10690002", options={"report_delay_s": "0"})
        admin.change(channels.add_channel, channel, admin.sealer)
        admin.change(channels.add_route, "mms", None, None, 0, 1)
    return furnished


def test_an_mms_is_accepted_sent_and_reported_and_paid_from_its_wallet(furnished, run):
    async def go(running):
        fields = {"action": "send", "mobile": "13800138000,13800138001", "subject": "主题", "content": content()}
        _, answer = await running.ask("mms.aspx", **fields)
        assert (answer["returnstatus"], answer["successCounts"], answer["remainpoint"]) == ("Success", "2", "48")
        await running.send("13800138002")
        _, overage = await running.ask("mms.aspx", action="overage")
        return sorted(await running.reports(3)), overage["overage"], await running.balance()

    assert run(furnished, go) == (["13800138000", "13800138001", "13800138002"], "48", 100_000 - 1)


@pytest.mark.parametrize(
    ("limit", "answered"),
    [
        ("mms_octets", "彩信太大"),
        ("mms_frame_octets", "彩信帧太大"),
        ("mms_subject", "主题太长"),
        ("waiting_media_octets", "系统内部错误"),
    ],
)
def test_what_an_mms_may_have_is_a_setting(furnished, run, limit, answered):
    """waiting_media_octets bounds what waits for its commit: nothing fits, and nothing is begun."""
    tight = furnished.model_copy(update={"limits": furnished.limits.model_copy(update={limit: 1})})

    async def go(running):
        fields = {"action": "send", "mobile": "13800138000", "subject": "主题", "content": content()}
        return (await running.ask("mms.aspx", **fields))[1]

    answer = run(tight, go)
    assert (answer["returnstatus"], answer["message"]) == ("Faild", answered)
