"""Long texts of which parts wait: joined with their early parts, and ended if they are not sent.

A text ends as failed or cancelled: it gets a task that costs nothing, and a report of each part that was answered is owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from hongyan.model.account import Product
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, TaskState, Verdict
from hongyan.model.phone import as_written, normalise
from hongyan.model.rows import NewMessage, NewTask, unsent_messages
from hongyan.model.session_settings import MissingParts
from hongyan.model.session_submit import SessionSubmit, StoredPart
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.session_parts import SessionPartsTx, TextKey
from hongyan.services.counting import count_new
from hongyan.services.steps.cancelled import CANCELLED
from hongyan.services.steps.ending import end_messages
from hongyan.services.submitted_texts import fitting_of, key_of_early, own_key

COMPLETE_WITHIN_MS = 5 * 60 * 1000
"""How long a text waits for its missing parts."""

EARLY_MS = 10 * 1000
"""How long a text that is whole with its early parts waits for others in their places."""

REJECTED, EXPIRED = "REJECTD", "EXPIRED"
"""The codes of complete texts that were refused, and of texts whose parts did not all come."""


@dataclass(frozen=True, slots=True)
class TextFailed:
    """A text that will not be sent.

    unreported: the id of a part that has no report, since its submit is answered with the refusal; 0 for none
    """

    parts: Sequence[StoredPart]
    code: str
    unreported: int = 0
    state: MessageState = MessageState.FAILED


@dataclass(frozen=True, slots=True)
class PartAsked:
    account_id: int
    part_id: int


@dataclass(slots=True)
class PartsSweepResult:
    """Texts that waited long enough: those to send as they are, and the accounts that are owed reports of the others."""

    to_send: list[list[StoredPart]] = field(default_factory=list)
    owed: set[int] = field(default_factory=set)


def sweep_session_parts(
    tx: SessionPartsTx, asked: Sequence[None], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[PartsSweepResult]:
    """Find texts that waited long enough, up to 100 a call. Those whose account lets them fail end here."""
    answers = []
    for _ in asked:
        swept = PartsSweepResult()
        for keyed in tx.stale_texts(now_ms - COMPLETE_WITHIN_MS):
            text = _with_early(tx, keyed)
            rule = snapshot.accounts_by_id[keyed[0]].missing_parts
            if text and len(text) < text[0].parts and rule is MissingParts.FAIL:
                swept.owed |= _fail(tx, TextFailed(text, EXPIRED), snapshot, ids, now_ms)
            elif text:
                swept.to_send.append(text)
        answers.append(swept)
    return answers


def take_early_parts(tx: SessionPartsTx, keys: Sequence[TextKey]) -> list[list[StoredPart]]:
    """Join early parts to the texts that are whole with them. Returns all parts of each text in order; none if it is not whole, or
    was already.
    """
    tx.lock_wallets({(account_id, Product.SMS) for account_id, _ in keys})
    texts = (_with_early(tx, key) for key in keys)
    return [text if text and len(text) == text[0].parts else [] for text in texts]


def _with_early(tx: SessionPartsTx, key: TextKey) -> list[StoredPart]:
    """Returns the waiting parts of a text in order, after its early parts were joined to it."""
    text = [one for one in tx.parts_of_texts([key]) if not one.task_id]
    if text and len(text) < text[0].parts:
        early = fitting_of(text, tx.parts_of_texts([(key[0], key_of_early(key[1]))]))
        joined = [replace(one, text_key=key[1], task_id=0) for one in early]
        tx.move_parts(joined)
        text += joined
    return sorted(text, key=lambda one: one.part)


def fail_texts(
    tx: SessionPartsTx, batch: Sequence[TextFailed], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[set[int]]:
    """End texts that are not sent: each gets a task that costs nothing, and a report is owed. Returns the accounts that are
    owed.
    """
    return [_fail(tx, one, snapshot, ids, now_ms) for one in batch]


def cancel_parts(
    tx: SessionPartsTx, asked: Sequence[PartAsked], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[set[int]]:
    """Cancel texts of which parts wait, each named by one part. Returns the accounts that are owed, if there was such a text."""
    return [_cancel(tx, one, snapshot, ids, now_ms) for one in asked]


def _cancel(tx: SessionPartsTx, asked: PartAsked, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int) -> set[int]:
    key = tx.key_of_part(asked.account_id, asked.part_id)
    waiting = [one for one in tx.parts_of_texts([key]) if not one.task_id] if key else []
    if not waiting:
        return set()
    return _fail(tx, TextFailed(waiting, CANCELLED, state=MessageState.CANCELLED), snapshot, ids, now_ms)


def _fail(tx: SessionPartsTx, failed: TextFailed, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int) -> set[int]:
    """End one text. A repeat finds no waiting part, and changes nothing."""
    parts = _still_waiting(tx, failed)
    tx.move_parts([replace(one, text_key=own_key(one, parts[0]), task_id=failed.parts[0].id) for one in parts])
    reported = [one for one in parts if one.id != failed.unreported]
    messages = _messages(failed.parts[0], len(parts), ids, now_ms) if reported else []
    if not messages:
        return set()
    _store(tx, failed.parts[0], reported, messages, now_ms)
    count_new(tx, messages, snapshot.prefixes, now_ms)
    verdict = Verdict(failed.state, failed.code, now_ms)
    return end_messages(tx, [(one, verdict, False) for one in tx.lock_messages([m.id for m in messages])], snapshot, now_ms)


def _still_waiting(tx: SessionPartsTx, failed: TextFailed) -> list[StoredPart]:
    """Returns those of the parts that belong to no task yet, in order. Nobody else can take them any more."""
    first, wanted = failed.parts[0], {part.id for part in failed.parts}
    tx.lock_wallets([(first.account_id, Product.SMS)])
    key = tx.key_of_part(first.account_id, first.id)  # another text may have begun in its place
    found = [one for one in tx.parts_of_texts([key]) if one.id in wanted and not one.task_id] if key else []
    return sorted(found, key=lambda one: one.part)


def _messages(first: StoredPart, segments: int, ids: IdSource, now_ms: int) -> list[NewMessage]:
    """Returns a message for each number, of the task that has the first part's id."""
    numbers = orjson.loads(first.facts)["numbers"]
    phones = list(dict.fromkeys(phone for number in numbers if (phone := normalise(number) or as_written(number))))
    return unsent_messages(first.id, first.account_id, phones, segments, ids, now_ms)


def _store(
    tx: SessionPartsTx, first: StoredPart, reported: Sequence[StoredPart], messages: Sequence[NewMessage], now_ms: int
) -> None:
    facts = orjson.loads(first.facts)
    task = NewTask(
        id=first.id,
        account_id=first.account_id,
        product=Product.SMS,
        source=facts["source"],
        address=facts["address"],
        text="",
        extno=facts["extno"],
        numbers=len(messages),
        points=0,
        state=TaskState.RELEASED,
        send_at_ms=now_ms,
        accepted_ms=first.received_ms,
        sms_id=facts["sms_id"],
        first_id=messages[0].id,
        last_id=messages[-1].id,
        customer_message_id=",".join(one.message_id for one in reported),
    )
    submits = [orjson.loads(one.facts) for one in reported]
    reports, pdus = [one["reports"] for one in submits], [one.get("pdu", "") for one in submits]
    tx.add_tasks([task])
    tx.add_session_submits([SessionSubmit(first.id, first.account_id, facts["source_number"], facts["service"], reports, pdus)])
    tx.add_messages(messages)
