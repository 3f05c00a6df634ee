"""SQL of traces: a message or a reply with all that is known of it."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from hongyan.model.ids import first_id
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.receipt_words import DELIVERED
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.sql.buckets import NewestIdSql, buckets

_M, _S, _C, _T, _O, _A = schema.message, schema.segment, schema.carrier_ref, schema.task, schema.owed, schema.attempt

_FIRST = schema.channel.alias("first_channel")
"""The channel for which a message was queued first; NULL while that is still its channel."""

_CODE = case((and_(_M.c.code == "", _M.c.state == MessageState.DELIVERED), DELIVERED), else_=_M.c.code)
"""The code as the carrier wrote it: the word of every delivered message is stored as ''."""

_WORD = case((and_(_C.c.code == "", _C.c.receipt == ReceiptState.DELIVERED), DELIVERED), else_=_C.c.code)
"""The same of a receipt."""

WAITING = (_C.c.channel_id, _C.c.carrier_id, _C.c.n, _C.c.phone, _C.c.receipt, _WORD.label("code"), _C.c.received_ms)


def _messages() -> Select[Any]:
    return (
        select(
            _M,
            _T.c.text.label("task_text"),
            _T.c.udh,
            _T.c.flash,
            _T.c.sms_id,
            _T.c.source,
            _T.c.address,
            _T.c.extno,
            _T.c.accepted_ms,
            _T.c.send_at_ms,
            schema.account.c.name.label("account"),
            schema.channel.c.name.label("channel"),
            func.coalesce(_FIRST.c.name, schema.channel.c.name).label("first_channel"),
            _CODE.label("code"),
            schema.session_submit.c.pdus,
        )
        .select_from(_M)
        .join(_T, _T.c.id == _M.c.task_id)
        .join(schema.account, schema.account.c.id == _M.c.account_id)
        .outerjoin(schema.channel, schema.channel.c.id == _M.c.channel_id)
        .outerjoin(schema.session_submit, schema.session_submit.c.task_id == _M.c.task_id)
        .outerjoin(_FIRST, _FIRST.c.id == _M.c.first_channel_id)
    )


class TraceSql(NewestIdSql):
    db: Connection

    def messages_to(self, phone: int, since_ms: int, until_ms: int, most: int) -> list[dict[str, Any]]:
        """Returns messages to a phone, the newest first, by the 4.7-hour buckets of the span and of ids that are ahead of the
        clock.
        """
        shift = schema.BUCKET_SHIFT
        bucket: ColumnElement[int] = literal_column(f"(message.id >> {shift})")
        found: list[dict[str, Any]] = []
        for number in buckets(since_ms, until_ms, self.newest_id()):
            here = and_(bucket == bindparam("bucket", number), _M.c.phone == phone)
            found += self.db.core(_messages().where(here).order_by(_M.c.id.desc()).limit(most - len(found)))
            if len(found) >= most:
                break
        return found

    def messages_by_id(self, message_id: int) -> list[dict[str, Any]]:
        return self.db.core(_messages().where(_M.c.id == message_id))

    def messages_of_task(self, task_id: int, most: int) -> list[dict[str, Any]]:
        within = and_(_M.c.id.between(_T.c.first_id, _T.c.last_id), _M.c.task_id == _T.c.id)
        return self.db.core(_messages().where(_T.c.id == task_id, within).order_by(_M.c.id).limit(most))

    def messages_by_carrier_id(self, carrier_id: str, most: int) -> list[dict[str, Any]]:
        named = (
            select(_C.c.message_id)
            .join(schema.channel, schema.channel.c.id == _C.c.channel_id)
            .where(_C.c.carrier_id == carrier_id)
        )
        return self.db.core(_messages().where(_M.c.id.in_(named)).order_by(_M.c.id.desc()).limit(most))

    def segments_of(self, message_id: int) -> list[dict[str, Any]]:
        met = and_(
            _C.c.channel_id == _S.c.channel_id,
            _C.c.carrier_id == _S.c.carrier_id,
            _C.c.message_id == _S.c.message_id,
            _C.c.part == _S.c.part,
        )
        query = (
            select(
                _S.c.part,
                _S.c.attempt,
                _S.c.channel_id,
                schema.channel.c.name.label("channel"),
                _S.c.carrier_id,
                _S.c.result,
                _S.c.code,
                _S.c.submitted_ms,
                _S.c.answered_ms,
                func.nullif(_C.c.receipt, -1).label("receipt"),
                _WORD.label("receipt_code"),
                _C.c.done_ms,
                _C.c.received_ms,
            )
            .select_from(_S)
            .outerjoin(schema.channel, schema.channel.c.id == _S.c.channel_id)
            .outerjoin(_C, met)
            .where(_S.c.message_id == message_id)
            .order_by(_S.c.submitted_ms, _S.c.part)
        )
        return self.db.core(query)

    def owed_of(self, owed_id: int) -> list[dict[str, Any]]:
        query = (
            select(_O, _A.c.url, _A.c.outcome, _A.c.status, _A.c.answer, _A.c.took_ms)
            .select_from(_O)
            .outerjoin(_A, _A.c.id == _O.c.attempt_id)
            .where(_O.c.id == owed_id)
        )
        return self.db.core(query)

    def replies_from(self, phone: int, since_ms: int, most: int) -> list[dict[str, Any]]:
        mo = schema.mo
        query = select(mo).where(mo.c.phone == phone, mo.c.id >= first_id(since_ms)).order_by(mo.c.id.desc()).limit(most)
        return self.db.core(query)

    def receipts_for_other_phones(self, message_id: int) -> list[dict[str, Any]]:
        under_its_id = and_(_C.c.channel_id == _S.c.channel_id, _C.c.carrier_id == _S.c.carrier_id, _C.c.message_id.is_(None))
        query = select(*WAITING).distinct().select_from(_S).join(_C, under_its_id).where(_S.c.message_id == message_id)
        return self.db.core(query.order_by(_C.c.received_ms).limit(100))
