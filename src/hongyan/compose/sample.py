"""One sample report posted to a customer's address, in the usual way; nothing of it is stored."""

import time

from hongyan.model.account import Account
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedKind, OwedReport, Pushed
from hongyan.push.sender import Sender
from hongyan.push.transport import Limits as PushLimits
from hongyan.settings.sections.limits import Limits

PHONE = 8613800138000
"""China Mobile's own number for trials. Task 0 belongs to no customer."""


async def post_sample(account: Account, limits: Limits) -> Pushed:
    """Post one delivered report of task 0."""
    report = OwedReport(
        owed_id=0,
        phone=PHONE,
        task_id=0,
        sms_id="0" * 32,
        state=MessageState.DELIVERED,
        code="DELIVRD",
        at_ms=_now_ms(),
        extno=account.extno,
        segments=1,
    )
    sender = Sender(_now_ms, PushLimits(limits.push_connect_s, limits.push_total_s, limits.push_answer_octets))
    await sender.open()
    try:
        return await sender(account, OwedKind.REPORT, [report])
    finally:
        await sender.close()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
