"""Clients that others wrote, at our simulated CMPP gateway: pycmpp speaks 2.0, cmppy 3.0."""

import asyncio
import struct

import cmppy
import pytest
from cmppy.request import SubmitReq
from cmppy.response import ConnectRes, parse_response
from pycmpp.cmpp import Cmpp
from pycmpp.response import ConnectResponseInstance, SubmitResponseInstance

from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script

pytestmark = pytest.mark.interop

SP_ID, SECRET = "901234", "s3cr3t"
LONG = "尊敬的用户，您的快递已到，请凭取件码领取。" * 5 + "【测试】"


def play(protocol, scene, script="", **options):
    async def whole():
        carrier = CarrierSim(protocol, user=SP_ID, secret=SECRET, script=read_script(script), **options)
        await carrier.start()
        try:
            return carrier, await asyncio.to_thread(scene, carrier.port)
        finally:
            await carrier.stop()

    return asyncio.run(whole())


def read_message(so):
    head = so.recv(4, 0x100)  # MSG_WAITALL
    return head + so.recv(struct.unpack("!L", head)[0] - 4, 0x100)


def pycmpp_session(port, secret=SECRET, contents=(), delivery=0):
    """Log in and submit with pycmpp, and read the answers with its own classes."""
    client = Cmpp("127.0.0.1", port, SP_ID, secret, "10690000123", delivery=delivery)
    client.so.settimeout(10)
    client.connect()
    try:
        client.auth()
        login = ConnectResponseInstance()
        login.resolve(read_message(client.so))
        answers = []
        for content, submits in contents:
            client.submit(content, ["13800138000"])
            for _ in range(submits):
                answer = SubmitResponseInstance()
                answer.resolve(read_message(client.so))
                answers.append((answer.status, answer.msg_id))
    finally:
        client.close()
    return login, answers


def test_pycmpp_logs_in_and_submits_short_and_long_texts():
    carrier, (login, answers) = play("cmpp2", lambda port: pycmpp_session(port, contents=[("您好【测试】", 1), (LONG, 2)]))

    assert (login.status, login.version) == (0, 0x20)
    assert [status for status, _ in answers] == [0, 0, 0]
    assert [str(msg_id) for _, msg_id in answers] == [submit.message_id for submit in carrier.submits]
    short, *parts = carrier.submits
    assert (short.text, short.numbers) == ("您好【测试】", ("13800138000",))
    assert b"".join(part.content for part in parts).decode("utf-16-be") == LONG
    assert [(part.concat.total, part.concat.number) for part in parts] == [(2, 1), (2, 2)]


def test_pycmpp_is_refused_with_a_wrong_secret():
    _, (login, _) = play("cmpp2", lambda port: pycmpp_session(port, secret="wrong"))

    assert login.status == 3


def test_pycmpp_reads_a_refusal():
    script = '[[rule]]\ndo = "refuse"\ncode = 8'
    _, (_, answers) = play("cmpp2", lambda port: pycmpp_session(port, contents=[("您好", 1)]), script)

    assert [status for status, _ in answers] == [8]


def test_a_2_0_client_is_understood_by_a_3_0_gateway():
    carrier, (login, answers) = play("cmpp3", lambda port: pycmpp_session(port, contents=[("您好【测试】", 1)]))

    assert (login.status, login.version) == (0, 0x30)
    assert [status for status, _ in answers] == [0]
    assert carrier.submits[0].text == "您好【测试】"


def test_cmppy_logs_in_submits_and_says_goodbye():
    def scene(port):
        request = SubmitReq(SP_ID, "您好【测试】", "10690000123", ["8613800138000"])
        return cmppy.Cmppy("127.0.0.1", port, SP_ID, SECRET).request(request)

    carrier, answer = play("cmpp3", scene)
    [submit] = carrier.submits
    assert answer.result == 0
    assert str(answer.msg_id) == submit.message_id
    assert (submit.text, submit.source, submit.numbers) == ("您好【测试】", "10690000123", ("8613800138000",))
    assert not carrier.connections


def test_the_digest_that_cmppy_gets_is_the_one_it_computes(capsys):
    def scene(port):
        client = cmppy.Cmppy("127.0.0.1", port, SP_ID, SECRET)
        client._connect()
        login = cmppy.ConnectReq(SP_ID, SECRET)
        client._write(login.message)
        answer = parse_response(client._read())
        client._close()
        return login, answer

    _, (login, answer) = play("cmpp3", scene)
    assert isinstance(answer, ConnectRes)
    assert (answer.status, answer.version) == (0, 0x30)
    assert authentic(login, answer)


def authentic(login, answer):
    """cmppy's own rule (its `_valid_auth`, which does not run on Python 3)."""
    import hashlib

    return hashlib.md5(answer.raw_status + login.authenticator_source + SECRET.encode()).digest() == answer.authenticator_ISMG


def test_cmppy_is_turned_away_with_a_wrong_secret():
    def scene(port):
        return cmppy.Cmppy("127.0.0.1", port, SP_ID, "wrong").request(SubmitReq(SP_ID, "hi"))

    carrier, answer = play("cmpp3", scene)
    assert answer is None
    assert carrier.counts.logins_refused == 1
