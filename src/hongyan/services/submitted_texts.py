"""Which text a part belongs to, of the long texts that customers submit in parts. No I/O.

A part that comes again while others are missing gets its first answer. Another part in its place begins a new text; the parts of the
old text go on waiting under a key of their own.

References of long texts are few, and many programs use one for all texts. So a part of a complete text gets its first answer only in
two cases: its submit has the same client reference, or its session came after one that broke, on which that answer may have been lost:
nothing that was heard later shows that it arrived. Otherwise it begins a new text. So does a part that comes after a text that was
refused or given up.

A part without a reference that gets its first answer may still be of a new text that begins alike. So it is kept beside the old text.
When a part shows that a new text has begun, those before it are parts of the new text. Those behind it are early parts: they may be of
the new text, if its parts came out of order. They are once a part came whose place is behind theirs, or once nothing else came in
their places for a while.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_submit import StoredPart
from hongyan.ports.tx.session_parts import SessionEnds

PROOF_MS = 30 * 1000
"""Octets of a customer that come this long after a part show that its answer arrived."""


@dataclass(frozen=True, slots=True)
class PartTaken:
    """The part as it is stored now or was before; with the last part, all parts of the text in order.

    may_be_whole: whether the text is whole with its early parts
    """

    part: StoredPart
    is_repeat: bool = False
    whole: Sequence[StoredPart] = ()
    may_be_whole: bool = False


class Texts:
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
        text, copies, early = (self._texts.setdefault((part.account_id, key), []) for key in keys_of(part.text_key))
        earlier = _latest(part, text)
        if earlier is not None and self._is_repeat(part, earlier, text, copies):
            if not _has_name_of(part, earlier):
                self._keep_copy(part, earlier, copies)
            return PartTaken(earlier, is_repeat=True, whole=_whole(text))
        if free[part.account_id] <= 0:
            return Refusal(Code.PARTS_MANY, most=most)
        if earlier is not None:
            self._begin_anew(part, text, copies, early)
        free[part.account_id] -= 1
        text.append(part)
        self.added[part.id] = part
        return self._taken(part, text, early)

    def _taken(self, part: StoredPart, text: list[StoredPart], early: list[StoredPart]) -> PartTaken:
        """Answer a part that was stored. Early parts are joined to the text once it has a part behind all of them."""
        fitting = fitting_of(text, early)
        if len(text) + len(fitting) < part.parts:
            return PartTaken(part)
        if max((one.part for one in fitting), default=0) < max(one.part for one in text):
            self._move(fitting, early, text, part.text_key, 0)
        return PartTaken(part, whole=_whole(text), may_be_whole=len(text) < part.parts)

    def _is_repeat(
        self, part: StoredPart, earlier: StoredPart, text: Sequence[StoredPart], copies: Sequence[StoredPart]
    ) -> bool:
        if part.body != earlier.body:
            return False
        was_last = len(text) < earlier.parts or earlier is text[-1]
        if was_last and not earlier.task_id:  # its sender may have been asked to repeat it
            return True
        return _has_name_of(part, earlier) if _name(part) else self._may_lack_answer(part, _latest(part, copies) or earlier)

    def _may_lack_answer(self, part: StoredPart, earlier: StoredPart) -> bool:
        """Whether the session that brought the earlier one broke or is cut off, or was of a process that may have died, since that is seen
        later; and nothing shows that the answer arrived before.
        """
        before, now = self._ends.get(session_of(earlier)), self._ends.get(session_of(part))
        if before is None or now is None or session_of(earlier) == session_of(part):
            return False
        is_elsewhere = before.owner != now.owner or self._is_cut_off(session_of(earlier))
        is_broken = is_elsewhere if before.why is None else bool(before.why)
        return is_broken and earlier.received_ms + PROOF_MS > before.heard_ms

    def _keep_copy(self, part: StoredPart, earlier: StoredPart, copies: list[StoredPart]) -> None:
        """Keep a part that got its first answer: it may be of a new text. It waits for nothing."""
        _, part.text_key, _ = keys_of(part.text_key)
        part.task_id, part.message_id = earlier.id, earlier.message_id
        copies.append(part)
        self.added[part.id] = part

    def _begin_anew(self, part: StoredPart, text: list[StoredPart], copies: list[StoredPart], early: list[StoredPart]) -> None:
        """Begin a text with this part. Those that came are of another one, except those before it that got the answers of that one."""
        before = {one.part: one for one in copies if one.part < part.part}
        self._move(text, text, [], own_key(text[0], text[0]))
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


def keys_of(text_key: str) -> tuple[str, str, str]:
    """Returns the key of a text, that of parts that got the answers of the text there, and that of early parts."""
    return text_key, f"{text_key} again", key_of_early(text_key)


def key_of_early(text_key: str) -> str:
    """Returns the key of copies that came before their text was known to be a new one, and whose places are behind what showed it."""
    return f"{text_key} early"


def fitting_of(text: Sequence[StoredPart], early: Sequence[StoredPart]) -> list[StoredPart]:
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


def session_of(part: StoredPart) -> int:
    return int(orjson.loads(part.facts)["session_id"])


def own_key(part: StoredPart, first: StoredPart) -> str:
    """Returns a key that no later part gets."""
    return f"{part.text_key} {first.id}"


def _whole(text: Sequence[StoredPart]) -> Sequence[StoredPart]:
    is_whole = len(text) == text[0].parts and not any(one.task_id for one in text)
    return sorted(text, key=lambda one: one.part) if is_whole else ()
