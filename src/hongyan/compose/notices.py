"""Notices of alarms, sent as the settings say."""

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState, NoticeResult
from hongyan.push.notices import Mail, Notices
from hongyan.services.notices import notice_of
from hongyan.settings.settings import Settings


def make_notices(settings: Settings) -> Notices:
    """raises: SettingsInvalid"""
    given = settings.alarms
    mail = None
    if given.smtp_host:
        password = settings.secret("alarms", "smtp_password")
        mail = Mail(
            host=given.smtp_host,
            port=given.smtp_port,
            tls=given.smtp_tls,
            sender=given.mail_from,
            recipients=given.mail_to,
            user=given.smtp_user,
            password=password,
        )
    return Notices(settings.secret("alarms", "webhook"), mail)


async def send_sample(settings: Settings, now_ms: int) -> NoticeResult:
    """Send a sample notice, to see that it arrives. raises: SettingsInvalid"""
    notices = make_notices(settings)
    try:
        alarm = Alarm(AlarmKind.CHANNEL_DOWN, "sample", AlarmState.FIRING, 60, now_ms, now_ms)
        return await notices(alarm, notice_of(alarm, settings.alarms.language))
    finally:
        notices.close()
