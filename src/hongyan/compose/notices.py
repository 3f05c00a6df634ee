"""Telling people of alarms as the settings say."""

import asyncio

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState, Telling
from hongyan.push.notices import Mail, MailTls, Notices
from hongyan.services.notices import notice_of
from hongyan.settings import Settings


def make_notices(settings: Settings) -> Notices:
    """raises: SettingsInvalid"""
    told = settings.alarms
    mail = None
    if told.smtp_host:
        password = settings.secret("alarms", "smtp_password")
        mail = Mail(
            told.smtp_host, told.smtp_port, MailTls(told.smtp_tls.value), told.mail_from, told.mail_to, told.smtp_user, password
        )  # fmt: skip
    return Notices(settings.secret("alarms", "webhook"), mail)


def tell_sample(settings: Settings, now_ms: int) -> Telling:
    """Tell people of an alarm that is none, to see that it arrives. raises: SettingsInvalid"""

    async def tell() -> Telling:
        notices = make_notices(settings)
        try:
            alarm = Alarm(AlarmKind.CHANNEL_DOWN, "sample", AlarmState.FIRING, 60, now_ms, now_ms)
            return await notices(alarm, notice_of(alarm, settings.alarms.language.value))
        finally:
            notices.close()

    return asyncio.run(tell())
