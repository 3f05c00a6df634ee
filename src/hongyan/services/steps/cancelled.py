"""Messages that no owner of a channel has are taken back: shared by the steps that do, for a task, a message or two addresses.

They end unsent, their points come back, and reports are owed.
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
"""Error code of a message that was taken back before it was sent: SMPP's word, which CMPP and SMGP share."""


@dataclass(frozen=True, slots=True)
class CancelPage:
    """A stretch of a task: behind this message."""

    task_id: int
    after: int = 0
    first_leaving: int = 0  # of the pages before it; 0: nothing was leaving


@dataclass(slots=True)
class Cancelled:
    ended: int = 0  # messages
    points: int = 0  # that came back
    leaving: int = 0  # messages that an owner has claimed
    owed: set[int] = field(default_factory=set)  # accounts that are owed a report
    next_page: CancelPage | None = None  # None: the end was reached
    later: CancelPage | None = None  # at the end: where to look again once what is leaving has left


def end_cancelled(tx: StoppingTx, messages: Sequence[OpenMessage], snapshot: ConfigSnapshot, now_ms: int) -> Cancelled:
    verdict = Verdict(MessageState.CANCELLED, CANCELLED, now_ms)
    owed = end_messages(tx, [(message, verdict, False) for message in messages], snapshot, now_ms)
    return Cancelled(len(messages), sum(message.points for message in messages), 0, owed)


def take_back_message(tx: StoppingTx, message_id: int, task_id: int, *, snapshot: ConfigSnapshot, now_ms: int) -> Cancelled:
    """Take back one message of a task, if no owner of a channel has it; `leaving` is 1 where one has."""
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
    """Lock what no owner has; returns those that no carrier ever took, and those that wait for a second try."""
    messages = tx.lock_messages([one.id for one in found])
    return [one for one in messages if not was_resent(one)], [one for one in messages if was_resent(one)]
