"""The Poster: items to bodies, bodies to the customer's address, answers to outcomes."""

import asyncio
from codecs import getincrementaldecoder
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from hongyan.http.client import Reply
from hongyan.model.account import Account
from hongyan.model.dialect import NAMING_SMS_IDS
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, Pushed, PushOutcome
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.push.forms import FORMS, Form
from hongyan.push.transport import Limits, Transport


class Sender:
    """Implements ports.Poster. Opened, used and closed on one event loop."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._transport = Transport(limits)

    async def open(self) -> None:
        await self._transport.open()

    async def close(self) -> None:
        """Break off what is under way."""
        await self._transport.close()

    async def __call__(self, account: Account, kind: OwedKind, items: Sequence[OwedReport] | Sequence[OwedReply]) -> Pushed:
        """Post the items in the account's form. If they take several bodies, the first one that is not taken ends it."""
        started_ms, started_s = self._clock(), asyncio.get_running_loop().time()
        form = FORMS[account.push_format]
        outcome, reply = PushOutcome.TAKEN, Reply(0, b"")
        for body in _bodies(form, account, kind, items):
            reply = await self._transport.post(account.push_url, body, form.headers, may_go_inside=account.push_private)
            outcome = _outcome(form, reply)
            if outcome is not PushOutcome.TAKEN:
                break
        took_ms = round(1000 * (asyncio.get_running_loop().time() - started_s))
        return Pushed(outcome, reply.status, _shown(reply), started_ms, took_ms)


def _bodies(form: Form, account: Account, kind: OwedKind, items: Sequence[OwedReport] | Sequence[OwedReply]) -> list[bytes]:
    names_sms_ids = account.dialect in NAMING_SMS_IDS
    if kind is OwedKind.REPORT:
        return form.of_reports(cast("Sequence[OwedReport]", items), names_sms_ids)
    return form.of_replies(cast("Sequence[OwedReply]", items), names_sms_ids)


def _outcome(form: Form, reply: Reply) -> PushOutcome:
    if not 200 <= reply.status < 300:
        return PushOutcome.UNREACHED
    return PushOutcome.TAKEN if form.is_taken(reply.body) else PushOutcome.REFUSED


def _shown(reply: Reply) -> str:
    """Returns the answer, without characters that no store can hold, or why there is none."""
    return Translatable.of(reply.trouble) or _read(reply.body).replace("\0", "")


def _read(body: bytes) -> str:
    """Returns a body that may end within a character, and may be in GBK."""
    for codec in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return getincrementaldecoder(codec)().decode(body)
    return body.decode("utf-8", "replace")
