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
class NoticePage:
    """Submits behind a task, and notices behind an id; 0: from the start."""

    task_id: int = 0
    notice_id: int = 0


@dataclass(frozen=True, slots=True)
class NoticesOwed:
    """next_page: where to go on"""

    accounts: set[int]
    next_page: NoticePage


def owe_notices(tx: SessionNoticesTx, pages: Sequence[NoticePage], *, ids: IdSource, now_ms: int) -> list[NoticesOwed]:
    """Owe what is due of a page of submits, and forget a page of notices whose messages have ended."""
    return [_owe(tx, page, ids, now_ms) for page in pages]


def _owe(tx: SessionNoticesTx, page: NoticePage, ids: IdSource, now_ms: int) -> NoticesOwed:
    wanted = tx.notices_wanted(page.task_id, PAGE)
    settled = tx.take_wanted([one.task_id for one in wanted if not one.waits])
    found = tx.messages_under_way(settled)
    rows = [(i, *one) for i, one in zip(ids.take(len(found), now_ms), found, strict=True)]
    tx.add_notices(rows, now_ms)
    next_task = wanted[-1].task_id if len(wanted) == PAGE else 0
    next_notice = tx.drop_late_notices(page.notice_id, PAGE)
    return NoticesOwed({account_id for _, account_id, _ in rows}, NoticePage(next_task, next_notice))
