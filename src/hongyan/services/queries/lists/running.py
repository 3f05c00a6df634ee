"""Jobs, alarms and the rules of alarms."""

from hongyan.i18n import _
from hongyan.model.columns import Facts, columns_of
from hongyan.ports.tx.alarms import ObserveTx
from hongyan.ports.tx.jobs import JobsTx
from hongyan.services.admin import jobs
from hongyan.services.queries import alarms
from hongyan.services.queries.lists.listing import Listing, ListQuery


def _jobs(tx: JobsTx, query: ListQuery) -> list[Facts]:
    return [row | {"why": _(row["why"], **row["facts"])} for row in jobs.jobs(tx, query.before_id, query.most)]


def _job_row(row: Facts) -> Facts:
    """What waits for its turn is no `queued` message, and the total of an export is not known beforehand."""
    return row | {"state": "waiting" if row["state"] == "queued" else row["state"], "total": row["total"] or None}


def _alarms(tx: ObserveTx, query: ListQuery) -> list[Facts]:
    return alarms.alarms(tx, query.now_ms)


def _alarm_rules(tx: ObserveTx, _query: ListQuery) -> list[Facts]:
    return alarms.rules(tx)


JOBS = Listing(
    name="jobs",
    thing="Job",
    title="Jobs",
    summary="List jobs, newest first.",
    columns=columns_of(
        "id:int kind state done:int total:int actor asked:map result:map pieces:int why made_ms began_ms ended_ms"
    ),
    table=("id", "kind", "state", "done", "total", "result", "why", "actor", "made_ms", "ended_ms"),
    rows=_jobs,
    table_row=_job_row,
    usual_most=50,
)

ALARMS = Listing(
    name="alarms",
    thing="Alarm",
    title="Alarms",
    summary="List what fires, what is about to, and what was cleared lately.",
    columns=columns_of("kind subject state value:int since_ms changed_ms silenced_until_ms"),
    table=("kind", "subject", "state", "value", "since_ms", "changed_ms", "silenced_until_ms"),
    rows=_alarms,
    has_pages=False,
)

ALARM_RULES = Listing(
    name="rules",
    thing="AlarmRule",
    title="Rules of alarms",
    summary="List the rules of alarms.",
    columns=columns_of("kind subject threshold:int unit duration_s:int is_on is_usual"),
    table=("kind", "subject", "threshold", "unit", "duration_s", "is_on"),
    rows=_alarm_rules,
    order=("kind", "subject"),
    is_whole=True,
)

LISTS: tuple[Listing, ...] = (JOBS, ALARMS, ALARM_RULES)
