"""replace_sm: another text for a submit over a session that has not left, under the same id.

Only a text to one number, in one PDU, is replaced. The new text is judged as a submit is. If it leaves at another time, the
limits of submissions are asked for that time; the message itself is counted once, at its accept or its release. The difference
in points is posted as a correction with the audit row of the act, so that the wallet stays the sum of its entries. If an owner
has claimed the message, the old text is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.account import Product
from hongyan.model.act import Act, AuditAction
from hongyan.model.ids import IdSource
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.message import TaskState
from hongyan.model.phone import national
from hongyan.model.refusal import Refusal
from hongyan.model.rows import LockedTask, OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Admission, Submission
from hongyan.policy.admission.table import RuleScope
from hongyan.policy.limits import LIMITS, Asked, Limit, Usage, keys_of, over_limit, short_of_balance
from hongyan.policy.retry import was_resent
from hongyan.ports.tx.session_replace import ReplacedText, SessionReplaceTx
from hongyan.services.admin.billing import post_noted
from hongyan.services.admit import admit
from hongyan.services.counting import count_replaced
from hongyan.services.steps.parcels import requeue


@dataclass(frozen=True, slots=True)
class CodingAsked:
    account_id: int
    task_id: int
    source: str


def replaceable_coding(tx: SessionReplaceTx, asked: Sequence[CodingAsked]) -> list[int | None]:
    """Returns the data_coding of a submit that may be replaced; None if there is none from that source."""
    return [tx.replaceable_coding(one.account_id, one.task_id, one.source) for one in asked]


@dataclass(frozen=True, slots=True)
class ReplaceAsked:
    """submission: the new text with its times; its number and extno are those of the old one"""

    act: Act
    task_id: int
    submission: Submission


def replace_texts(
    tx: SessionReplaceTx,
    batch: Sequence[ReplaceAsked],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    limits: Sequence[Limit] = LIMITS,
) -> list[bool | Refusal]:
    """Replace texts; returns for each whether it was replaced. Each repeat replaces the text anew. raises: Refusal of the new
    text
    """
    of_submissions = [limit for limit in limits if limit.judges is RuleScope.SUBMISSION]
    replacing = _Replacing(tx, snapshot, ids, now_ms, parcel_messages, of_submissions)
    return [replacing.replace(one) for one in batch]


@dataclass(frozen=True, slots=True)
class _Replacing:
    tx: SessionReplaceTx
    snapshot: ConfigSnapshot
    ids: IdSource
    now_ms: int
    parcel_messages: int
    limits: Sequence[Limit]  # limits of submissions

    def replace(self, asked: ReplaceAsked) -> bool | Refusal:
        task = self.tx.lock_task(asked.task_id)
        if task is None or task.state not in {TaskState.WAITING, TaskState.RELEASED}:
            return False
        queued = self._unclaimed(task) if task.state is TaskState.RELEASED else None
        if task.state is TaskState.RELEASED and (queued is None or asked.submission.send_at_ms):
            return False
        try:
            admission = self._judge(task, asked.submission)
            self._keep_to_limits(task, admission)  # before the wallet; accept and release take the locks in this order too
            self._charge(task, admission, asked.act)
        except Refusal as refusal:
            return refusal
        self._write(task, queued, admission)
        return True

    def _unclaimed(self, task: LockedTask) -> tuple[OpenMessage, int] | None:
        """Returns its message and its parcel's id, if no owner of a channel has it."""
        found, leaving, _ = self.tx.lock_unclaimed(task, task.first_id - 1)
        messages = self.tx.lock_messages([one.id for one in found])
        if len(messages) != 1 or leaving or was_resent(messages[0]):
            return None
        return messages[0], found[0].parcel_id

    def _judge(self, task: LockedTask, submission: Submission) -> Admission:
        phone, extno = self.tx.recipient_of(task)
        submission.numbers, submission.extno = [national(phone)], extno
        if task.state is TaskState.WAITING:
            submission.send_at_ms = submission.send_at_ms or self.tx.costs_of(task.id)[1]
        return admit(self.snapshot, submission, self.now_ms)

    def _keep_to_limits(self, task: LockedTask, admission: Admission) -> None:
        """Count a waiting text at its new time, unless it was counted there. raises: Refusal of a limit"""
        if not self.limits or task.state is not TaskState.WAITING:
            return
        account, phones = admission.submission.account, admission.phones
        before = Asked(account, Product.SMS, phones, self.tx.costs_of(task.id)[1])
        after = Asked(account, Product.SMS, phones, admission.submission.send_at_ms)
        new = keys_of(self.limits, after) - keys_of(self.limits, before)
        limits = [limit for limit in self.limits if not new.isdisjoint(keys_of([limit], after))]
        usage = Usage(self.tx.lock_usage(new))
        over_limit(limits, after, usage)
        usage.take(limits, after, phones)
        self.tx.add_usage(usage.added)

    def _charge(self, task: LockedTask, admission: Admission, act: Act) -> None:
        """Post the difference. raises: Refusal BALANCE_SHORT"""
        account = admission.submission.account
        wallet = self.tx.lock_wallets([(account.id, Product.SMS)])[account.id, Product.SMS]
        before, _ = self.tx.costs_of(task.id)
        more = admission.total_points - before
        if more > 0 and (short := short_of_balance(more, wallet.points, wallet.credit, account.pay_mode)):
            raise short
        points = {"points": before}, {"points": admission.total_points}
        audit_id = self.tx.audit(act, AuditAction.TASK_REPLACE, str(task.id), *points, is_config=False)
        if more:
            post_noted(self.tx, act, [Entry(EntryKind.ADJUST, audit_id, account.id, Product.SMS, -more)], f"task {task.id}")

    def _write(self, task: LockedTask, queued: tuple[OpenMessage, int] | None, admission: Admission) -> None:
        submission = admission.submission
        new = ReplacedText(
            submission.text, admission.segments[0], admission.points[0], submission.valid_until_ms, submission.send_at_ms
        )
        self.tx.replace_text(task, queued[0].id if queued else None, new)
        if queued is not None:
            self._count(queued[0], new)
            self._requeue(*queued, admission.channels[0])

    def _count(self, message: OpenMessage, new: ReplacedText) -> None:
        count_replaced(self.tx, message, new.segments, self.snapshot.prefixes, self.now_ms)
        message.segments, message.points = new.segments, new.points

    def _requeue(self, message: OpenMessage, parcel_id: int, channel_id: int) -> None:
        """Queue the message for the channel of the new text."""
        if channel_id == message.channel_id:
            return
        moved = [(message, channel_id, message.tried)]
        requeue(self.tx, moved, self.snapshot.prefixes, self.ids, self.now_ms, self.parcel_messages)
        self.tx.drop_empty([parcel_id])
