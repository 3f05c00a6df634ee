"""Notices of alarms are posted and mailed; a side that does not take them is no error of ours."""

import asyncio
import ssl
import threading
import time
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from tests.certificate import certificate
from tests.chat_robot import chat_robot
from tests.http.hostile import hostile

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState, NoticeResult
from hongyan.model.mail import MailTls
from hongyan.push.notices import Mail, Notices

ALARM = Alarm(AlarmKind.CHANNEL_DOWN, "up1", AlarmState.FIRING, 60, 1, 2)
TEXT = "鸿雁告警：通道 up1 已断开"


async def send_notice(webhook="", mail=None):
    notices = Notices(webhook, mail)
    try:
        return await notices(ALARM, TEXT)
    finally:
        notices.close()


async def posted(status):
    async with chat_robot(status) as (url, heard):
        return await send_notice(f"{url}?token=t"), heard.get_nowait()


def test_it_is_posted_in_the_words_of_chat_robots():
    sending, body = asyncio.run(posted(200))

    assert sending is NoticeResult.SENT
    assert (body["msgtype"], body["text"], body["msg_type"], body["content"]) == (
        "text",
        {"content": TEXT},
        "text",
        {"text": TEXT},
    )
    assert body["alarm"] == {
        "kind": "channel_down",
        "subject": "up1",
        "state": "firing",
        "value": 60,
        "since_ms": 1,
        "changed_ms": 2,
    }


def test_a_refusal_and_a_closed_port_are_failures():
    assert asyncio.run(posted(500))[0] is NoticeResult.FAILED
    assert asyncio.run(send_notice("http://127.0.0.1:1/")) is NoticeResult.FAILED
    assert asyncio.run(send_notice()) is NoticeResult.NOBODY


@contextmanager
def mail_server(tls=MailTls.NONE, context=None):
    """Speaks as much SMTP as a notice needs; returns its port and what it took."""
    taken = []

    class Handler(StreamRequestHandler):
        def encrypt(self):
            super().finish()
            self.request = context.wrap_socket(self.request, server_side=True)
            self.setup()

        def finish(self):
            super().finish()
            self.request.close()

        def handle(self):
            if tls is MailTls.TLS:
                self.encrypt()
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"EHLO":
                    self.wfile.write(b"250-here\r\n250-SIZE\r\n250 STARTTLS\r\n")
                    continue
                if word == b"STAR":
                    self.wfile.write(b"220 begin\r\n250 this was said in clear\r\n")
                    self.encrypt()
                    continue
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = []
                    while (line := self.rfile.readline()) != b".\r\n":
                        lines.append(line)
                    taken.append(b"".join(lines).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], taken
        server.shutdown()
        thread.join()


def test_it_is_mailed():
    with mail_server() as (port, taken):
        mail = Mail("127.0.0.1", port, MailTls.NONE, "sms@example.com", ("ops@example.com", "boss@example.com"))
        assert asyncio.run(send_notice(mail=mail)) is NoticeResult.SENT
        assert asyncio.run(send_notice("http://127.0.0.1:1/", mail)) is NoticeResult.SENT  # one way is enough

    assert "To: ops@example.com, boss@example.com" in taken[0]
    assert len(taken) == 2


@pytest.mark.parametrize("tls", [MailTls.STARTTLS, MailTls.TLS])
def test_it_is_mailed_over_tls(tls, tmp_path, monkeypatch):
    chain, key = certificate(tmp_path, "mail", host="localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    believing = ssl.create_default_context(cafile=chain)
    monkeypatch.setattr(ssl, "create_default_context", lambda: believing)

    with mail_server(tls, context) as (port, taken):
        mail = Mail("localhost", port, tls, "sms@example.com", ("ops@example.com",))
        assert asyncio.run(send_notice(mail=mail)) is NoticeResult.SENT

    assert "To: ops@example.com" in taken[0]


def test_a_mail_server_that_is_not_there_is_a_failure():
    mail = Mail("127.0.0.1", 1, MailTls.STARTTLS, "a@example.com", ("b@example.com",))

    assert asyncio.run(send_notice(mail=mail)) is NoticeResult.FAILED
    assert "hushhush" not in repr(Mail("h", 1, MailTls.TLS, "a", ("b",), "u", "hushhush"))


@pytest.mark.parametrize(
    ("begin", "more", "pause_s"),
    [
        (b"", b"220-and more\r\n", 0.0),
        (b"", b"2", 0.0),
        (b"220 here\r\n", b"250-SIZE\r\n", 0.0),
        (b"220 here\r\n", b"250-SIZE\r\n", 0.05),
        (b"", b"2", 0.05),
        (b"220 here\r\n", b"", 0.0),
    ],
)
def test_a_mail_server_that_never_ends_costs_its_time_at_most(begin, more, pause_s, monkeypatch):
    monkeypatch.setattr("hongyan.push.mail_connection.WITHIN_S", 0.5)

    async def main():
        async with hostile(begin, more, pause_s=pause_s, is_deaf=True) as server:
            mail = Mail("127.0.0.1", server.port, MailTls.NONE, "a@example.com", ("b@example.com",))
            began = time.monotonic()
            assert await send_notice(mail=mail) is NoticeResult.FAILED
            assert time.monotonic() - began < 5

    asyncio.run(main())
