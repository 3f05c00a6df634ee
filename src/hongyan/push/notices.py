"""Sends notices of alarms to people: by a post to one address, such as that of a robot in their chat, and by mail."""

import asyncio
import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage

import orjson
import structlog

from hongyan.http.client import Client, Limits
from hongyan.model.alarm import Alarm, NoticeResult
from hongyan.model.mail import MailTls
from hongyan.push.mail_connection import connect

log = structlog.get_logger(__name__)

WITHIN_S = 10.0
_ANSWER_OCTETS = 2_048
_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server and the recipients of notices."""

    host: str
    port: int
    tls: MailTls
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)


class Notices:
    """Implements ports.Notifier. Used and closed on one event loop."""

    def __init__(self, webhook: str, mail: Mail | None) -> None:
        """webhook: "" for none"""
        self._webhook, self._mail = webhook, mail
        self._client = Client(Limits(WITHIN_S / 2))

    def close(self) -> None:
        self._client.close()

    async def __call__(self, alarm: Alarm, text: str) -> NoticeResult:
        """Send it in every configured way; it counts as sent once one of them took it."""
        ways = [way(alarm, text) for way, is_set in ((self._post, self._webhook), (self._send, self._mail)) if is_set]
        if not ways:
            return NoticeResult.NOBODY
        return NoticeResult.SENT if any(await asyncio.gather(*ways)) else NoticeResult.FAILED

    async def _post(self, alarm: Alarm, text: str) -> bool:
        reply = await self._client.post(
            self._webhook, body_of(alarm, text), _JSON, within_s=WITHIN_S, answer_octets=_ANSWER_OCTETS
        )
        if not 200 <= reply.status < 300:
            log.warning("notice_not_posted", status=reply.status, trouble=reply.trouble)
        return 200 <= reply.status < 300

    async def _send(self, _: Alarm, text: str) -> bool:
        assert self._mail is not None
        try:
            await asyncio.to_thread(_mailed, self._mail, text)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("notice_not_mailed", error=type(error).__name__, detail=str(error)[:200])
            return False
        return True


def body_of(alarm: Alarm, text: str) -> bytes:
    """Returns the facts, and the text as the robots of DingTalk and WeCom (`msgtype`) and of Feishu (`msg_type`) read it."""
    return orjson.dumps(
        {
            "msgtype": "text",
            "text": {"content": text},
            "msg_type": "text",
            "content": {"text": text},
            "alarm": {
                "kind": alarm.kind.value,
                "subject": alarm.subject,
                "state": alarm.state.name.lower(),
                "value": alarm.value,
                "since_ms": alarm.since_ms,
                "changed_ms": alarm.changed_ms,
            },
        }
    )


def _mailed(mail: Mail, text: str) -> None:
    """Send a mail; blocks. raises: OSError, SMTPException"""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = text, mail.sender, ", ".join(mail.recipients)
    message.set_content(text)
    with connect(mail.host, mail.port, mail.tls) as server:
        if mail.user:
            server.login(mail.user, mail.password)
        server.send_message(message)
