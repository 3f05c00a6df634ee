"""SQL of reading: traces, tasks, lists and counts for people, from a read-only connection. All of it is bounded."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    TextClause,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)

from hongyan.model.ids import first_id
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.receipt_words import DELIVERED
from hongyan.ports.tx.queries import LOOKED_MOST, TaskFilter, TaskSpan
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.sql.buckets import NewestIdSql, buckets

_M, _S, _C, _T, _O, _A = schema.message, schema.segment, schema.carrier_ref, schema.task, schema.owed, schema.attempt

_EXPORTED = (
    _M.c.id, _M.c.task_id, _M.c.account_id, _M.c.product, _M.c.phone, _M.c.segments, _M.c.points, _M.c.state, _M.c.channel_id,
    _M.c.code, _M.c.changed_ms,
)  # fmt: skip

HELD = 2
"""State of parcels that are held back with their task: only an operator lets them go."""

_FIRST = schema.channel.alias("first_channel")
"""The channel for which a message was queued first; NULL while that is still its channel."""

_CODE = case((and_(_M.c.code == "", _M.c.state == MessageState.DELIVERED), DELIVERED), else_=_M.c.code)
"""The code as the carrier wrote it: the word of every delivered message is stored as ''."""

_WORD = case((and_(_C.c.code == "", _C.c.receipt == ReceiptState.DELIVERED), DELIVERED), else_=_C.c.code)
"""The same of a receipt."""

_NO_WALLET: ColumnElement[int] = literal_column(str(2**62))
"""Instead of the balance of an account without a wallet, behind all others."""

_UNUSUAL: ColumnElement[bool] = literal_column(f"({schema.UNUSUAL})")
"""As it stands in the index of those tasks, which else would not be used."""

_NEWEST_TASKS = _T.c.accepted_ms.desc(), _T.c.id.desc()

_T_SOUGHT = (_T.c.id, _T.c.account_id, _T.c.product, _T.c.state, _T.c.is_paused, _T.c.numbers)
"""What tasks are looked through for."""

_WAITING = (_C.c.channel_id, _C.c.carrier_id, _C.c.n, _C.c.phone, _C.c.receipt, _WORD.label("code"), _C.c.received_ms)


def _fits(task: FromClause, wanted: TaskFilter) -> list[ColumnElement[bool]]:
    """What is wanted of a task beside its time."""
    equal = {
        "account_id": wanted.account_id, "product": wanted.product, "state": wanted.state, "is_paused": wanted.is_paused,
    }  # fmt: skip
    fits = [task.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.is_batch is not None:
        fits.append(task.c.numbers > 1 if wanted.is_batch else task.c.numbers <= 1)
    return fits


def _tasks_of_span(wanted: TaskFilter, after: tuple[int, int] | None, *columns: Any) -> Select[Any]:
    """Those behind `after`, the newest first."""
    before = wanted.until_ms if after is None else min(wanted.until_ms, after[0] + 1)
    query = select(*columns).where(_T.c.accepted_ms < before).order_by(*_NEWEST_TASKS)
    if wanted.since_ms:
        query = query.where(_T.c.accepted_ms >= wanted.since_ms)
    return query if after is None else query.where(tuple_(_T.c.accepted_ms, _T.c.id) < after)


def _messages_between(before_id: int, least_id: int, *columns: Any) -> Select[Any]:
    return select(*columns).where(_M.c.id >= least_id, _M.c.id < before_id).order_by(_M.c.id.desc())


_STATES_WITHIN = (
    "SELECT CAST(:task_{0} AS bigint) AS task_id, state, own, count(*) AS count FROM (SELECT state, CASE WHEN task_id = :task_{0} THEN 1"
    " ELSE 0 END AS own FROM message WHERE id BETWEEN :first_{0} AND :last_{0} LIMIT :most_{0}) AS read_{0} GROUP BY state, own"
)
"""Counts what lies in a span by state, a task's own apart. As a text: fifty selects take SQLAlchemy 50 ms of CPU to write."""


def _states_within(spans: Sequence[TaskSpan]) -> TextClause:
    """Counts for each span; one more than may be read shows that there is too much."""
    asked: dict[str, int] = {}
    for place, span in enumerate(spans):
        said = {"task": span.task_id, "first": span.first_id, "last": span.last_id, "most": span.most + 1}
        asked |= {f"{name}_{place}": value for name, value in said.items()}
    return text(" UNION ALL ".join(map(_STATES_WITHIN.format, range(len(spans))))).bindparams(**asked)


class QueriesSql(NewestIdSql):
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

    def message_page(self, after: int, until: int, most: int) -> list[dict[str, Any]]:
        page = select(*_EXPORTED).where(_M.c.id > after, _M.c.id < until).order_by(_M.c.id).limit(most)
        return self.db.core(page)

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

    def tasks(
        self, most: int, wanted: TaskFilter, after: tuple[int, int] | None = None, looked_most: int = LOOKED_MOST
    ) -> list[dict[str, Any]]:
        """Returns tasks, the newest first. Sorts what fits by what order needs alone, and reads the rest of the page's rows only."""
        if wanted.is_narrow:
            looked = _tasks_of_span(wanted, after, *_T_SOUGHT).limit(looked_most).subquery("looked")
            found = select(looked.c.id).where(*_fits(looked, wanted))
        else:
            found = _tasks_of_span(wanted, after, _T.c.id).where(*_fits(_T, wanted))
            found = found.where(_UNUSUAL) if wanted.is_unusual else found
        page, account = found.limit(most).subquery("page"), schema.account
        joined = page.join(_T, _T.c.id == page.c.id).join(account, account.c.id == _T.c.account_id)
        return self.db.core(select(_T, account.c.name.label("account")).select_from(joined).order_by(*_NEWEST_TASKS))

    def tasks_looked_at(
        self, wanted: TaskFilter, after: tuple[int, int] | None, looked_most: int
    ) -> tuple[int, tuple[int, int] | None]:
        looked = _tasks_of_span(wanted, after, _T.c.id).limit(looked_most + 1).subquery("looked")
        count = self.db.core(select(func.count().label("count")).select_from(looked))[0]["count"]
        if count <= looked_most:
            return count, None
        if not looked_most:
            return 0, (wanted.until_ms, 0)
        (last,) = self.db.core(_tasks_of_span(wanted, after, _T.c.accepted_ms, _T.c.id).offset(looked_most - 1).limit(1))
        return looked_most, (last["accepted_ms"], last["id"])

    def task_states_within(self, spans: Sequence[TaskSpan]) -> dict[int, dict[int, int]]:
        if not spans:
            return {}
        found: dict[int, dict[int, int]] = {span.task_id: {} for span in spans}
        looked = dict.fromkeys(found, 0)
        for row in self.db.core(_states_within(spans)):
            looked[row["task_id"]] += row["count"]
            if row["own"]:
                found[row["task_id"]][row["state"]] = row["count"]
        return {span.task_id: found[span.task_id] for span in spans if looked[span.task_id] <= span.most}

    def rows_before(
        self, table: str, before_id: int, most: int, equal: Mapping[str, Any], least_id: int = 0
    ) -> list[dict[str, Any]]:
        found = schema.metadata.tables[table]
        query = select(found).where(found.c.id >= least_id, found.c.id < before_id)
        for name, value in equal.items():
            query = query.where(found.c[name] == value)
        return self.db.core(query.order_by(found.c.id.desc()).limit(most))

    def messages_before(
        self, before_id: int, most: int, equal: Mapping[str, Any], least_id: int, looked_most: int
    ) -> list[dict[str, Any]]:
        found = _messages_between(before_id, least_id, _M)
        if equal:
            looked = found.limit(looked_most).subquery("looked")
            found = select(looked).where(*(looked.c[name] == value for name, value in equal.items()))
        return self.db.core(found.limit(most))

    def messages_looked_at(self, before_id: int, least_id: int, looked_most: int) -> tuple[int, int | None]:
        looked = _messages_between(before_id, least_id, _M.c.id).limit(looked_most + 1).subquery("looked")
        (found,) = self.db.core(select(func.count().label("count"), func.min(looked.c.id).label("next")))
        return (looked_most, found["next"] + 1) if found["count"] > looked_most else (found["count"], None)

    def traffic_since(self, since_id: int, slot_ids: int, most: int) -> list[dict[str, Any]]:
        shown = (_M.c.account_id, _M.c.channel_id, _M.c.state, ((_M.c.id - since_id) // slot_ids).label("slot"))
        newest = select(*shown).where(_M.c.id >= since_id).order_by(_M.c.id.desc()).limit(most).subquery("newest")
        key = (newest.c.account_id, newest.c.channel_id, newest.c.slot)
        ended = func.sum(case((newest.c.state >= MessageState.DELIVERED, 1), else_=0)).label("ended")
        delivered = func.sum(case((newest.c.state == MessageState.DELIVERED, 1), else_=0)).label("delivered")
        return self.db.core(select(*key, func.count().label("count"), ended, delivered).group_by(*key))

    def task(self, task_id: int) -> dict[str, Any] | None:
        query = select(_T, schema.account.c.name.label("account")).join(schema.account, schema.account.c.id == _T.c.account_id)
        rows = self.db.core(query.where(_T.c.id == task_id))
        return rows[0] if rows else None

    def task_states(self, task_id: int) -> dict[int, int]:
        within = and_(_M.c.id.between(_T.c.first_id, _T.c.last_id), _M.c.task_id == _T.c.id)
        query = select(_M.c.state, func.count().label("count")).select_from(_T).join(_M, within)
        query = query.where(_T.c.id == task_id).group_by(_M.c.state)
        return {row["state"]: row["count"] for row in self.db.core(query)}

    def queued(self) -> list[dict[str, Any]]:
        parcel = schema.parcel
        query = select(
            parcel.c.channel_id,
            cast(func.sum(parcel.c.messages), BigInteger).label("messages"),
            func.min(parcel.c.id).label("oldest"),
        )
        query = query.where(parcel.c.state != HELD).group_by(parcel.c.channel_id)
        return self.db.core(query)

    def owed_counts(self, after: tuple[int, int, int] = (0, 0, 0), most: int | None = None) -> list[dict[str, Any]]:
        key = (_O.c.account_id, _O.c.kind, _O.c.state)
        query = select(*key, func.count().label("count")).where(
            _O.c.state < 10, _O.c.account_id >= after[0], tuple_(*key) > after
        )
        return self.db.core(query.group_by(*key).order_by(*key).limit(most))

    def balances_after(self, product: int, after: tuple[int, int] | None, most: int) -> list[dict[str, Any]]:
        """Sorted in the database over all accounts, some thousands. An index over what each message changes would cost more."""
        account, wallet = schema.account, schema.wallet
        key = (func.coalesce(wallet.c.points, _NO_WALLET), account.c.id)
        its = and_(wallet.c.account_id == account.c.id, wallet.c.product == product)
        shown = (account.c.name, account.c.pay_mode, account.c.is_stopped, wallet.c.credit, wallet.c.topped_up)
        query = select(key[0].label("sorted_points"), wallet.c.points, account.c.id, *shown).outerjoin_from(
            account, wallet, its
        )
        if after is not None:
            query = query.where(tuple_(*key) > after)
        return self.db.core(query.order_by(*key).limit(most))

    def accounts_like(self, text: str, most: int) -> list[dict[str, Any]]:
        account, customer = schema.account.c, schema.customer.c
        names = select(account.name, customer.name.label("customer")).outerjoin(
            schema.customer, customer.id == account.customer_id
        )
        found = or_(account.name.icontains(text, autoescape=True), customer.name.icontains(text, autoescape=True))
        begins = case((account.name.istartswith(text, autoescape=True), 0), else_=1)
        return self.db.core(names.where(found).order_by(begins, account.name).limit(most))

    def prices_after(self, account_id: int | None, after: tuple[str, int, str] | None, most: int) -> list[dict[str, Any]]:
        price, name = schema.price, schema.account.c.name
        key = (name, price.c.product, price.c.carrier)
        query = select(price, name.label("account")).join(schema.account, schema.account.c.id == price.c.account_id)
        if account_id is not None:
            query = query.where(price.c.account_id == account_id)
        if after is not None:
            query = query.where(name >= after[0], tuple_(*key) > after)
        return self.db.core(query.order_by(*key).limit(most))

    def replies_from(self, phone: int, since_ms: int, most: int) -> list[dict[str, Any]]:
        mo = schema.mo
        query = select(mo).where(mo.c.phone == phone, mo.c.id >= first_id(since_ms)).order_by(mo.c.id.desc()).limit(most)
        return self.db.core(query)

    def strange_receipts(self, message_id: int) -> list[dict[str, Any]]:
        under_its_id = and_(_C.c.channel_id == _S.c.channel_id, _C.c.carrier_id == _S.c.carrier_id, _C.c.message_id.is_(None))
        query = select(*_WAITING).distinct().select_from(_S).join(_C, under_its_id).where(_S.c.message_id == message_id)
        return self.db.core(query.order_by(_C.c.received_ms).limit(100))

    def unmatched_receipts(
        self, since_ms: int, most: int, channel_id: int | None = None, after: tuple[int, int, str, int] | None = None
    ) -> list[dict[str, Any]]:
        key = (_C.c.made_ms, _C.c.channel_id, _C.c.carrier_id, _C.c.n)
        query = select(*_WAITING, _C.c.made_ms).where(_C.c.message_id.is_(None), _C.c.made_ms >= since_ms)
        if channel_id is not None:
            query = query.where(_C.c.channel_id + 0 == channel_id)  # by the index of those that wait, not by the table's key
        if after is not None:
            query = query.where(_C.c.made_ms <= after[0], tuple_(*key) < after)
        return self.db.core(query.order_by(*(one.desc() for one in key)).limit(most))


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
