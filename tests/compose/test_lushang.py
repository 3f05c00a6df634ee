"""Manual 002's platform as a whole: signed requests in, receipts and replies pushed as JSON, at a running platform."""

import asyncio
import hashlib
import time
from functools import partial

import pytest
import uvloop
from tests.command_store import command_store, message_states

from hongyan.model.account import AccountChange
from hongyan.model.message import MessageState
from hongyan.services.admin import accounts
from hongyan.sim.customer import Answer, Customer

SID, TOKEN = "5" * 32, "abc123"
DOOR = "20150822/industrySMS/sendSMS"


def signed(**given):
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + 8 * 3600))
    sig = hashlib.md5(f"{SID}{TOKEN}{stamp}".encode()).hexdigest()
    text = "【测试】您好" + "，" * 65  # 71 characters: two segments
    return {"accountSid": SID, "timestamp": stamp, "sig": sig, "to": "13800138000", "smsContent": text} | given


def make_lushang(settings, push_url=""):
    with command_store(settings) as admin:
        change = AccountChange(sid=SID, dialect="ls", push_url=push_url, push_format="json", push_private=True)
        admin.change(accounts.change_account, "demo", change)


def test_a_request_is_sent_once_and_its_receipt_pushed_with_its_sms_id(furnished, start):
    async def go():
        customer = Customer()
        await customer.start()
        make_lushang(furnished, customer.url)
        try:
            async with start(furnished) as running:
                request = signed(to="13800138000,1")
                first, again = [(await running.ask(DOOR, **request))[0] for _ in range(2)]
                await running.until(lambda: customer.received)
                return first, again, [*customer.received]
        finally:
            await customer.stop()

    first, again, pushed = uvloop.run(go())
    sms_id = first.split('"smsId":"')[1][:32]

    assert first == again
    assert '"failCount":"1","failList":[{"phone":"1","respCode":"00025"}]' in first
    assert [(item.kind, item.mobile, item.taskid, item.status, item.code) for item in pushed] == [
        ("report", "13800138000", sms_id, "0", ""),
    ]
    with command_store(furnished) as admin:
        assert admin.read(message_states) == {MessageState.DELIVERED: 1}


def test_a_push_that_gets_another_code_comes_again(on_sqlite, start):
    quick = on_sqlite.limits.model_copy(update={"push_delays_s": (0, 0.05, 0.05)})
    settings = on_sqlite.model_copy(update={"limits": quick})

    async def go():
        customer = Customer(answer=Answer.OTHER)
        await customer.start()
        make_lushang(on_sqlite, customer.url)
        try:
            async with start(settings) as running:
                await running.ask(DOOR, **signed())
                await running.until(lambda: customer.received)
                customer.answer = Answer.TAKEN
                await running.until(lambda: customer.pushes > 1)
        finally:
            await customer.stop()

    uvloop.run(go())


def test_what_is_pulled_names_the_task_as_its_answer_did(on_sqlite, run):
    make_lushang(on_sqlite)

    async def go(running, kind):
        sent = await running.send("13800130007")  # is delivered, and replies
        return sent["taskID"], await _pulled(running, f"{kind}Api.aspx"), await _pulled(running, f"{other(kind)}JsonApi.aspx")

    for kind in ("status", "call"):
        task, xml, json = run(on_sqlite, partial(go, kind=kind))
        assert len(task) == 32
        assert f"<taskid>{task}</taskid>" in xml
        assert f'"taskid":"{task}"' in json


def other(kind):
    return "call" if kind == "status" else "status"


async def _pulled(running, door):
    """Returns the first answer of a pull that has something."""
    async with asyncio.timeout(30):
        while "taskid" not in (text := (await running.ask(door, action="query"))[0]):  # noqa: ASYNC110  there is no event
            await asyncio.sleep(0.02)
    return text


@pytest.mark.parametrize(
    ("given", "code"), [({"to": "1"}, "00025"), ({"smsContent": ""}, "00131"), ({"portNumber": "x"}, "00164")]
)
def test_what_admission_refuses_has_its_code(on_sqlite, run, given, code):
    make_lushang(on_sqlite)

    assert code in run(on_sqlite, lambda running: running.ask(DOOR, **signed(**given)))[0]
