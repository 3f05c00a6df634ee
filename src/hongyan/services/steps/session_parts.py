"""Parts of long texts that customers submit over sessions: stored one by one, and joined when the last one came.

The parts of one account are taken one after the other, by the lock on its wallet; so of two processes the second one sees what the
first one stored. A part that comes again while others are missing gets its first answer. Another part in its place begins a new text;
the parts of the old text go on waiting under a key of their own.

References of long texts are few, and many programs use one for all texts. So a part of a complete text gets its first answer only in
two cases: its submit has the same client reference, or its session came after one that broke, on which that answer may have been lost:
nothing that was heard later shows that it arrived. Otherwise it begins a new text. So does a part that comes after a text that was
refused or given up.

A part without a reference that gets its first answer may still be of a new text that begins alike. So it is kept beside the old text.
When a part shows that a new text has begun, those before it are parts of the new text. Those behind it are early parts: they may be of
the new text, if its parts came out of order. They are once a part came whose place is behind theirs, or once nothing else came in
their places for a while.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import orjson

from hongyan.model.account import MissingParts, Product
from hongyan.model.customer_session import SessionSubmit, StoredPart
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, TaskState, Verdict
from hongyan.model.phone import as_written, normalise
from hongyan.model.refusal import Code, Refusal
from hongyan.model.rows import NewMessage, NewTask, unsent_messages
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.session_parts import SessionEnds, SessionPartsTx, TextKey
from hongyan.services.counting import count_new
from hongyan.services.steps.cancelled import CANCELLED
from hongyan.services.steps.ending import end_messages

COMPLETE_WITHIN_MS = 5 * 60 * 1000
"""How long a text waits for its missing parts."""

REPEAT_MS = 10 * 60 * 1000
"""How long a repeated part of a whole text is recognised."""

EARLY_MS = 10 * 1000
"""How long a text that is whole with its early parts waits for others in their places."""

PROOF_MS = 30 * 1000
"""Octets of a customer that come this long after a part show that its answer arrived."""

OPEN_MOST = 5_000
"""The most parts of one account that wait for others."""

REJECTED, EXPIRED = "REJECTD", "EXPIRED"
"""The codes of complete texts that were refused, and of texts whose parts did not all come."""


@dataclass(frozen=True, slots=True)
class PartTaken:
    """The part as it is stored now or was before; with the last part, all parts of the text in order.

    may_be_whole: whether the text is whole with its early parts
    """

    part: StoredPart
    is_repeat: bool = False
    whole: Sequence[StoredPart] = ()
    may_be_whole: bool = False


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


def take_parts(
    tx: SessionPartsTx, batch: Sequence[StoredPart], *, is_cut_off: Callable[[int], bool], now_ms: int, most: int = OPEN_MOST
) -> list[PartTaken | Refusal]:
    """Store parts; returns an answer for each. raises: Refusal PARTS_MANY

    is_cut_off: whether an open session of this process, by its id, gets no answers through to its customer
    """
    accounts = {part.account_id for part in batch}
    tx.lock_wallets({(account_id, Product.SMS) for account_id in accounts})
    stored = [
        part
        for part in tx.parts_of_texts({(part.account_id, key) for part in batch for key in _keys(part.text_key)})
        if not part.task_id or part.received_ms > now_ms - REPEAT_MS
    ]
    answered = _of_whole_texts(stored)
    session_ends = tx.session_ends({_session(part) for part in [*answered, *batch]}) if answered else {}
    texts = _Texts(stored, session_ends, is_cut_off)
    free = {account_id: most - count for account_id, count in tx.open_parts(accounts, most).items()}
    answers = [texts.take(replace(part), free, most) for part in batch]  # the batch stays as it is, since it may be run again
    tx.move_parts(list(texts.moved.values()))
    tx.add_parts(list(texts.added.values()))
    return answers


def _of_whole_texts(stored: Sequence[StoredPart]) -> list[StoredPart]:
    """Returns the parts of texts that were accepted, or would have been if their process had not died."""
    counts = Counter((part.account_id, part.text_key) for part in stored)
    return [part for part in stored if part.task_id or counts[part.account_id, part.text_key] == part.parts]


class _Texts:
    """The texts that a batch touches."""

    def __init__(self, stored: Iterable[StoredPart], session_ends: SessionEnds, is_cut_off: Callable[[int], bool]) -> None:
        """session_ends: of the sessions of this batch, and of those that brought parts of whole texts"""
        self.added: dict[int, StoredPart] = {}
        self.moved: dict[int, StoredPart] = {}  # stored parts that have another key or task now
        self._ends, self._is_cut_off = session_ends, is_cut_off
        self._texts: dict[tuple[int, str], list[StoredPart]] = {}
        for part in stored:
            self._texts.setdefault((part.account_id, part.text_key), []).append(part)

    def take(self, part: StoredPart, free: dict[int, int], most: int) -> PartTaken | Refusal:
        text, copies, early = (self._texts.setdefault((part.account_id, key), []) for key in _keys(part.text_key))
        twin = _latest(part, text)
        if twin is not None and self._is_repeat(part, twin, text, copies):
            if not _has_name_of(part, twin):
                self._keep_copy(part, twin, copies)
            return PartTaken(twin, is_repeat=True, whole=_whole(text))
        if free[part.account_id] <= 0:
            return Refusal(Code.PARTS_MANY, most=most)
        if twin is not None:
            self._begin_anew(part, text, copies, early)
        free[part.account_id] -= 1
        text.append(part)
        self.added[part.id] = part
        return self._taken(part, text, early)

    def _taken(self, part: StoredPart, text: list[StoredPart], early: list[StoredPart]) -> PartTaken:
        """Answer a part that was stored. Early parts are joined to the text once it has a part behind all of them."""
        fitting = _fitting(text, early)
        if len(text) + len(fitting) < part.parts:
            return PartTaken(part)
        if max((one.part for one in fitting), default=0) < max(one.part for one in text):
            self._move(fitting, early, text, part.text_key, 0)
        return PartTaken(part, whole=_whole(text), may_be_whole=len(text) < part.parts)

    def _is_repeat(self, part: StoredPart, twin: StoredPart, text: Sequence[StoredPart], copies: Sequence[StoredPart]) -> bool:
        if part.body != twin.body:
            return False
        if not twin.task_id and (len(text) < twin.parts or twin is text[-1]):  # its sender may have been asked to repeat it
            return True
        return _has_name_of(part, twin) if _name(part) else self._may_lack_answer(part, _latest(part, copies) or twin)

    def _may_lack_answer(self, part: StoredPart, twin: StoredPart) -> bool:
        """Whether the session that brought the twin broke or is cut off, or was of a process that may have died, since that is seen
        later; and nothing shows that the answer arrived before.
        """
        before, now = self._ends.get(_session(twin)), self._ends.get(_session(part))
        if before is None or now is None or _session(twin) == _session(part):
            return False
        is_broken = before.owner != now.owner or self._is_cut_off(_session(twin)) if before.why is None else bool(before.why)
        return is_broken and twin.received_ms + PROOF_MS > before.heard_ms

    def _keep_copy(self, part: StoredPart, twin: StoredPart, copies: list[StoredPart]) -> None:
        """Keep a part that got its first answer: it may be of a new text. It waits for nothing."""
        _, part.text_key, _ = _keys(part.text_key)
        part.task_id, part.message_id = twin.id, twin.message_id
        copies.append(part)
        self.added[part.id] = part

    def _begin_anew(self, part: StoredPart, text: list[StoredPart], copies: list[StoredPart], early: list[StoredPart]) -> None:
        """Begin a text with this part. Those that came are of another one, except those before it that got the answers of that one."""
        before = {one.part: one for one in copies if one.part < part.part}
        self._move(text, text, [], _own_key(text[0], text[0]))
        self._move(before.values(), copies, text, part.text_key, 0)
        self._move(copies, copies, early, key_of_early(part.text_key))

    def _move(
        self,
        parts: Iterable[StoredPart],
        source: list[StoredPart],
        target: list[StoredPart],
        key: str,
        task_id: int | None = None,
    ) -> None:
        """Move parts from one text to another. task_id: None keeps that of each"""
        for one in list(parts):
            source.remove(one)
            target.append(one)
            one.text_key, one.task_id = key, one.task_id if task_id is None else task_id
            if one.id not in self.added:
                self.moved[one.id] = one


def _keys(text_key: str) -> tuple[str, str, str]:
    """Returns the key of a text, that of parts that got the answers of the text there, and that of early parts."""
    return text_key, f"{text_key} again", key_of_early(text_key)


def key_of_early(text_key: str) -> str:
    """Returns the key of copies that came before their text was known to be a new one, and whose places are behind what showed it."""
    return f"{text_key} early"


def _fitting(text: Sequence[StoredPart], early: Sequence[StoredPart]) -> list[StoredPart]:
    """Returns the early parts in place of missing ones, if they came just before the text."""
    if not early or len(text) == text[0].parts:
        return []
    there, since_ms = {one.part for one in text}, min(one.received_ms for one in text) - PROOF_MS
    return list({one.part: one for one in early if one.part not in there and one.received_ms > since_ms}.values())


def _latest(part: StoredPart, text: Sequence[StoredPart]) -> StoredPart | None:
    return next((one for one in reversed(text) if one.part == part.part), None)


def _name(part: StoredPart) -> str:
    """Returns the customer's own reference; "" for none."""
    return str(orjson.loads(part.facts).get("reference", ""))


def _has_name_of(part: StoredPart, other: StoredPart) -> bool:
    return bool(_name(part)) and _name(part) == _name(other)


def _session(part: StoredPart) -> int:
    return int(orjson.loads(part.facts)["session_id"])


def _own_key(part: StoredPart, first: StoredPart) -> str:
    """Returns a key that no later part gets."""
    return f"{part.text_key} {first.id}"


def _whole(text: Sequence[StoredPart]) -> Sequence[StoredPart]:
    is_whole = len(text) == text[0].parts and not any(one.task_id for one in text)
    return sorted(text, key=lambda one: one.part) if is_whole else ()


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
        fitting = _fitting(text, tx.parts_of_texts([(key[0], key_of_early(key[1]))]))
        joined = [replace(one, text_key=key[1], task_id=0) for one in fitting]
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
    tx.move_parts([replace(one, text_key=_own_key(one, parts[0]), task_id=failed.parts[0].id) for one in parts])
    reported = [one for one in parts if one.id != failed.unreported]
    messages = _messages(failed.parts[0], len(parts), ids, now_ms) if reported else []
    if not messages:
        return set()
    _store(tx, failed.parts[0], reported, messages, now_ms)
    count_new(tx, messages, snapshot.prefixes)
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
