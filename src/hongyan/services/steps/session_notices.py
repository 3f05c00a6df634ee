"""Intermediate notices, for submits that ask for them: one a message, once it has left for its carrier, and never after its end.

A submit that asks is noted with it, by its task. The sweep looks, page by page, whether all of its numbers have left or ended; those that
are under way are owed a notice then. The mark goes in the same transaction, so each is owed once. What is owed waits for a session like
a report; a message that ended meanwhile needs none any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.ids import IdSource
from hongyan.ports.tx.session_notices import SessionNoticesTx

PAGE = 500
"""Submits looked at in one go."""


@dataclass(frozen=True, slots=True)
class NoticesOwed:
    accounts: set[int]
    next_after: int  # the task behind which to go on; 0: from the start


def owe_notices(tx: SessionNoticesTx, pages: Sequence[int], *, ids: IdSource, now_ms: int) -> list[NoticesOwed]:
    """pages: tasks behind which to look"""
    return [_owe(tx, after, ids, now_ms) for after in pages]


def _owe(tx: SessionNoticesTx, after: int, ids: IdSource, now_ms: int) -> NoticesOwed:
    page = tx.notices_wanted(after, PAGE)
    settled = tx.take_wanted([one.task_id for one in page if not one.waits])
    found = tx.messages_under_way(settled)
    rows = [(i, *one) for i, one in zip(ids.take(len(found), now_ms), found, strict=True)]
    tx.add_notices(rows, now_ms)
    tx.drop_late_notices(PAGE)
    return NoticesOwed({account_id for _, account_id, _ in rows}, page[-1].task_id if len(page) == PAGE else 0)
