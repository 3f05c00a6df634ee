"""Intermediate notices, for submits that ask for them: one a message, once it has left for its carrier, and never after its
end.

A submit that asks is marked with its task. The sweep reads marks page by page. Once all numbers of a submit have left or ended,
a notice is owed for those that are under way, and the mark is removed in the same transaction, so each is owed once. A notice
waits for a session like a report. It is dropped if the message ended meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.ids import IdSource
from hongyan.ports.tx.session_notices import SessionNoticesTx

PAGE = 500
"""Submits that are read in one go."""


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
    """Owe the notices of a page of submits, and drop a page of notices whose messages have ended."""
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
