"""The accept step: hold the money and store the messages of a whole batch of admissions, in one transaction.

It locks counts and wallets in key order and reads the answers to client references. It decides in order of arrival.
Then it writes everything. A limit may take out numbers or refuse a submission (`policy.limits`); what is left must be free in
the wallet. The lane commits and only then are the customers answered. A task of more than 1,000 numbers, or with a time, is
stored with its numbers packed, and released slice by slice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from hongyan.model.ids import IdSource
from hongyan.model.ledger import Entry, EntryKind, Wallet
from hongyan.model.message import TaskState
from hongyan.model.mms import Mms
from hongyan.model.parcel import Parcel
from hongyan.model.phone import national
from hongyan.model.refusal import Code, Refusal
from hongyan.model.rows import NewMessage, NewTask, TaskSlice
from hongyan.model.session_submit import ReportsWanted, SessionSubmit, SubmitReports
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission, Submission
from hongyan.policy.admission.table import RuleScope
from hongyan.policy.limits import LIMITS, Asked, Limit, Usage, keys_of, over_limit, short_of_balance
from hongyan.policy.release import is_released_later, slices
from hongyan.ports.outlets import Outlets
from hongyan.ports.tx.accept import AcceptTx
from hongyan.services.counting import count_new
from hongyan.services.steps.client_references import Known, first_answers, known_references, once_more
from hongyan.services.steps.outlets import claim_at_once, of_messages, open_outlets
from hongyan.services.steps.parcels import PROMPT, URGENT, parcel_up

MEDIA_OCTETS = 10 * 1024**3
"""The most octets of all media in the store. Beyond it no MMS is accepted until older media are pruned."""

_HOLD = EntryKind.HOLD
_WAITING, _RELEASING, _RELEASED = TaskState.WAITING, TaskState.RELEASING, TaskState.RELEASED


@dataclass(slots=True)
class _Writes:
    """What the second part decided, for the third part to write."""

    tasks: list[NewTask] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    loads: list[TaskSlice] = field(default_factory=list)
    media: list[tuple[int, Mms, int]] = field(default_factory=list)  # task, its MMS, when it is due
    has_room: bool = True  # whether there is room for media
    session_submits: list[SessionSubmit] = field(default_factory=list)
    joined: list[tuple[int, int]] = field(default_factory=list)  # parts of long texts, and their tasks
    urgent: set[int] = field(default_factory=set)  # tasks


def accept(
    tx: AcceptTx,
    batch: Sequence[Admission],
    *,
    now_ms: int,
    ids: IdSource,
    snapshot: ConfigSnapshot,
    parcel_messages: int,
    outlets: Outlets | None = None,
    limits: Sequence[Limit] = LIMITS,
    media_octets: int = MEDIA_OCTETS,
) -> list[Accepted | Refusal]:
    """Accept a batch; returns an answer for each admission, in order: accepted, refused, or the first answer to a client
    reference.

    Every admission brings its task id and smsId. A repeat with the same client reference gets the first answer. Without a
    reference, a customer who lost the answer and asks again gets a second task.
    """
    opened = open_outlets(tx, outlets, {a.channels[0] for a in batch}) if outlets else {}
    usage = _usage(tx, batch, limits, now_ms)  # before the wallets; release takes the locks in this order too
    wallets = tx.lock_wallets({(a.submission.account.id, a.submission.product) for a in batch})
    known = known_references(tx, batch)  # behind the locks: answers that another process stored under them are visible now
    writes = _Writes()
    if any(a.submission.mms is not None for a in batch):
        writes.has_room = tx.lock_media() < media_octets
    answers = _decide_all(batch, known, wallets, usage, limits, writes, now_ms)
    if usage.added:
        tx.add_usage(usage.added)
    tasks = {task.id: task for task in writes.tasks}
    _assign_ids(writes, tasks, ids, now_ms)
    parcels = _parcels(writes, parcel_messages, ids, now_ms)
    if opened:
        claim_at_once(tx, opened, parcels, of_messages(writes.messages, tasks, snapshot, now_ms))
    count_new(tx, writes.messages, snapshot.prefixes, now_ms)  # before statements put them out of the cache
    _write(tx, writes, parcels, now_ms)
    tx.add_references(first_answers(batch, answers, known), now_ms)
    if outlets:
        _announce(tx, outlets, parcels, writes)
    return answers


def _announce(tx: AcceptTx, outlets: Outlets, parcels: Sequence[Parcel], writes: _Writes) -> None:
    """After the commit, announce what waits in the store: parcels that no channel has yet, and packed tasks."""
    waiting = {parcel.channel_id for parcel in parcels if not parcel.epoch}
    if waiting or writes.loads:
        tx.after_commit(partial(outlets.stored, waiting, is_packed=bool(writes.loads)))


def _usage(tx: AcceptTx, batch: Sequence[Admission], limits: Sequence[Limit], now_ms: int) -> Usage:
    """Lock and return the counts that the limits of this batch need."""
    if not limits:
        return Usage()
    keys = {key for a in batch for key in keys_of(_limits_of(a, limits, now_ms), _asked(a, now_ms))}
    return Usage(tx.lock_usage(keys) if keys else {})


def _limits_of(admission: Admission, limits: Sequence[Limit], now_ms: int) -> Sequence[Limit]:
    """Returns the limits that judge it now. Numbers of a task that is released later are judged at the release."""
    if is_released_later(len(admission.phones), admission.submission.send_at_ms, now_ms):
        return [limit for limit in limits if limit.judges is RuleScope.SUBMISSION]
    return limits


def _asked(admission: Admission, now_ms: int) -> Asked:
    submission = admission.submission
    return Asked(submission.account, submission.product, admission.phones, max(submission.send_at_ms, now_ms))


def _without(admission: Admission, out: Mapping[int, Code]) -> Admission:
    """Returns the admission without these numbers. raises: Refusal if none is left"""
    if not out:
        return admission
    rejected = [*admission.rejected, *((national(phone), cause) for phone, cause in out.items())]
    kept = [place for place, phone in enumerate(admission.phones) if phone not in out]
    if not kept:
        raise Refusal.of_all(rejected)

    def left(column: list[Any]) -> list[Any]:
        return [column[place] for place in kept]

    points = left(admission.points)
    return replace(
        admission,
        phones=left(admission.phones),
        texts=None if admission.texts is None else left(admission.texts),
        channels=left(admission.channels),
        segments=left(admission.segments),
        points=points,
        rejected=rejected,
        total_points=sum(points),
    )


def _decide_all(
    batch: Sequence[Admission],
    known: Known,
    wallets: dict[tuple[int, int], Wallet],
    usage: Usage,
    limits: Sequence[Limit],
    writes: _Writes,
    now_ms: int,
) -> list[Accepted | Refusal]:
    answers: list[Accepted | Refusal] = []
    for place, admission in enumerate(batch):
        earlier = known.get(place)
        if isinstance(earlier, int):
            answers.append(once_more(answers[earlier]))
        else:
            answers.append(earlier or _decide(admission, wallets, usage, limits, writes, now_ms))
    return answers


def _decide(
    admission: Admission,
    wallets: dict[tuple[int, int], Wallet],
    usage: Usage,
    limits: Sequence[Limit],
    writes: _Writes,
    now_ms: int,
) -> Accepted | Refusal:
    """Judge one admission by counts and wallet as the ones before it left them, and note what to write."""
    submission = admission.submission
    account = submission.account
    if submission.is_late:
        return Refusal(Code.STAMP_OLD)
    if submission.mms is not None and not writes.has_room:
        return Refusal(Code.INTERNAL)
    wallet = wallets.get((account.id, submission.product))
    if wallet is None:
        return Refusal(Code.NO_PRODUCT)
    limits = _limits_of(admission, limits, now_ms) if limits else ()
    if limits:
        try:
            admission = _without(admission, over_limit(limits, _asked(admission, now_ms), usage))
        except Refusal as refusal:
            return refusal
    if short := short_of_balance(admission.total_points, wallet.points, wallet.credit, account.pay_mode):
        return short
    if limits:
        usage.take(limits, _asked(admission, now_ms), admission.phones)
    wallet.points -= admission.total_points
    _note(admission, writes, now_ms)
    return Accepted(
        task_id=admission.task_id,
        sms_id=admission.sms_id,
        balance=wallet.points,
        count=len(admission.phones),
        points_held=admission.total_points,
        rejected=admission.rejected,
        segments=sum(admission.segments),
    )


def _parcels(writes: _Writes, most: int, ids: IdSource, now_ms: int) -> list[Parcel]:
    if not writes.urgent:
        return parcel_up(writes.messages, PROMPT, most, ids, now_ms)
    urgent = [message for message in writes.messages if message.task_id in writes.urgent]
    others = [message for message in writes.messages if message.task_id not in writes.urgent]
    return [*parcel_up(urgent, URGENT, most, ids, now_ms), *parcel_up(others, PROMPT, most, ids, now_ms)]


def _note_session(admission: Admission, writes: _Writes) -> None:
    """Note what a submit over a session says beside its text."""
    submission = admission.submission
    parts = submission.of_parts
    reports = [one.reports for one in parts] or [_reports_of(submission)]
    pdus = [one.pdu for one in parts] or [submission.pdu]
    writes.session_submits.append(
        SessionSubmit(admission.task_id, submission.account.id, submission.source_number, submission.service, reports, pdus)
    )
    writes.joined += [(one.id, admission.task_id) for one in parts]
    if submission.is_urgent:
        writes.urgent.add(admission.task_id)


def _reports_of(submission: Submission) -> int:
    wanted = int(submission.wants_reports)
    return SubmitReports(ReportsWanted(wanted), has_notice=True).number if submission.wants_notice else wanted


def _note(admission: Admission, writes: _Writes, now_ms: int) -> None:
    submission = admission.submission
    waits = submission.send_at_ms > now_ms
    is_packed = is_released_later(len(admission.phones), submission.send_at_ms, now_ms)
    state = _WAITING if waits else _RELEASING if is_packed else _RELEASED
    account_id, product = submission.account.id, submission.product
    task = NewTask(
        id=admission.task_id,
        account_id=account_id,
        product=product,
        source=submission.source,
        address=submission.address,
        text=submission.text,
        extno=submission.extno,
        numbers=len(admission.phones),
        points=admission.total_points,
        state=state,
        send_at_ms=submission.send_at_ms if waits else now_ms,
        accepted_ms=now_ms,
        sms_id=admission.sms_id,
    )
    if not submission.is_plain:
        _note_special(task, submission)
    writes.tasks.append(task)
    writes.entries.append(Entry(_HOLD, admission.task_id, account_id, product, -admission.total_points))
    if submission.session_id:
        _note_session(admission, writes)
    if submission.mms is not None:
        writes.media.append((admission.task_id, submission.mms, max(submission.send_at_ms, now_ms)))
    if is_packed:
        writes.loads += _slices(admission)
    else:
        writes.messages += _messages(admission, now_ms)


def _note_special(task: NewTask, submission: Submission) -> None:
    """Note what a task has beside a usual text."""
    task.udh = submission.binary.header.hex() if submission.binary else None
    task.is_flash = submission.is_flash
    task.cuts = ",".join(str(len(part)) for part in submission.parts) if submission.parts else None
    task.customer_message_id = submission.customer_message_id or None
    task.valid_until_ms = submission.valid_until_ms or None
    task.protocol_id = submission.protocol_id


def _messages(admission: Admission, now_ms: int) -> list[NewMessage]:
    account_id, product = admission.submission.account.id, int(admission.submission.product)
    task_id, texts = admission.task_id, admission.texts
    return [
        NewMessage(
            id=0,
            task_id=task_id,
            account_id=account_id,
            product=product,
            phone=phone,
            text=texts[place] if texts else None,
            segments=admission.segments[place],
            points=admission.points[place],
            channel_id=admission.channels[place],
            changed_ms=now_ms,
        )
        for place, phone in enumerate(admission.phones)
    ]


def _slices(admission: Admission) -> list[TaskSlice]:
    submission, texts = admission.submission, admission.texts
    return [
        TaskSlice(
            task_id=admission.task_id,
            slice=number,
            account_id=submission.account.id,
            product=submission.product,
            text=submission.text,
            phones=admission.phones[batch],
            texts=texts[batch] if texts else None,
            segments=admission.segments[batch],
            points=admission.points[batch],
            extno=submission.extno,
        )
        for number, batch in enumerate(slices(len(admission.phones)))
    ]


def _assign_ids(writes: _Writes, tasks: Mapping[int, NewTask], ids: IdSource, now_ms: int) -> None:
    """Give message ids in order of arrival, and to each task the range of its ids."""
    for message, message_id in zip(writes.messages, ids.take(len(writes.messages), now_ms), strict=True):
        message.id = message_id
        task = tasks[message.task_id]
        task.first_id = task.first_id or message_id
        task.last_id = message_id


def _write(tx: AcceptTx, writes: _Writes, parcels: Sequence[Parcel], now_ms: int) -> None:
    for task_id, mms, used_ms in writes.media:
        tx.add_media(task_id, mms.media, used_ms)
    tx.add_tasks(writes.tasks)
    tx.add_messages(writes.messages)
    tx.add_parcels(parcels)
    if writes.session_submits:
        tx.add_session_submits(writes.session_submits)
        tx.join_parts(writes.joined)
    for load in writes.loads:
        tx.add_load(load)
    tx.post(writes.entries, now_ms)
