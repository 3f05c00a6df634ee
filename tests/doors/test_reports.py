"""statusApi, statusJsonApi, callApi and callJsonApi: their bytes, what they ask of the platform, and what goes back."""

import asyncio

import pytest
from tests.doors.platform import REPORTS, Platform, asking, form, login
from tests.http.wire import Client, run, serving

from hongyan.doors import give_back as room
from hongyan.model.owed import OwedKind, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.lane import StoreAway

QUERY = login(action="query")
XML = '<?xml version="1.0" encoding="utf-8" ?>\r\n<returnsms>\r\n'
PATHS = ["statusApi.aspx", "statusJsonApi.aspx", "callApi.aspx", "callJsonApi.aspx"]


def ask(request, platform=None):
    return asking(platform or Platform(), request)[0]


def box(name, **children):
    inside = "".join(f"<{child}>{text}</{child}>\r\n" for child, text in children.items())
    return f"<{name}>\r\n{inside}</{name}>\r\n"


def test_status_reports_over_xml():
    head, body = ask(form("/statusApi.aspx", **QUERY))
    time = "2011-12-02 22:12:11"

    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert body.decode() == (
        XML
        + box("statusbox", mobile="15023239810", taskid="1212", status="10", receivetime=time, errorcode="DELIVRD", extno="01")
        + box("statusbox", mobile="15023239811", taskid="1212", status="20", receivetime=time, errorcode="2", extno="")
        + box("statusbox", mobile="0085291234567", taskid="1212", status="20", receivetime=time, errorcode="UNKNOWN", extno="")
        + "</returnsms>\r\n"
    )


def test_status_reports_over_json():
    head, body = ask(form("/statusJsonApi.aspx", **QUERY | {"statusNum": "2"}))

    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert body.decode() == (
        '{"error":"1","remark":"成功","statusbox":['
        '{"mobile":"15023239810","taskid":"1212","receivetime":"2011-12-02 22:12:11","errorcode":"DELIVRD"},'
        '{"mobile":"15023239811","taskid":"1212","receivetime":"2011-12-02 22:12:11","errorcode":"2"}]}'
    )


def test_replies_over_xml():
    _, body = ask(form("/callApi.aspx", **QUERY))
    time = "2011-12-02 22:12:11"

    assert body.decode() == (
        XML
        + box("callbox", mobile="15023239810", taskid="1212", content="你好，&lt;我&gt;不需要", receivetime=time, extno="01")
        + box("callbox", mobile="15023239811", taskid="", content="T", receivetime=time, extno="")
        + "</returnsms>\r\n"
    )


def test_replies_over_json():
    _, body = ask(form("/callJsonApi.aspx", **QUERY))

    assert body.decode() == (
        '{"error":"1","remark":"成功","callbox":['
        '{"mobile":"15023239810","taskid":"1212","content":"你好，<我>不需要","receivetime":"2011-12-02 22:12:11","extno":"01"}'
        ',{"mobile":"15023239811","taskid":"","content":"T","receivetime":"2011-12-02 22:12:11","extno":""}]}'
    )


@pytest.mark.parametrize(
    ("given", "most", "task_id"),
    [
        ({}, 4000, None),
        ({"statusNum": ""}, 4000, None),
        ({"statusNum": " 100 "}, 100, None),
        ({"statusnum": "10"}, 10, None),
        ({"statusNum": "999999999999999999999999"}, 10_000, None),
        ({"taskid": ""}, 4000, None),
        ({"taskid": "1523516"}, 4000, 1523516),
        ({" taskid ": "1523516"}, 4000, 1523516),
        ({"taskid": "9" * 18}, 4000, int("9" * 18)),
        ({"taskid": "0123456789abcDEF" + f"{1523516:016X}"}, 4000, 1523516),  # an smsId
        ({"taskid": "1523516", "again": "0"}, 4000, 1523516),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_as_many_are_taken_as_asked_for(path, given, most, task_id):
    platform = Platform()
    ask(form(f"/{path}", **QUERY | given), platform)

    assert platform.asked == [("demo", most, task_id)]
    assert platform.given_back == []


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_tasks_reports_are_handed_out_again_where_it_is_asked(path):
    platform = Platform()
    _, body = ask(form(f"/{path}", **QUERY | {"taskid": "1212", "again": "1"}), platform)

    assert platform.asked == [("demo", 4000, 1212, "again")]
    assert b"15023239810" in body


XML_ERROR = XML + "<errorstatus>\r\n<error>{}</error>\r\n<remark>{}</remark>\r\n</errorstatus>\r\n</returnsms>\r\n"


@pytest.mark.parametrize(
    ("wrong", "xml", "json"),
    [
        ({"account": ""}, (1, "用户名或密码不能为空"), (1002, "用户名为空")),
        ({"password": ""}, (1, "用户名或密码不能为空"), (1003, "密码为空")),
        ({"account": "x"}, (2, "用户名或密码错误"), (1004, "用户名错误")),
        ({"password": "x"}, (2, "用户名或密码错误"), (1005, "密码错误")),
        ({"account": "bound"}, (3, "该用户不允许查看状态报告"), (1006, "IP绑定错误")),
        ({"account": "stopped"}, (3, "该用户不允许查看状态报告"), (1007, "帐户已停用")),
        ({"account": "blind"}, (3, "该用户不允许查看状态报告"), (1001, "该用户不允许查看状态报告")),
        ({"action": "send"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"action": ""}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"statusNum": "many"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"statusNum": "-1"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"statusNum": "٠"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"taskid": "１２"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"statusNum": "0"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"taskid": "abc"}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"taskid": "9" * 19}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"taskid": "f" * 32}, (4, "参数不正确"), (1001, "参数不正确")),
        ({"again": "1"}, (4, "参数不正确"), (1001, "参数不正确")),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_contract(wrong, xml, json):
    platform = Platform()
    answers = asking(platform, *(form(f"/{path}", **QUERY | wrong) for path in PATHS))
    bodies = [body.decode() for _, body in answers]

    assert bodies[0] == bodies[2] == XML_ERROR.format(*xml)
    assert bodies[1] == '{{"error":"{}","remark":"{}","statusbox":[]}}'.format(*json)
    assert bodies[3] == '{{"error":"{}","remark":"{}","callbox":[]}}'.format(*json)
    assert platform.asked == []


@pytest.mark.parametrize("path", PATHS[2:])
def test_replies_are_not_handed_out_again(path):
    platform = Platform()
    _, body = ask(form(f"/{path}", **QUERY | {"taskid": "1212", "again": "1"}), platform)

    assert "参数不正确".encode() in body
    assert platform.asked == []


def test_a_fault_of_our_own_is_an_answer():
    platform = Platform()
    platform.refusal = ValueError()
    (_, xml), (_, json) = asking(platform, *(form(f"/{path}", **QUERY) for path in PATHS[:2]))

    assert xml.decode() == XML_ERROR.format(4, "参数不正确")
    assert json.decode() == '{"error":"9999","remark":"系统内部错误","statusbox":[]}'


def test_wl_in_english():
    _, body = ask(form("/statusApi.aspx", **QUERY | {"account": "wl-en", "userid": "12", "action": "x"}))

    assert body.decode() == XML_ERROR.format(4, "parameter is incorrect")


@pytest.mark.parametrize("path", ["statusApi.aspx", "callApi.aspx"])
def test_overage_is_answered_here_too(path):
    (_, right), (_, wrong) = asking(
        Platform(), form(f"/{path}", **login(action="overage")), form(f"/{path}", **login(action="overage", password="x"))
    )

    assert b"<returnstatus>Sucess</returnstatus>" in right
    assert b"<payinfo></payinfo>" in wrong


class Slow(Platform):
    """Answers a pull when a test lets it."""

    def __init__(self, many=1):
        super().__init__()
        self.many = many
        self.may_answer, self.is_asked, self.is_back = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def take_reports(self, account, most, task_id):
        self.is_asked.set()
        await self.may_answer.wait()
        return REPORTS * self.many

    async def give_back(self, kind, owed_ids):
        await super().give_back(kind, owed_ids)
        self.is_back.set()


@pytest.mark.parametrize("path", PATHS[:2])
@pytest.mark.parametrize("leave", [Client.reset, Client.close])
def test_what_was_taken_for_a_client_that_left_goes_back(path, leave):
    async def main():
        platform = Slow()
        async with serving(platform.app()) as listener:
            client = await Client.to(listener)
            client.write(form(f"/{path}", **QUERY))
            await platform.is_asked.wait()
            leave(client)
            await asyncio.sleep(0.02)
            platform.may_answer.set()
            await platform.is_back.wait()

            assert platform.given_back == [(OwedKind.REPORT, [1, 2, 3])]

    run(main)


def test_what_a_store_that_is_away_did_not_take_back_goes_back_once_it_is_there(monkeypatch):
    monkeypatch.setattr(room, "AGAIN_S", 0.01)

    class Away(Slow):
        tries = 0

        async def give_back(self, kind, owed_ids):
            self.tries += 1
            if self.tries < 3:
                raise StoreAway
            await super().give_back(kind, owed_ids)

    async def main():
        platform = Away()
        async with serving(platform.app()) as listener:
            client = await Client.to(listener)
            client.write(form("/statusApi.aspx", **QUERY))
            await platform.is_asked.wait()
            client.reset()
            await asyncio.sleep(0.02)
            platform.may_answer.set()
            await platform.is_back.wait()

            assert platform.given_back == [(OwedKind.REPORT, [1, 2, 3])]

    run(main)


def test_what_left_only_in_part_goes_back():
    async def main():
        platform = Slow(many=50_000)
        async with serving(platform.app()) as listener:
            client = await Client.to(listener)
            client.write(form("/statusApi.aspx", **QUERY))
            platform.may_answer.set()
            await client.reader.readexactly(1000)
            client.reset()
            await platform.is_back.wait()

            assert [len(ids) for _, ids in platform.given_back] == [150_000]

    run(main)


NEVER_MS = 10**18
"""No date has so many milliseconds."""


def test_what_cannot_be_written_goes_back():
    class Broken(Platform):
        async def take_reports(self, account, most, task_id):
            return [OwedReport(5, 8615023239810, 1, "", REPORTS[0].state, "", NEVER_MS, "", 1)]

    platform = Broken()
    _, body = ask(form("/statusApi.aspx", **QUERY), platform)

    assert b"errorstatus" in body
    assert platform.given_back == [(OwedKind.REPORT, [5])]


def test_what_is_on_its_way_when_the_listener_stops_goes_back():
    async def main():
        platform = Slow(many=50_000)
        async with serving(platform.app()) as listener:
            client = await Client.to(listener)
            client.write(form("/statusApi.aspx", **QUERY))
            platform.may_answer.set()
            await client.reader.readexactly(1000)
            await listener.stop(0)

            assert [len(ids) for _, ids in platform.given_back] == [150_000]

    run(main)


def test_an_empty_answer_has_nothing_to_give_back():
    class Empty(Slow):
        async def take_replies(self, account, most, task_id):
            self.is_asked.set()
            await self.may_answer.wait()
            return []

    async def main():
        platform = Empty()
        async with serving(platform.app()) as listener:
            client = await Client.to(listener)
            client.write(form("/callApi.aspx", **QUERY))
            await platform.is_asked.wait()
            client.reset()
            await asyncio.sleep(0.02)
            platform.may_answer.set()
            await asyncio.sleep(0.02)

            assert platform.given_back == []

    run(main)


def test_a_refusal_of_the_api_is_worded():
    platform = Platform()
    platform.refusal = Refusal(Code.INTERNAL)

    assert ask(form("/statusJsonApi.aspx", **QUERY), platform)[1].startswith(b'{"error":"9999"')


class Often(Platform):
    def app(self, **settings):
        return super().app(pulls_minute=2, **settings)


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/statusApi.aspx", "<error>4</error>\r\n<remark>参数不正确</remark>"),
        ("/callJsonApi.aspx", '{"error":"1001","remark":"操作频繁","callbox":[]}'),
    ],
)
def test_an_account_that_pulls_too_often_is_reported_and_nothing_is_taken(path, seen):
    platform = Often()
    *passed, (_, last) = asking(platform, *[form(path, **QUERY)] * 3)

    assert seen in last.decode()
    assert len(passed) == len(platform.asked) == 2
