"""SQL of lists of tasks, and of how far each is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    TextClause,
    and_,
    func,
    literal_column,
    select,
    text,
    tuple_,
)

from hongyan.ports.tx.queries import LOOKED_MOST, TaskFilter, TaskSpan
from hongyan.store import schema
from hongyan.store.engine.connection import Connection

_M, _T = schema.message, schema.task

_UNUSUAL: ColumnElement[bool] = literal_column(f"({schema.UNUSUAL})")
"""As it stands in the index of those tasks, which else would not be used."""

_NEWEST_TASKS = _T.c.accepted_ms.desc(), _T.c.id.desc()

_T_SOUGHT = (_T.c.id, _T.c.account_id, _T.c.product, _T.c.state, _T.c.is_paused, _T.c.numbers)
"""What tasks are looked through for."""

_STATES_WITHIN = (
    "SELECT CAST(:task_{0} AS bigint) AS task_id, state, own, count(*) AS count FROM (SELECT state, CASE WHEN task_id = :task_{0} THEN 1"
    " ELSE 0 END AS own FROM message WHERE id BETWEEN :first_{0} AND :last_{0} LIMIT :most_{0}) AS read_{0} GROUP BY state, own"
)
"""Counts what lies in a span by state, a task's own apart. As a text: fifty selects take SQLAlchemy 50 ms of CPU to write."""


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


def _states_within(spans: Sequence[TaskSpan]) -> TextClause:
    """Counts for each span; one more than may be read shows that there is too much."""
    asked: dict[str, int] = {}
    for place, span in enumerate(spans):
        values = {"task": span.task_id, "first": span.first_id, "last": span.last_id, "most": span.most + 1}
        asked |= {f"{name}_{place}": value for name, value in values.items()}
    return text(" UNION ALL ".join(map(_STATES_WITHIN.format, range(len(spans))))).bindparams(**asked)


class TaskListsSql:
    db: Connection

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

    def task(self, task_id: int) -> dict[str, Any] | None:
        query = select(_T, schema.account.c.name.label("account")).join(schema.account, schema.account.c.id == _T.c.account_id)
        rows = self.db.core(query.where(_T.c.id == task_id))
        return rows[0] if rows else None

    def task_states(self, task_id: int) -> dict[int, int]:
        within = and_(_M.c.id.between(_T.c.first_id, _T.c.last_id), _M.c.task_id == _T.c.id)
        query = select(_M.c.state, func.count().label("count")).select_from(_T).join(_M, within)
        query = query.where(_T.c.id == task_id).group_by(_M.c.state)
        return {row["state"]: row["count"] for row in self.db.core(query)}
