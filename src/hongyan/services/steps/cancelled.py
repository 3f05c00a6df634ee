"""Cancelling messages that no owner of a channel has, shared by the steps that cancel a task, a message, or between two
addresses.

The messages end unsent, their points are returned, and reports are owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hongyan.model.message import MessageState, Verdict
from hongyan.model.rows import OpenMessage, UnclaimedMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.retry import was_resent
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.services.steps.ending import end_messages

CANCELLED = "DELETED"
"""The code of a message that was cancelled before it was sent: SMPP's word, which CMPP and SMGP share."""


@dataclass(frozen=True, slots=True)
class CancelPage:
    """One page of a task: behind this message."""

    task_id: int
    after: int = 0
    first_leaving: int = 0  # from the pages before; 0: none was leaving


@dataclass(slots=True)
class Cancelled:
    ended: int = 0  # messages
    points: int = 0  # points that were returned
    leaving: int = 0  # messages that an owner has claimed
    owed: set[int] = field(default_factory=set)  # accounts that are owed a report
    next_page: CancelPage | None = None  # None at the end
    later: CancelPage | None = None  # at the end: where to look again once the leaving messages have left


def end_cancelled(tx: StoppingTx, messages: Sequence[OpenMessage], snapshot: ConfigSnapshot, now_ms: int) -> Cancelled:
    verdict = Verdict(MessageState.CANCELLED, CANCELLED, now_ms)
    owed = end_messages(tx, [(message, verdict, False) for message in messages], snapshot, now_ms)
    return Cancelled(len(messages), sum(message.points for message in messages), 0, owed)


def take_back_message(tx: StoppingTx, message_id: int, task_id: int, *, snapshot: ConfigSnapshot, now_ms: int) -> Cancelled:
    """Cancel one message of a task, if no owner of a channel has it; `leaving` is 1 if one has."""
    task = tx.lock_task(task_id)
    if task is None:
        return Cancelled()
    found, leaving, _ = tx.lock_unclaimed(replace(task, last_id=message_id), message_id - 1)
    unsent, resent = lock_unsent(tx, found)
    cancelled = end_cancelled(tx, unsent, snapshot, now_ms)
    tx.drop_empty({one.parcel_id for one in found})
    cancelled.leaving = len(leaving) + len(resent)
    return cancelled


def lock_unsent(tx: StoppingTx, found: Sequence[UnclaimedMessage]) -> tuple[list[OpenMessage], list[OpenMessage]]:
    """Lock messages that no owner has; returns those that no carrier ever took, and those that wait for a second try."""
    messages = tx.lock_messages([one.id for one in found])
    return [one for one in messages if not was_resent(one)], [one for one in messages if was_resent(one)]
