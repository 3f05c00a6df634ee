"""Owing reports. For a session of this process that has room they are claimed in the commit that owes them, and sent after it.

A crash, or a session that has ended meanwhile, leaves a report as any other claim does: it is due again once the time for an
answer is over.
"""

from collections.abc import Sequence
from functools import partial

from hongyan.model.owed import OwedKind, OwedState
from hongyan.model.session_delivery import SessionReport
from hongyan.model.session_submit import WANTED_OF_DELIVERED, WANTED_OF_FAILED, ReportsWanted, SubmitReports
from hongyan.ports.receivers import Receiver, Receivers
from hongyan.ports.tx.shared import EndingTx, SessionReportsTx

OwedRow = tuple[int, int, int]
"""Message, account, task."""


def owe_reports(tx: EndingTx, rows: Sequence[OwedRow], receivers: Receivers | None, now_ms: int) -> set[int]:
    """Owe the reports of messages; returns the accounts that have some to be claimed."""
    accounts = {account_id for _, account_id, _ in rows}
    if receivers is not None:
        for account_id in sorted(accounts):
            for receiver in receivers.receivers(account_id):
                rows = _hand_over(tx, rows, account_id, receiver, now_ms)
        accounts = {account_id for _, account_id, _ in rows}
    if rows:
        tx.owe(OwedKind.REPORT, rows, now_ms)
    return accounts


def _hand_over(tx: EndingTx, rows: Sequence[OwedRow], account_id: int, receiver: Receiver, now_ms: int) -> Sequence[OwedRow]:
    """Claim for a session as many reports as it has room for; returns the other rows."""
    taken = [row for row in rows if row[1] == account_id][: receiver.room]
    if not taken:
        return rows
    tx.owe(OwedKind.REPORT, taken, now_ms + receiver.answer_ms)
    taken_ids = {row[0] for row in taken}
    if items := wanted_reports(tx, sorted(taken_ids), now_ms):
        tx.after_commit(partial(receiver.take, items))
    return [row for row in rows if row[0] not in taken_ids]


def wanted_reports(tx: SessionReportsTx, owed_ids: Sequence[int], now_ms: int) -> list[SessionReport]:
    """Returns the reports of messages that have ended. Those that nobody asked for are ended here."""
    if not owed_ids:
        return []
    found = tx.session_reports(owed_ids)
    for item, wanted in found:
        if wanted:
            item.message_ids = _asked_for(item, wanted)
    unwanted = [item.report.owed_id for item, _ in found if not item.message_ids]
    if unwanted:
        tx.move_owed(unwanted, OwedState.SENT, now_ms)
    return [item for item, _ in found if item.message_ids]


def _asked_for(item: SessionReport, wanted: str) -> tuple[str, ...]:
    """Returns the ids of the parts that asked for this report."""
    classes = WANTED_OF_DELIVERED if item.report.is_delivered else WANTED_OF_FAILED
    return tuple(one for one, asked in zip(item.message_ids, wanted.split(","), strict=False) if _reports(asked) in classes)


def _reports(number: str) -> ReportsWanted:
    return SubmitReports.of(int(number)).reports
