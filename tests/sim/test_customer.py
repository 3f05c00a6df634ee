import asyncio
import json

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.sim.customer import Answer, Customer, facts_of, read_push

REPORTS = b"""<?xml version="1.0" encoding="utf-8" ?>
<returnsms>
<statusbox>
<mobile>15023239810</mobile>
<taskid>1212</taskid>
<status>10</status>
<receivetime>2011-12-02 22:12:11</receivetime>
<errorcode>DELIVRD</errorcode>
<extno>01</extno>
</statusbox>
<statusbox>
<mobile>15023239811</mobile>
<taskid>1212</taskid>
<status>20</status>
<receivetime>2011-12-02 22:12:11</receivetime>
<errorcode>2</errorcode>
<extno></extno>
</statusbox>
</returnsms>
"""
REPLY = """<?xml version="1.0" encoding="utf-8" ?>
<returnsms><callbox><mobile>15023239810</mobile><taskid>1212</taskid><content>你好，我不需要</content>
<receivetime>2011-12-02 22:12:11</receivetime><extno>01</extno></callbox></returnsms>""".encode()
JSON_REPORTS = {
    "smsResult": [
        {
            "smsId": "624e76e6486648cd8be0dee3b5ccyyyy",
            "phone": "13800138000",
            "status": "1",
            "respMessage": "MK:0011",
            "receiveTime": "",
            "chargingNum": "2",
        },
    ]
}
JSON_REPLY = {"phone": "13800138000", "content": "TD", "MOTime": "2015-06-29 19:23:26", "MOPort": "10690000123"}


def test_reports_of_manual_001_are_read():
    form, items = read_push(REPORTS)

    assert form == "xml"
    assert [(i.kind, i.mobile, i.taskid, i.status, i.code, i.extno) for i in items] == [
        ("report", "15023239810", "1212", "10", "DELIVRD", "01"),
        ("report", "15023239811", "1212", "20", "2", ""),
    ]


def test_a_reply_of_manual_001_is_read():
    _, [item] = read_push(REPLY)

    assert (item.kind, item.mobile, item.text, item.status) == ("reply", "15023239810", "你好，我不需要", "")


def test_reports_and_replies_in_json_are_read():
    form, [report] = read_push(json.dumps(JSON_REPORTS).encode())
    _, [reply] = read_push(json.dumps(JSON_REPLY).encode())

    assert form == "json"
    assert (report.kind, report.mobile, report.status, report.code) == ("report", "13800138000", "1", "MK:0011")
    assert (reply.kind, reply.text, reply.extno) == ("reply", "TD", "10690000123")


@given(st.binary(max_size=200) | st.sampled_from([b"{}", b'{"smsResult":3}', b'{"smsResult":[null]}', b"<a/>", REPORTS[:-3]]))
def test_what_is_no_push_is_a_value_error_and_nothing_else(body):
    with pytest.raises(ValueError, match=r"\w"):
        read_push(body)


async def post(customer: Customer, body: bytes) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
        session.post(customer.url + "cb", data=body) as answer,
    ):
        return answer.status, await answer.text()


def run(scene, **options):
    async def whole():
        customer = Customer(**options)
        await customer.start()
        try:
            return await scene(customer)
        finally:
            await customer.stop()

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("answer", "body", "words"),
    [
        ("1", REPORTS, "1"),
        ("error", REPORTS, "error"),
        ("other", REPORTS, "thank you"),
        ("1", json.dumps(JSON_REPORTS).encode(), '{"respCode":"00000"}'),
        ("error", json.dumps(JSON_REPORTS).encode(), '{"respCode":"00001"}'),
    ],
)
def test_it_answers_as_reported_in_the_words_of_the_format(answer, body, words):
    assert run(lambda c: post(c, body), answer=answer) == (200, words)


def test_it_notes_items_and_counts_mobiles():
    async def scene(customer):
        for _ in range(2):
            await post(customer, REPORTS)
        return customer

    customer = run(scene)
    assert (customer.pushes, customer.items, customer.unreadable) == (2, 4, 0)
    assert customer.mobiles == {"15023239810": 2, "15023239811": 2}
    assert [item.mobile for item in customer.received] == ["15023239810", "15023239811"] * 2


def test_what_it_keeps_is_bounded():
    async def scene(customer):
        await post(customer, REPORTS)
        await post(customer, REPLY)
        return customer

    customer = run(scene, keep=1, keep_mobiles=1)
    assert customer.items == 3
    assert [item.kind for item in customer.received] == ["reply"]
    assert customer.mobiles == {"15023239810": 1}  # named again after 15023239811 had pushed it out


def test_a_body_that_is_no_push_is_refused_and_counted():
    async def scene(customer):
        return await post(customer, b"<html>"), customer.unreadable, customer.items

    assert run(scene)[1:] == (1, 0)


def test_drop_ends_the_connection_after_reading():
    async def scene(customer):
        with pytest.raises(aiohttp.ClientError):
            await post(customer, REPORTS)
        return customer.items

    assert run(scene, answer="drop") >= 2


def test_hang_never_answers_and_stop_still_returns():
    async def scene(customer):
        pending = asyncio.ensure_future(post(customer, REPORTS))
        assert await customer.wait_for(2, within_s=5)
        assert not pending.done()
        await customer.stop()
        with pytest.raises(aiohttp.ClientError):
            await pending

    run(scene, answer="hang")


def test_the_answer_can_be_changed_while_it_runs():
    async def scene(customer):
        before = await post(customer, REPORTS)
        customer.answer = Answer.ERROR
        return before, await post(customer, REPORTS)

    assert run(scene) == ((200, "1"), (200, "error"))


def test_an_item_is_reported_with_what_it_has_and_how_it_was_answered():
    seen = []
    run(lambda c: post(c, REPORTS), seen=lambda item: seen.append(facts_of(item, Answer.TAKEN)))

    first, second = seen
    assert first == {
        "kind": "report",
        "mobile": "15023239810",
        "taskid": "1212",
        "status": "10",
        "code": "DELIVRD",
        "time": "2011-12-02 22:12:11",
        "extno": "01",
        "answer": "1",
    }
    assert "extno" not in second


def test_a_port_in_use_is_an_os_error():
    async def scene(customer):
        with pytest.raises(OSError, match="address already in use"):
            await Customer(customer.port).start()

    run(scene)
