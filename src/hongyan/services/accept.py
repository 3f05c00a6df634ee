"""The accept step: hold the money and store the messages of a whole batch of admissions, in one transaction.

Three beats: claim client references and lock wallets, in key order; decide in order of arrival; write everything.
The lane commits and only then are the customers answered. A task of more than 1,000 numbers, or with a time,
is stored with its numbers packed, and released slice by slice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from hongyan.model.channel import Parcel
from hongyan.model.ids import IdSource
from hongyan.model.ledger import Entry, EntryKind, Wallet
from hongyan.model.message import MessageState, TaskState
from hongyan.model.mms import Mms
from hongyan.model.refusal import Code, Refusal
from hongyan.model.rows import NewMessage, NewTask, RefKey, TaskSlice
from hongyan.model.submission import Accepted, Admission, Submission
from hongyan.policy.limits import UNLIMITED, Limits, decide
from hongyan.policy.release import is_released_later, slices
from hongyan.ports.tx import Tx
from hongyan.services.parcels import PROMPT, parcel_up

MEDIA_OCTETS = 10 * 1024**3
"""Of all media in the store: beyond it no MMS is taken until some have served their time."""


@dataclass(slots=True)
class _Writes:
    """What the second beat decided to write in the third."""

    tasks: list[NewTask] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    loads: list[TaskSlice] = field(default_factory=list)
    media: list[tuple[int, Mms, int]] = field(default_factory=list)  # task, its MMS, when it is due
    has_room: bool = True  # for media


def accept(
    tx: Tx,
    batch: Sequence[Admission],
    *,
    now_ms: int,
    ids: IdSource,
    parcel_messages: int,
    limits: Limits = UNLIMITED,
    media_octets: int = MEDIA_OCTETS,
) -> list[Accepted | Refusal]:
    """Give one answer an admission, in order: accepted, refused, or the first answer to a repeated client reference.

    Every admission brings its task id and sms id. Safe to repeat by client reference; without one, a customer who never
    saw the answer and asks again asks for a second task.
    """
    known = _claim_references(tx, batch, now_ms)
    wallets = tx.lock_wallets({(a.submission.account.id, a.submission.product) for a in batch})
    writes = _Writes()
    if any(a.submission.mms is not None for a in batch):
        writes.has_room = tx.lock_media() < media_octets
    answers: list[Accepted | Refusal] = []
    for place, admission in enumerate(batch):
        earlier = known.get(place)
        if isinstance(earlier, int):
            answers.append(_once_more(answers[earlier]))
        else:
            answers.append(earlier or _decide(admission, wallets, writes, now_ms, limits))
    _give_ids(writes, ids, now_ms)
    _write(tx, writes, parcel_up(writes.messages, PROMPT, parcel_messages, ids, now_ms), now_ms)
    _settle_references(tx, batch, answers, known)
    return answers


_Known = dict[int, Accepted | Refusal | int]
"""Place in the batch → its answer, or the earlier place whose answer it shares."""


def _claim_references(tx: Tx, batch: Sequence[Admission], now_ms: int) -> _Known:
    firsts: dict[RefKey, int] = {}  # where each reference stands first in this batch
    named = [(place, a.submission) for place, a in enumerate(batch) if a.submission.client_ref]
    for place, submission in named:
        firsts.setdefault(_key(submission), place)
    if not firsts:
        return {}
    taken = tx.claim_references({key: batch[place].submission.client_hash for key, place in firsts.items()}, now_ms)
    known: _Known = {}
    for place, submission in named:
        key = _key(submission)
        first = firsts[key]
        digest, answer = taken.get(key) or (batch[first].submission.client_hash, "")
        if submission.client_hash != digest:
            known[place] = Refusal(Code.REFERENCE_REUSED)
        elif answer:
            known[place] = _first_answer(answer)
        elif place != first:
            known[place] = first
    return known


def _key(submission: Submission) -> RefKey:
    return submission.account.id, submission.client_ref


def _once_more(answer: Accepted | Refusal) -> Accepted | Refusal:
    return replace(answer, is_repeat=True) if isinstance(answer, Accepted) else answer


def _first_answer(answer: str) -> Accepted:
    task_id, sms_id, balance, count, segments, rejected = orjson.loads(answer)
    return Accepted(
        task_id, sms_id, balance, count, segments, [(number, Code[name]) for number, name in rejected], is_repeat=True
    )


def _settle_references(tx: Tx, batch: Sequence[Admission], answers: Sequence[Accepted | Refusal], known: _Known) -> None:
    """Remember first answers; refusals are not remembered."""
    kept: dict[RefKey, str] = {}
    for place, (admission, answer) in enumerate(zip(batch, answers, strict=True)):
        if not admission.submission.client_ref or place in known:
            continue
        key = _key(admission.submission)
        if isinstance(answer, Refusal):
            tx.drop_reference(*key)
        else:
            rejected = [(number, code.name) for number, code in answer.rejected]
            packed = [answer.task_id, answer.sms_id, answer.balance, answer.count, answer.segments, rejected]
            kept[key] = orjson.dumps(packed).decode()
    tx.answer_references(kept)


def _decide(
    admission: Admission, wallets: dict[tuple[int, int], Wallet], writes: _Writes, now_ms: int, limits: Limits
) -> Accepted | Refusal:
    """Judge one admission by what the wallet holds after those before it, and note what to write."""
    submission = admission.submission
    account = submission.account
    if submission.is_late:
        return Refusal(Code.STAMP_OLD)
    if submission.mms is not None and not writes.has_room:
        return Refusal(Code.INTERNAL)
    wallet = wallets.get((account.id, submission.product))
    if wallet is None:
        return Refusal(Code.NO_PRODUCT)
    if refusal := decide(admission.total_points, wallet.points, wallet.credit, account.pay_mode, limits):
        return refusal
    wallet.points -= admission.total_points
    _note(admission, writes, now_ms)
    return Accepted(
        admission.task_id, admission.sms_id, wallet.points, len(admission.phones), admission.total_points, admission.rejected
    )


def _note(admission: Admission, writes: _Writes, now_ms: int) -> None:
    submission = admission.submission
    waits = submission.send_at_ms > now_ms
    is_packed = is_released_later(len(admission.phones), submission.send_at_ms, now_ms)
    state = TaskState.WAITING if waits else TaskState.RELEASING if is_packed else TaskState.RELEASED
    writes.tasks.append(
        NewTask(
            admission.task_id, submission.account.id, submission.product, submission.source, submission.address,
            submission.text, submission.extno, len(admission.phones), admission.total_points, state,
            max(submission.send_at_ms, now_ms) if waits else now_ms, now_ms, admission.sms_id,
            udh=submission.binary.header.hex() if submission.binary else None,
        )
    )  # fmt: skip
    writes.entries.append(
        Entry(EntryKind.HOLD, admission.task_id, submission.account.id, submission.product, -admission.total_points)
    )
    if submission.mms is not None:
        writes.media.append((admission.task_id, submission.mms, max(submission.send_at_ms, now_ms)))
    if is_packed:
        writes.loads += _slices(admission)
    else:
        writes.messages += _messages(admission, now_ms)


def _messages(admission: Admission, now_ms: int) -> list[NewMessage]:
    account_id, product = admission.submission.account.id, int(admission.submission.product)
    task_id, texts = admission.task_id, admission.texts
    return [
        NewMessage(
            0, task_id, account_id, product, phone, texts[place] if texts else None, admission.segments[place],
            admission.points[place], MessageState.QUEUED, admission.channels[place], 0, now_ms,
        )
        for place, phone in enumerate(admission.phones)
    ]  # fmt: skip


def _slices(admission: Admission) -> list[TaskSlice]:
    submission, texts = admission.submission, admission.texts
    return [
        TaskSlice(
            admission.task_id, number, submission.account.id, submission.product, submission.text, admission.phones[bite],
            texts[bite] if texts else None, admission.segments[bite], admission.points[bite],
        )
        for number, bite in enumerate(slices(len(admission.phones)))
    ]  # fmt: skip


def _give_ids(writes: _Writes, ids: IdSource, now_ms: int) -> None:
    """Message ids in order of arrival, and to each task the range of its own."""
    tasks = {task.id: task for task in writes.tasks}
    for message, message_id in zip(writes.messages, ids.take(len(writes.messages), now_ms), strict=True):
        message.id = message_id
        task = tasks[message.task_id]
        task.first_id = task.first_id or message_id
        task.last_id = message_id


def _write(tx: Tx, writes: _Writes, parcels: Sequence[Parcel], now_ms: int) -> None:
    for task_id, mms, used_ms in writes.media:
        tx.add_media(task_id, mms.media, used_ms)
    tx.add_tasks(writes.tasks)
    tx.add_messages(writes.messages)
    tx.add_parcels(parcels)
    for load in writes.loads:
        tx.add_load(load)
    tx.post(writes.entries, now_ms)
