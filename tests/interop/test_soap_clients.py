"""Clients that others wrote, made from our description of WebService.asmx and calling it: PHP's SoapClient and zeep."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import pytest
import zeep
import zeep.exceptions
from lxml import etree
from tests.doors.platform import NOW, Platform
from tests.http.wire import serving

from hongyan.formats.refusals import WORDS, meaning_of
from hongyan.formats.soap import SendResult, Version, result_xml
from hongyan.formats.wsdl import wsdl
from hongyan.model.refusal import Code, Refusal
from hongyan.model.times import CHINA

pytestmark = pytest.mark.interop

PHP = Path(__file__).parent / "php" / "soap.php"
SMS = {"Msisdns": "13800138000,13900139000", "SMSContent": "您的验证码是1234【鸿雁】", "ExtNumber": "12", "PlanSendTime": None}
CALL = {"userName": "demo", "password": "abc123", "sms": SMS}
LATER = "2026-05-01T12:00:01"


def play(scene, platform=None):
    """Returns the platform, and the output of a client that got the address of the description."""
    platform = platform or Platform()

    async def whole():
        async with serving(platform.app()) as listener:
            return await scene(f"http://127.0.0.1:{listener.port}/webservice.asmx?wsdl")

    return platform, asyncio.run(whole())


def php(version, **call):
    async def scene(url):
        task = json.dumps({"wsdl": url, "version": version, "call": CALL | call})
        process = await asyncio.create_subprocess_exec("php", PHP, task, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        return json.loads(printed)

    return scene


def by_zeep(port, **call):
    def talk(url):
        client = zeep.Client(url)
        return client.bind("WebService", port).SendSms(**CALL | call)

    async def scene(url):
        return await asyncio.to_thread(talk, url)

    return scene


@pytest.mark.parametrize("version", ["V11", "V12"])
def test_php_sends_with_a_nil_time(version):
    platform, answer = play(php(version))
    submission = platform.submissions[0]

    assert answer["seen"]["StatusCode"] == "OK"
    assert (answer["seen"]["MsgId"], answer["seen"]["SuccessCounts"], answer["seen"]["Amount"]) == ("1504080852350206", 2, -4)
    assert (submission.text, submission.extno, submission.send_at_ms) == (SMS["SMSContent"], "12", 0)
    assert 'nil="true"' in answer["sent"]


def test_php_sends_at_a_time():
    platform, answer = play(php("V11", sms=SMS | {"PlanSendTime": LATER}))

    assert answer["seen"]["StatusCode"] == "OK"
    assert platform.submissions[0].send_at_ms == NOW + 1000


def test_php_reads_a_refusal_and_the_numbers_that_were_not_taken():
    _, wrong = play(php("V11", password="wrong"))
    platform = Platform()
    platform.rejected = [("123", Code.NUMBER_BAD)]
    _, part = play(php("V12"), platform)

    assert (wrong["seen"]["StatusCode"], wrong["seen"]["Description"]) == ("PasswordError", "密码错误")
    assert part["seen"]["Errors"] == {"string": "123 错误的手机号码"}


@pytest.mark.parametrize("port", ["WebServiceSoap", "WebServiceSoap12"])
def test_zeep_sends_and_reads_every_element(port):
    platform, seen = play(by_zeep(port))

    assert [seen[name] for name in ("StatusCode", "Description", "MsgId")] == ["OK", "操作成功", "1504080852350206"]
    assert [seen[name] for name in SendResult._fields[4:9]] == [2, 2, -4, -4, 2]
    assert platform.submissions[0].numbers == ["13800138000", "13900139000"]


def test_zeep_sends_at_a_time_with_its_offset():
    at = datetime.fromisoformat(LATER).replace(tzinfo=CHINA)
    platform, seen = play(by_zeep("WebServiceSoap", sms=SMS | {"PlanSendTime": at}))

    assert seen["StatusCode"] == "OK"
    assert platform.submissions[0].send_at_ms == NOW + 1000


def test_zeep_reads_a_refusal():
    platform = Platform()
    platform.refusal = Refusal(Code.BALANCE_SHORT)
    _, seen = play(by_zeep("WebServiceSoap12"), platform)

    assert (seen["StatusCode"], seen["Description"]) == ("AmountNotEnough", "额度不足")


def test_zeep_reads_a_fault():
    def talk(url):
        client = zeep.Client(url)
        document = client.create_message(client.service, "SendSms", **CALL)
        element = document.find(".//{http://www.yysms.com/}SendSms")
        element.tag = "{http://www.yysms.com/}SendMms"
        answer = client.transport.post_xml(url, document, {"Content-Type": "text/xml; charset=utf-8"})
        return client.service._binding.process_reply(client, client.service._binding.get("SendSms"), answer)

    async def scene(url):
        with pytest.raises(zeep.exceptions.Fault) as caught:
            await asyncio.to_thread(talk, url)
        return caught.value

    _, fault = play(scene)

    assert fault.code == "soap:Client"
    assert "the only operation is SendSms" in fault.message


def test_answers_keep_to_the_schema_of_the_description():
    described = etree.fromstring(wsdl("http://127.0.0.1/WebService.asmx"))
    written = etree.tostring(described.find(".//{http://www.w3.org/2001/XMLSchema}schema"))  # with the names in its scope
    schema = etree.XMLSchema(etree.fromstring(written))
    for code in Code:
        result = SendResult(0, WORDS[code].name, meaning_of(code), "", 0, 0, 0, 0, 0, ["1 x", "2 y"])
        answer = etree.fromstring(result_xml(result, Version.V11))
        schema.assertValid(answer[0][0])
